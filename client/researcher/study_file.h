#pragma once

#include <filesystem>
#include <span>

#include "client/researcher/exit_code.h"
#include "client/study/study_package.h"
#include "crypto/study_material.h"

namespace fieldfare::researcher {

/// A .ffstudy whose signature was verified. Whose root it is, only its fingerprint tells.
Result<study::StudyPackage> read_study(const std::filesystem::path& file);

/// YYYY-MM-DD of a calendar day, or nothing.
std::optional<std::chrono::sys_days> parse_iso_day(std::string_view text);
std::string iso_day(std::chrono::sys_days day);
std::chrono::sys_days today_utc();

/// What a study file has for opening batches, and earlier ones: each batch is packed with the dictionary of
/// the version that it began under.
void add_material(crypto::StudyMaterial& to, const study::StudyPackage& study);
crypto::StudyMaterial material_of(const study::StudyPackage& study);
/// Of a file; nothing of an empty path.
Result<crypto::StudyMaterial> material_of(const std::filesystem::path& study);
Result<crypto::StudyMaterial> material_of(const study::StudyPackage& study,
                                          std::span<const std::filesystem::path> earlier);

/// "keep" or "remove": what becomes of a device's sealed files when its passphrase that destroys is typed.
std::string when_destroyed(const study::Policy& policy);
/// "any" or "proxy", as `study build --network` has it.
std::string network_word(const study::Policy& policy);

/// "01234 56789 …" of the supervisor who can give devices their keys back; empty: there is none.
std::string supervisor_fingerprint(const study::Policy& policy);

}  // namespace fieldfare::researcher
