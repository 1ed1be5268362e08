#pragma once

#include <string>

#include "client/researcher/exit_code.h"
#include "client/researcher/opening.h"

namespace fieldfare::researcher {

/// Findings when something was refused, was salvaged, is missing, went two ways or contradicts itself.
ExitCode verdict_of(const Opening& opening);

/// For people, in whole lines; goes to the terminal and into report.txt. Says nothing of time or place, so
/// that the same inbox gives the same bytes.
std::string report_text(const Opening& opening, const study::Roster& roster);

/// The members of `open --json`'s object that come from the inbox.
class JsonObject;
void put_report(JsonObject& object, const Opening& opening, const study::Roster& roster);

/// quarantine/NAME.txt for each file that was refused or salvaged: the sentence, and words for machines: the
/// reason; which records are lost, and which submissions were salvaged. `folder` is made when
/// there is something to write; with Overwrite::yes reasons of an earlier run go.
Result<void> write_quarantine(const std::filesystem::path& folder, const Opening& opening,
                              Overwrite overwrite);

}  // namespace fieldfare::researcher
