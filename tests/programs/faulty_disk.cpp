// A disk that fails where it is told to. Linked into a program, these functions stand before the C library's,
// also for the libraries that the program uses; whatever changes a file below FIELDFARE_DISK is counted, from
// 1, and then done.
//
//     FIELDFARE_DISK_FAULT=kill N     the process dies (SIGKILL) before the Nth change
//                          torn N     the same, after half of it where it is a write
//                          full N     from the Nth change on nothing new fits: ENOSPC, a write half done
//                          sync N     the Nth fsync fails with EIO. What it should have written stays to be
//                                     read and never gets to the disk: the next fsync says that all is well
//     FIELDFARE_DISK_UNREADABLE=NAME N
//                                     the sector (512 bytes) from byte N on of a file NAME is not given back
//                                     by pread: EIO, until something is written over it
//     FIELDFARE_DISK_KIND=poor        a memory stick as cameras format them: no hard links, no rename that
//                                     spares what is there, no rights, no times, no fsync of a folder
//     FIELDFARE_DISK_LOG=FILE         each change that was done, and each word on descriptor 3, is appended
//     (disk_log.h)
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include "tests/support/disk_log.h"

using fieldfare::tests::DiskChange;

namespace {

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

ssize_t real_write(int file, const void* bytes, std::size_t size) {
    static auto* const function = next<ssize_t(int, const void*, std::size_t)>("write");
    return function(file, bytes, size);
}

class Disk {
  public:
    static Disk& get() {
        static auto* const disk = new Disk;  // there until the very end
        return *disk;
    }

    /// Refuses what the medium does not offer.
    bool lacks(const std::string& path, int number) const {
        if (!poor_ || !(has(path) || has(path + "/"))) return false;
        errno = number;
        return true;
    }

    bool has(const std::string& path) const { return !root_.empty() && path.starts_with(root_ + "/"); }

    std::string path_of(int file) const {
        if (root_.empty()) return {};
        std::array<char, PATH_MAX> path{};
        const std::string link = "/proc/self/fd/" + std::to_string(file);
        const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
        return size > 0 ? std::string(path.data(), static_cast<std::size_t>(size)) : std::string();
    }
    std::string path_at(int folder, const char* name) const {
        if (root_.empty() || name[0] == '/') return name;
        if (folder == AT_FDCWD) return name;
        return path_of(folder) + "/" + name;
    }

    /// One change: counted, made to fail if it is its turn, else done and written down. `does` answers as the
    /// system does, `half` does half of a write.
    template <typename Does, typename Half>
    auto change(DiskChange::Kind kind, const std::string& path, const std::string& other,
                std::string_view data, std::uint64_t number, const Does& does, const Half& half)
        -> decltype(does()) {
        const std::lock_guard lock(mutex_);
        const bool is_sync = kind == DiskChange::Kind::sync;
        if (!is_sync || fault_ != "sync") ++changes_;
        if (is_sync && fault_ == "sync" && ++syncs_ == turn_) {
            log({DiskChange::Kind::failed_sync, path, other, {}, 0});
            errno = EIO;
            return -1;
        }
        if (changes_ == turn_ && (fault_ == "kill" || fault_ == "torn")) {
            if (fault_ == "torn") (void)half();
            ::kill(::getpid(), SIGKILL);
        }
        const bool adds = kind != DiskChange::Kind::sync && kind != DiskChange::Kind::unlink &&
                          kind != DiskChange::Kind::rename && kind != DiskChange::Kind::truncate;
        if (fault_ == "full" && turn_ > 0 && changes_ >= turn_ && adds) {
            if (changes_ == turn_) {
                const auto done = half();
                if (done > 0) {
                    log({kind, path, other, std::string(data.substr(0, static_cast<std::size_t>(done))),
                         number});
                    return done;
                }
            }
            errno = ENOSPC;
            return -1;
        }
        const auto done = does();
        if (done >= 0) {
            const bool wrote = kind == DiskChange::Kind::write;
            log({kind, path, other,
                 std::string(wrote ? data.substr(0, static_cast<std::size_t>(done)) : data), number});
        }
        return done;
    }
    template <typename Does>
    auto change(DiskChange::Kind kind, const std::string& path, const std::string& other,
                std::uint64_t number, const Does& does) -> decltype(does()) {
        return change(kind, path, other, {}, number, does, [] { return decltype(does())(0); });
    }

