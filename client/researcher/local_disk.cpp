#include "client/researcher/local_disk.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>

namespace fieldfare::researcher {

bool is_local_disk(std::uint32_t kind) {
    constexpr std::array<std::uint32_t, 12> local{
        0xEF53,      // ext2, ext3, ext4
        0x58465342,  // XFS
        0x9123683E,  // Btrfs
        0x2FC12FC1,  // ZFS
        0xF2F52010,  // F2FS
        0x4D44,      // FAT
        0x2011BAB0,  // exFAT
        0x7366746E,  // NTFS, by the kernel
        0x01021994,  // tmpfs
        0x858458F6,  // ramfs
        0x794C7630,  // overlayfs
        0x482B,      // HFS+
    };
    return std::ranges::find(local, kind) != local.end();
}

bool is_on_local_disk(int descriptor) {
    struct statfs status {};
    return ::fstatfs(descriptor, &status) == 0 && is_local_disk(static_cast<std::uint32_t>(status.f_type));
}

}  // namespace fieldfare::researcher
