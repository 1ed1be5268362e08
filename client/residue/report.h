#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "client/residue/finding.h"
#include "client/residue/screen.h"
#include "client/residue/variables.h"

namespace fieldfare::residue {

/// What the report must be told of the program.
struct Program {
    std::filesystem::path profile;  ///< absolute, without links; need not be there
    std::uint64_t lock_bytes_needed = 0;
    WindowLibrary window_library = WindowLibrary::x11;
    int landlock_version = 0;    ///< of this kernel; 0: it has none
    bool filters_calls = false;  ///< this kernel has seccomp filters
};

using Findings = std::vector<Finding>;

/// What look_around opens, with all that is below: a process that reports can give up reading anything else.
std::vector<std::filesystem::path> read_for_report(const std::filesystem::path& root,
                                                   const Variables& variables,
                                                   const std::filesystem::path& profile);

/// What the machine below `root` ("/", but for tests) would keep of what is typed, or let others see. Reads
/// only; needs no display and no passphrase.
Findings look_around(const std::filesystem::path& root, const Variables& variables, const Program& program);

/// Whether keys may come to stand on a disk that is not known to be encrypted: more memory is to be locked
/// than this process may lock, and the system writes to such a disk. For the form app to say at its start,
/// and for the command line before it takes a passphrase.
bool keys_may_be_swapped(const std::filesystem::path& root, std::uint64_t lock_bytes_needed);

/// The worst that the machine below `root` may write of this program's memory to a disk that is not
/// encrypted, or not known to be, for the form app to say at its start.
enum class OnDisk {
    nothing,        ///< that is known of
    all_memory,     ///< hibernation is set up, and where it writes to is not known to be encrypted
    what_is_typed,  ///< swap is not encrypted; answers are never locked into memory
    keys            ///< keys_may_be_swapped
};
OnDisk worst_on_disk(const std::filesystem::path& root, std::uint64_t lock_bytes_needed);

std::string as_text(const Findings& findings);
std::string as_json(const Findings& findings);  ///< one object, one line

bool anything_bad(const Findings& findings);

}  // namespace fieldfare::residue
