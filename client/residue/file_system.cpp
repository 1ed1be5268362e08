#include "client/residue/file_system.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "client/residue/system_file.h"

namespace fieldfare::residue {
namespace {

namespace fs = std::filesystem;

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

bool holds(const std::string& mount_point, const std::string& path) {
    if (mount_point == "/") return true;
    return path.starts_with(mount_point) &&
           (path.size() == mount_point.size() || path[mount_point.size()] == '/');
}

}  // namespace

FileSystem read_file_system(const fs::path& root, const fs::path& path) {
    const auto table = text_of(below(root, "/proc/self/mountinfo"));
    FileSystem found;
    if (!table) return found;
    std::string device_number, source;
    // proc(5): … major:minor root mount-point options [optional fields] - type source super-options. Of two
    // mounts on one point the later one is seen.
    for (const std::string& line : lines_of(*table)) {
        const auto words = words_of(line);
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 7 || std::distance(dash, words.end()) < 3) continue;
        const std::string point = unescaped(words[4]);
        if (!holds(point, path.string()) || point.size() < found.mount_point.size()) continue;
        found.mount_point = point;
        found.type = dash[1];
        device_number = words[2];
        source = unescaped(dash[2]);
    }
    std::error_code failed;
    const fs::path by_number = fs::canonical(below(root, "/sys/dev/block") / device_number, failed);
    if (!device_number.empty() && !failed) {
        found.device = read_block_device(root, by_number.filename().string());
    } else if (source.starts_with("/dev/")) {
        found.device = read_device_file(root, source);  // btrfs shows a number that no device has
    }
    return found;
}

bool in_memory(const FileSystem& file_system) {
    return file_system.type == "tmpfs" || file_system.type == "ramfs";
}

bool over_network(const FileSystem& file_system) {
    constexpr std::array<std::string_view, 17> types{
        "nfs",        "nfs4",        "cifs",      "smb3",           "smbfs",          "afs",
        "ceph",       "glusterfs",   "9p",        "davfs",          "fuse.sshfs",     "fuse.davfs2",
        "fuse.davfs", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "fuse.gvfsd-fuse"};
    return one_of(types, file_system.type);
}

bool without_owners(const FileSystem& file_system) {
    constexpr std::array<std::string_view, 8> types{"vfat",    "msdos", "exfat",        "hfs",
                                                    "hfsplus", "ntfs",  "fuse.ntfs-3g", "fuse.exfat"};
    return one_of(types, file_system.type);
}

bool copies_on_write(const FileSystem& file_system) {
    constexpr std::array<std::string_view, 7> types{"btrfs",  "zfs",     "bcachefs", "f2fs",
                                                    "nilfs2", "overlay", "jffs2"};
    return one_of(types, file_system.type);
}

bool encrypted(const FileSystem& file_system) {
    constexpr std::array<std::string_view, 6> types{"ecryptfs",   "fuse.gocryptfs", "fuse.encfs",
                                                    "fuse.cryfs", "fuse.securefs",  "fuse.veracrypt"};
    return file_system.device.encrypted || one_of(types, file_system.type);
}

}  // namespace fieldfare::residue
