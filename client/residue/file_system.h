#pragma once

#include <filesystem>
#include <string>

#include "client/residue/block_device.h"

namespace fieldfare::residue {

/// The file system that holds a path.
struct FileSystem {
    std::string type;  ///< as the kernel names it ("ext4"); empty: not known
    std::string mount_point;
    BlockDevice device;

    bool operator==(const FileSystem&) const = default;
};

/// `path` is absolute and without links; it need not be there yet.
FileSystem read_file_system(const std::filesystem::path& root, const std::filesystem::path& path);

bool in_memory(const FileSystem& file_system);        ///< tmpfs and ramfs: no disk, but swap
bool over_network(const FileSystem& file_system);     ///< another machine keeps it
bool without_owners(const FileSystem& file_system);   ///< FAT and its like: rights of owners are not kept
bool copies_on_write(const FileSystem& file_system);  ///< what is overwritten stays where it was, for a while

/// By dm-crypt below it, or by a file system that encrypts (gocryptfs, eCryptfs, …).
bool encrypted(const FileSystem& file_system);

}  // namespace fieldfare::residue
