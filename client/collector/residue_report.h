#pragma once

#include <filesystem>

#include "client/residue/variables.h"

namespace fieldfare::collector {

enum class ReportForm { text, json };

/// What the form app locks into memory at most: the pages of the open vault, which SQLCipher locks (its cache
/// holds 2 MB), and a page for each key and passphrase. 1.1 MB were seen.
constexpr std::uint64_t lock_bytes_needed = 4 << 20;

/// Writes the residue report of this machine to standard output. 0, or 1 when something is bad, or 3 when it
/// could not be written. First gives up all that it does not need (confine_alone), for good: this thread,
/// before there is another.
int residue_report(const residue::Variables& variables, const std::filesystem::path& profile,
                   ReportForm form);

}  // namespace fieldfare::collector
