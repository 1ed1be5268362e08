#include "sync/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace fieldfare::sync {

namespace {
constexpr unsigned never_executed = 8;  // MFD_NOEXEC_SEAL, which Debian 12's headers don't have
}

MemoryFile::MemoryFile(Descriptor file) : file_(std::move(file)) {}

SystemResult<MemoryFile> MemoryFile::of(std::string_view content) {
    constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int number = ::memfd_create("fieldfare", flags | never_executed);
    if (number < 0 && errno == EINVAL) number = ::memfd_create("fieldfare", flags);  // before Linux 6.3
    if (number < 0) return tl::unexpected(errno);
    Descriptor file(number);
    while (!content.empty()) {
        const ssize_t n = ::write(number, content.data(), content.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return tl::unexpected(errno);
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fcntl(number, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return tl::unexpected(errno);
    MemoryFile done(std::move(file));
    const int again = ::open(done.path().c_str(), O_RDONLY | O_CLOEXEC);  // is there a /proc?
    if (again < 0) return tl::unexpected(errno);
    ::close(again);
    return done;
}

std::string MemoryFile::path() const {
    return "/proc/self/fd/" + std::to_string(file_.number());
}

}  // namespace fieldfare::sync