    /// Whether the bad sector is among these bytes.
    bool has_lost(const std::string& path, std::uint64_t from, std::uint64_t size) {
        const std::lock_guard lock(mutex_);
        return !lost_.empty() && has(path) && path.ends_with("/" + lost_) && from < lost_at_ + 512 &&
               lost_at_ < from + size;
    }
    void remaps(const std::string& path, std::uint64_t from, std::uint64_t size) {
        if (!has_lost(path, from, size)) return;
        const std::lock_guard lock(mutex_);
        lost_.clear();
    }

    void told(std::string_view words) {
        const std::lock_guard lock(mutex_);
        log({DiskChange::Kind::told, {}, {}, std::string(words), 0});
    }

  private:
    Disk() {
        const char* root = ::getenv("FIELDFARE_DISK");
        if (root != nullptr) root_ = root;
        if (const char* fault = ::getenv("FIELDFARE_DISK_FAULT")) {
            const std::string text = fault;
            fault_ = text.substr(0, text.find(' '));
            turn_ = std::strtoull(text.substr(text.find(' ') + 1).c_str(), nullptr, 10);
        }
        if (const char* sector = ::getenv("FIELDFARE_DISK_UNREADABLE")) {
            const std::string text = sector;
            lost_ = text.substr(0, text.find(' '));
            lost_at_ = std::strtoull(text.substr(text.find(' ') + 1).c_str(), nullptr, 10);
        }
        if (const char* kind = ::getenv("FIELDFARE_DISK_KIND")) poor_ = std::string_view(kind) == "poor";
        if (const char* file = ::getenv("FIELDFARE_DISK_LOG"))
            log_ = static_cast<int>(
                ::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    }
    void log(const DiskChange& change) const {
        if (log_ < 0) return;
        const std::string bytes = change.bytes();
        if (real_write(log_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) ::abort();
    }

    std::mutex mutex_;
    std::string root_, fault_, lost_;
    std::uint64_t lost_at_ = 0;
    bool poor_ = false;
    std::uint64_t turn_ = 0, changes_ = 0, syncs_ = 0;
    int log_ = -1;
};

/// What open() adds to the disk: a name, or an end to what a file held.
int opened(const std::string& path, int flags, const auto& does) {
    Disk& disk = Disk::get();
    if ((flags & O_CREAT) == 0 && (flags & O_TRUNC) == 0) return does();
    if (!disk.has(path)) return does();
    const bool there = ::faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (!there) return disk.change(DiskChange::Kind::create, path, {}, 0, does);
    if ((flags & O_TRUNC) != 0) return disk.change(DiskChange::Kind::truncate, path, {}, 0, does);
    return does();
}

template <typename Write>
ssize_t written(int file, const void* bytes, std::size_t size, std::uint64_t offset, const Write& write) {
    Disk& disk = Disk::get();
    if (file == 3) {
        disk.told({static_cast<const char*>(bytes), size});
        return write(size);
    }
    const std::string path = disk.path_of(file);
    if (!disk.has(path)) return write(size);
    const ssize_t done = disk.change(
        DiskChange::Kind::write, path, {}, {static_cast<const char*>(bytes), size}, offset,
        [&] { return write(size); }, [&] { return size > 1 ? write(size / 2) : ssize_t{0}; });
    if (done > 0) disk.remaps(path, offset, static_cast<std::uint64_t>(done));
    return done;
}

ssize_t given_back(int file, void* bytes, std::size_t size, off_t offset) {
    Disk& disk = Disk::get();
    if (disk.has_lost(disk.path_of(file), static_cast<std::uint64_t>(offset), size)) {
        errno = EIO;
        return -1;
    }
    return next<ssize_t(int, void*, std::size_t, off_t)>("pread")(file, bytes, size, offset);
}

int synced(int file, const char* name) {
    auto* const function = next<int(int)>(name);
    Disk& disk = Disk::get();
    const std::string path = disk.path_of(file);
    if (!disk.has(path) && !disk.has(path + "/")) return function(file);
    struct stat status {};
    if (::fstat(file, &status) == 0 && S_ISDIR(status.st_mode) && disk.lacks(path, EINVAL)) return -1;
    return disk.change(DiskChange::Kind::sync, path, {}, 0, [&] { return function(file); });
}

int truncated(const std::string& path, off_t size, const auto& does) {
    Disk& disk = Disk::get();
    if (!disk.has(path)) return does();
    return disk.change(DiskChange::Kind::truncate, path, {}, static_cast<std::uint64_t>(size), does);
}

std::string joined(const iovec* pieces, int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
        all.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    return all;
}

int renamed(const std::string& from, const std::string& to, const auto& does) {
    Disk& disk = Disk::get();
    return disk.has(to) ? disk.change(DiskChange::Kind::rename, from, to, 0, does) : does();
}

int linked(const std::string& from, const std::string& to, const auto& does) {
    Disk& disk = Disk::get();
    if (disk.lacks(to, EPERM)) return -1;
    return disk.has(to) ? disk.change(DiskChange::Kind::link, from, to, 0, does) : does();
}

int unlinked(const std::string& path, const auto& does) {
    Disk& disk = Disk::get();
    return disk.has(path) ? disk.change(DiskChange::Kind::unlink, path, {}, 0, does) : does();
}

int made(const std::string& path, const auto& does) {
    Disk& disk = Disk::get();
    return disk.has(path) ? disk.change(DiskChange::Kind::make_folder, path, {}, 0, does) : does();
}

mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, unsigned))
                                                : mode_t{0};
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(path, flags, [&] { return next<int(const char*, int, ...)>("open")(path, flags, mode); });
}
int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(path, flags, [&] { return next<int(const char*, int, ...)>("open64")(path, flags, mode); });
}
int openat(int folder, const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return opened(Disk::get().path_at(folder, name), flags,
                  [&] { return next<int(int, const char*, int, ...)>("openat")(folder, name, flags, mode); });
}
ssize_t write(int file, const void* bytes, std::size_t size) {
    const off_t here = ::lseek(file, 0, SEEK_CUR);
    return written(file, bytes, size, here < 0 ? 0 : static_cast<std::uint64_t>(here),
                   [&](std::size_t part) { return real_write(file, bytes, part); });
}
ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
    auto* const function = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
    return written(file, bytes, size, static_cast<std::uint64_t>(offset),
                   [&](std::size_t part) { return function(file, bytes, part, offset); });
}
ssize_t pwrite64(int file, const void* bytes, std::size_t size, off_t offset) {
    auto* const function = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite64");
    return written(file, bytes, size, static_cast<std::uint64_t>(offset),
                   [&](std::size_t part) { return function(file, bytes, part, offset); });
}
ssize_t pread(int file, void* bytes, std::size_t size, off_t offset) {
    return given_back(file, bytes, size, offset);
}
ssize_t __pread_chk(int file, void* bytes, std::size_t size, off_t offset, std::size_t) {
    return given_back(file, bytes, size, offset);
}
// As one write.
ssize_t writev(int file, const iovec* pieces, int count) {
    const std::string all = joined(pieces, count);
    return ::write(file, all.data(), all.size());
}
ssize_t pwritev(int file, const iovec* pieces, int count, off_t offset) {
    const std::string all = joined(pieces, count);
    return ::pwrite(file, all.data(), all.size(), offset);
}
ssize_t pwritev64(int file, const iovec* pieces, int count, off_t offset) {
    return ::pwritev(file, pieces, count, offset);
}
int ftruncate64(int file, off_t size) noexcept {
    return truncated(Disk::get().path_of(file), size,
                     [&] { return next<int(int, off_t)>("ftruncate64")(file, size); });
}
int ftruncate(int file, off_t size) noexcept {
    return ftruncate64(file, size);
}
int truncate64(const char* path, off_t size) noexcept {
    return truncated(path, size, [&] { return next<int(const char*, off_t)>("truncate64")(path, size); });
}
int truncate(const char* path, off_t size) noexcept {
    return truncate64(path, size);
}
int fsync(int file) {
    return synced(file, "fsync");
}
int fdatasync(int file) {
    return synced(file, "fdatasync");
}
int rename(const char* from, const char* to) noexcept {
    return renamed(from, to, [&] { return next<int(const char*, const char*)>("rename")(from, to); });
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
    Disk& disk = Disk::get();
    return renamed(disk.path_at(from_folder, from), disk.path_at(to_folder, to), [&] {
        return next<int(int, const char*, int, const char*)>("renameat")(from_folder, from, to_folder, to);
    });
}
int link(const char* from, const char* to) noexcept {
    return linked(from, to, [&] { return next<int(const char*, const char*)>("link")(from, to); });
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
    Disk& disk = Disk::get();
    return linked(disk.path_at(from_folder, from), disk.path_at(to_folder, to), [&] {
        return next<int(int, const char*, int, const char*, int)>("linkat")(from_folder, from, to_folder, to,
                                                                            flags);
    });
}
int unlink(const char* path) noexcept {
    return unlinked(path, [&] { return next<int(const char*)>("unlink")(path); });
}
int unlinkat(int folder, const char* name, int flags) noexcept {
    return unlinked(Disk::get().path_at(folder, name),
                    [&] { return next<int(int, const char*, int)>("unlinkat")(folder, name, flags); });
}
int rmdir(const char* path) noexcept {
    return unlinked(path, [&] { return next<int(const char*)>("rmdir")(path); });
}
/// std::filesystem::remove comes here, and from here no way leads back out of the C library.
int remove(const char* path) noexcept {
    return unlinked(path, [&] { return next<int(const char*)>("remove")(path); });
}
int mkdir(const char* path, mode_t mode) noexcept {
    return made(path, [&] { return next<int(const char*, mode_t)>("mkdir")(path, mode); });
}
int mkdirat(int folder, const char* name, mode_t mode) noexcept {
    return made(Disk::get().path_at(folder, name),
                [&] { return next<int(int, const char*, mode_t)>("mkdirat")(folder, name, mode); });
}
int chmod(const char* path, mode_t mode) noexcept {
    return Disk::get().lacks(path, EPERM) ? -1 : next<int(const char*, mode_t)>("chmod")(path, mode);
}
int fchmod(int file, mode_t mode) noexcept {
    Disk& disk = Disk::get();
    return disk.lacks(disk.path_of(file), EPERM) ? -1 : next<int(int, mode_t)>("fchmod")(file, mode);
}
int futimens(int file, const timespec* times) noexcept {
    Disk& disk = Disk::get();
    return disk.lacks(disk.path_of(file), EPERM) ? -1
                                                 : next<int(int, const timespec*)>("futimens")(file, times);
}
/// renameat2 has no function of its own where we call it.
long syscall(long number, ...) noexcept {
    va_list arguments;
    va_start(arguments, number);
    std::array<long, 6> given{};
    for (long& one : given) one = va_arg(arguments, long);
    va_end(arguments);
    const auto does = [&] {
        return next<long(long, ...)>("syscall")(number, given[0], given[1], given[2], given[3], given[4],
                                                given[5]);
    };
    if (number != SYS_renameat2) return does();
    Disk& disk = Disk::get();
    const std::string from =
        disk.path_at(static_cast<int>(given[0]), reinterpret_cast<const char*>(given[1]));
    const std::string to = disk.path_at(static_cast<int>(given[2]), reinterpret_cast<const char*>(given[3]));
    if (given[4] != 0 && disk.lacks(to, EINVAL)) return -1;
    return renamed(from, to, [&] { return static_cast<int>(does()); });
}

}  // extern "C"
