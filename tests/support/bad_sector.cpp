#include "tests/support/bad_sector.h"

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

namespace fieldfare::test {

namespace {

struct Place {
    std::filesystem::path file;
    std::size_t begin;
};
std::optional<Place> bad;

ssize_t given_back(int file, void* bytes, std::size_t size, off_t offset) {
    const auto from = static_cast<std::size_t>(offset);
    std::error_code none;
    if (bad && from < bad->begin + 512 && bad->begin < from + size &&
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), none) == bad->file) {
        errno = EIO;
        return -1;
    }
    return static_cast<ssize_t>(::syscall(SYS_pread64, file, bytes, size, offset));
}

}  // namespace

BadSector::BadSector(const std::filesystem::path& file, std::size_t at) {
    bad = Place{std::filesystem::canonical(file), at / 512 * 512};
}

BadSector::~BadSector() {
    bad.reset();
}

}  // namespace fieldfare::test

// They stand before the C library's.
extern "C" ssize_t pread(int file, void* bytes, std::size_t size, off_t offset) {
    return fieldfare::test::given_back(file, bytes, size, offset);
}
extern "C" ssize_t pread64(int file, void* bytes, std::size_t size, off_t offset) {
    return fieldfare::test::given_back(file, bytes, size, offset);
}
extern "C" ssize_t __pread_chk(int file, void* bytes, std::size_t size, off_t offset, std::size_t) {
    return fieldfare::test::given_back(file, bytes, size, offset);
}
