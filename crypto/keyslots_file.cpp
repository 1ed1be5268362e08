#include "crypto/keyslots_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>

namespace fieldfare::crypto::keyslots {

namespace {

class File {
  public:
    File(const std::filesystem::path& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    bool opened() const { return descriptor_ >= 0; }

    bool write_at(std::size_t offset, ByteView bytes) const {
        while (!bytes.empty()) {
            const ssize_t written =
                ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(written));
            offset += static_cast<std::size_t>(written);
        }
        return true;
    }

    bool sync() const { return ::fsync(descriptor_) == 0; }

    std::optional<std::size_t> size() const {
        struct stat found {};
        if (::fstat(descriptor_, &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
        return static_cast<std::size_t>(found.st_size);
    }

    /// Fills all of `bytes`.
    bool read_at(std::size_t offset, std::span<std::uint8_t> bytes) const {
        while (!bytes.empty()) {
            const ssize_t got = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(got));
            offset += static_cast<std::size_t>(got);
        }
        return true;
    }

  private:
    int descriptor_;
};

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Some media have no such thing as a sync of a folder.
Result<void> sync_folder_of(const std::filesystem::path& path) {
    const File folder(folder_of(path), O_RDONLY | O_DIRECTORY);
    if (folder.opened() && (folder.sync() || errno == EINVAL || errno == EOPNOTSUPP)) return {};
    return tl::unexpected(Error::not_writable);
}

}  // namespace

Result<ReadFile> read_file(const std::filesystem::path& path, std::size_t limit, std::size_t part) {
    const File file(path, O_RDONLY);
    if (!file.opened() && errno == ENOENT) return tl::unexpected(Error::not_found);
    if (!file.opened()) return tl::unexpected(errno == EACCES ? Error::not_writable : Error::not_readable);
    const auto size = file.size();
    if (!size || *size > limit) return tl::unexpected(Error::damaged);
    ReadFile read{Bytes(*size), {}};
    bool any = read.bytes.empty();
    for (std::size_t at = 0; at < read.bytes.size(); at += part) {
        const auto of_part = std::span(read.bytes).subspan(at, std::min(part, read.bytes.size() - at));
        // A disk that fails once is asked again.
        const bool given = file.read_at(at, of_part) || file.read_at(at, of_part);
        if (!given) {
            std::ranges::fill(of_part, std::uint8_t{0});
            read.lost.push_back(at);
        }
        any = any || given;
    }
    if (!any) return tl::unexpected(Error::not_readable);
    return read;
}

Result<void> create_file(const std::filesystem::path& path, ByteView bytes) {
    std::filesystem::path fresh = path;
    fresh += ".new";
    {
        const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
        if (!file.opened() || !file.write_at(0, bytes) || !file.sync()) {
            if (file.opened()) ::unlink(fresh.c_str());
            return tl::unexpected(Error::not_writable);
        }
    }
    // link, unlike rename, never replaces what is there. FAT knows no links: there, look first.
    bool linked = ::link(fresh.c_str(), path.c_str()) == 0;
    const int fault = errno;
    if (linked) {
        ::unlink(fresh.c_str());
    } else if (fault == EPERM || fault == ENOTSUP || fault == ENOSYS) {
        linked = ::access(path.c_str(), F_OK) != 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
    }
    if (!linked) {
        const bool there = ::access(path.c_str(), F_OK) == 0;
        ::unlink(fresh.c_str());
        return tl::unexpected(there ? Error::already_there : Error::not_writable);
    }
    return sync_folder_of(path);
}

Result<void> sync_file(const std::filesystem::path& path) {
    const File file(path, O_RDONLY);
    if (!file.opened() || !file.sync()) return tl::unexpected(Error::not_writable);
    return sync_folder_of(path);
}

Result<void> overwrite(const std::filesystem::path& path, std::size_t offset, ByteView bytes) {
    const File file(path, O_WRONLY);
    if (!file.opened() || !file.write_at(offset, bytes) || !file.sync())
        return tl::unexpected(Error::not_writable);
    return {};
}

}  // namespace fieldfare::crypto::keyslots
