#include "client/researcher/sealed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "client/researcher/output_file.h"
#include "crypto/hash.h"

namespace fieldfare::researcher {
namespace {

crypto::Result<void> read_all(int descriptor, std::uint64_t at, std::span<std::uint8_t> into) {
    while (!into.empty()) {
        const ssize_t got = ::pread(descriptor, into.data(), into.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return tl::unexpected(crypto::Error::not_readable);
        if (got == 0) return tl::unexpected(crypto::Error::damaged);  // shorter than it was
        into = into.subspan(static_cast<std::size_t>(got));
        at += static_cast<std::uint64_t>(got);
    }
    return {};
}

}  // namespace

Result<SealedFile> SealedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    struct stat about {};
    if (descriptor < 0 || ::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
        if (descriptor >= 0) ::close(descriptor);
        return could_not(shown(path) + " can't be read.");
    }
    return SealedFile(descriptor, static_cast<std::uint64_t>(about.st_size));
}

SealedFile::SealedFile(int descriptor, std::uint64_t size)
    : descriptor_(descriptor), source_{size, [descriptor](std::uint64_t at, std::span<std::uint8_t> into) {
                                           return read_all(descriptor, at, into);
                                       }} {}

SealedFile::SealedFile(SealedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), source_(std::move(other.source_)) {}

SealedFile::~SealedFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

crypto::Result<crypto::Digest> SealedFile::sha256() const {
    crypto::Sha256 sha256;
    std::vector<std::uint8_t> piece(65536);
    for (std::uint64_t at = 0; at < source_.size;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), source_.size - at));
        const auto bytes = std::span(piece).first(size);
        if (auto read = source_.read(at, bytes); !read) return tl::unexpected(read.error());
        sha256.update(bytes);
        at += size;
    }
    return sha256.finish();
}

}  // namespace fieldfare::researcher
