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

/// The compression dictionaries of a study file and of earlier ones: batches are packed with that of the
/// version that they were sealed under.
Result<crypto::StudyMaterial> dictionaries_of(const study::StudyPackage& study,
                                                   std::span<const std::filesystem::path> earlier);

}  // namespace fieldfare::researcher
