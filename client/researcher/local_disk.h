#pragma once

#include <cstdint>

namespace fieldfare::researcher {

/// Whether a file system of that kind (statfs(2), f_type) is of this machine alone, so that whoever writes to
/// it holds locks that this machine sees. False for shares, for what a program serves (FUSE), and for what is
/// not known here.
bool is_local_disk(std::uint32_t kind);

/// Of an open file or folder.
bool is_on_local_disk(int descriptor);

}  // namespace fieldfare::researcher
