#pragma once

#include <filesystem>
#include <string>

namespace fieldfare::residue {

/// What lies below a file system or a swap area, as far as the kernel tells. A disk that encrypts by itself
/// does not show here.
struct BlockDevice {
    bool known = false;      ///< the kernel lists it; the rest says nothing otherwise
    bool encrypted = false;  ///< whatever is written there passes through dm-crypt
    bool flash = false;      ///< some disk below does not rotate: it writes elsewhere what is "overwritten"
    bool made_up =
        false;  ///< a disk of a virtual machine, or over a network: what it is made of doesn't show
    bool compressed_memory = false;  ///< zram without a disk behind it: no disk at all

    bool operator==(const BlockDevice&) const = default;
};

/// By a name of /sys/class/block ("sda2", "dm-0").
BlockDevice read_block_device(const std::filesystem::path& root, const std::string& name);

/// By a path of /dev; links such as /dev/mapper/… are followed.
BlockDevice read_device_file(const std::filesystem::path& root, const std::filesystem::path& device);

}  // namespace fieldfare::residue
