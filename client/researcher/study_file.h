#pragma once

#include <filesystem>

#include "client/researcher/exit_code.h"
#include "client/study/study_package.h"

namespace fieldfare::researcher {

/// A .ffstudy whose signature was verified. Whose root it is, only its fingerprint tells.
Result<study::StudyPackage> read_study(const std::filesystem::path& file);

/// YYYY-MM-DD of a calendar day, or nothing.
std::optional<std::chrono::sys_days> parse_iso_day(std::string_view text);
std::string iso_day(std::chrono::sys_days day);
std::chrono::sys_days today_utc();

}  // namespace fieldfare::researcher
