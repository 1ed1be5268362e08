#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fieldfare::test {

/// What stands in a file now, one of /proc too; nothing where it can't be read. In large pieces: tests are
/// not optimised, and an iterator of a stream takes them a hundred times as long.
inline std::string whole_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<char> piece(1 << 16);
    std::string all;
    do {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        all.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    } while (file);
    return all;
}

}  // namespace fieldfare::test
