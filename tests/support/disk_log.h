#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fieldfare::tests {

/// One thing that a program did to its disk, or said, in the order in which it did
/// (programs/faulty_disk.cpp).
struct DiskChange {
    enum class Kind : std::uint8_t {
        write,
        truncate,
        create,
        rename,
        link,
        unlink,
        make_folder,
        sync,
        failed_sync,
        told
    };
    Kind kind = Kind::told;
    std::string path, other;   ///< absolute; `other` of rename and link: the new name
    std::string data;          ///< of write; and what was told
    std::uint64_t number = 0;  ///< offset of write, size after truncate

    std::string bytes() const;
};
std::vector<DiskChange> read_disk_log(const std::filesystem::path& file);

}  // namespace fieldfare::tests
