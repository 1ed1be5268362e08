#pragma once

#include <cstddef>
#include <filesystem>

namespace fieldfare::test {

/// A sector (512 bytes) of a file that the disk does not give back to pread, SQLCipher's included, as long as
/// this lives: EIO. One at a time.
class BadSector {
  public:
    /// The one in which byte `at` stands, of a file that is there.
    BadSector(const std::filesystem::path& file, std::size_t at);
    ~BadSector();
    BadSector(const BadSector&) = delete;
    BadSector& operator=(const BadSector&) = delete;
};

}  // namespace fieldfare::test
