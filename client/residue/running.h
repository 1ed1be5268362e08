#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "client/residue/finding.h"

namespace fieldfare::residue {

/// Names of the programs that run and that this person may see, sorted, each once; cut to 15 characters by
/// the kernel. Empty when /proc can't be read.
std::vector<std::string> read_running(const std::filesystem::path& root);

/// Clipboard managers keep what is copied, some on the disk. One that is built into the desktop shows no
/// name.
Finding judge_clipboard(const std::vector<std::string>& running);

/// Programs that show or record the screen. There is no verdict "good": one may bear any name.
Finding judge_watchers(const std::vector<std::string>& running);

/// Those of `known` that run.
std::vector<std::string> among(const std::vector<std::string>& running,
                               const std::vector<std::string>& known);

std::string listed(const std::vector<std::string>& names);  ///< "a, b"

}  // namespace fieldfare::residue
