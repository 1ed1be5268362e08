#include "sync/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace fieldfare::sync {

MemoryFile::MemoryFile(Descriptor file) : file_(std::move(file)) {}

SystemResult<MemoryFile> MemoryFile::of(std::string_view content) {
    const int number = ::memfd_create("fieldfare", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (number < 0) return tl::unexpected(errno);
    Descriptor file(number);
    while (!content.empty()) {
        const ssize_t n = ::write(number, content.data(), content.size());
        if (n < 0) return tl::unexpected(errno);
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fcntl(number, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return tl::unexpected(errno);
    return MemoryFile(std::move(file));
}

std::string MemoryFile::path() const {
    return "/proc/self/fd/" + std::to_string(file_.number());
}

}  // namespace fieldfare::sync
