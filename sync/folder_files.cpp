#include "sync/folder_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace fieldfare::sync {

namespace {

constexpr std::string_view temporary_prefix = ".fieldfare-";
constexpr std::string_view temporary_ending = ".part";
constexpr mode_t may_be_passed_on = S_ISGID | S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO;
constexpr unsigned int rename_noreplace = 1;  // RENAME_NOREPLACE: <stdio.h> has it only under _GNU_SOURCE

tl::unexpected<Errno> failure(Errno number = errno) {
    return tl::unexpected<Errno>(number);
}

// A name that no other writer picks; it need not be secret.
std::string temporary_name() {
    std::array<unsigned char, 8> random{};
    for (std::size_t have = 0; have < random.size();) {
        const ssize_t n = ::getrandom(random.data() + have, random.size() - have, 0);
        if (n < 0 && errno != EINTR) std::abort();  // the kernel has no randomness: nothing here may go on
        if (n > 0) have += static_cast<std::size_t>(n);
    }
    std::string name(temporary_prefix);
    for (unsigned char byte : random) {
        constexpr std::string_view digits = "0123456789abcdef";
        name += digits[byte >> 4];
        name += digits[byte & 15];
    }
    return name.append(temporary_ending);
}

// File systems say in several ways that they don't have a call; anything else is a real failure.
bool is_not_offered(Errno number) {
    return number == EINVAL || number == ENOSYS || number == EOPNOTSUPP || number == ENOTTY ||
           number == EMLINK;
}

SystemResult<void> rename_new(int from, const char* old_name, int to, const char* new_name) {
    if (::syscall(SYS_renameat2, from, old_name, to, new_name, rename_noreplace) != 0) return failure();
    return {};
}

SystemResult<void> link_new(int from, const char* old_name, int to, const char* new_name) {
    if (::linkat(from, old_name, to, new_name, 0) != 0) return failure();
    if (::unlinkat(from, old_name, 0) != 0) return failure();
    return {};
}

SystemResult<void> reserve_new(int from, const char* old_name, int to, const char* new_name) {
    const int reserved = ::openat(to, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (reserved < 0) return failure();
    ::close(reserved);
    if (::renameat(from, old_name, to, new_name) != 0) {
        const Errno number = errno;
        ::unlinkat(to, new_name, 0);
        return failure(number);
    }
    return {};
}

SystemResult<void> publish(int from, const char* old_name, int to, const char* new_name, Publish first) {
    if (first == Publish::rename) {
        auto done = rename_new(from, old_name, to, new_name);
        if (done || !is_not_offered(done.error())) return done;
    }
    if (first != Publish::reserve) {
        auto done = link_new(from, old_name, to, new_name);
        // FAT and some network mounts answer EPERM to link(2); a folder that may not be written says so again
        // below.
        if (done || !(is_not_offered(done.error()) || done.error() == EPERM)) return done;
    }
    return reserve_new(from, old_name, to, new_name);
}

SystemResult<Descriptor> open_below(const Descriptor& parent, const std::string& name, int how = O_RDONLY) {
    const int number = ::openat(parent.number(), name.c_str(), how | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (number < 0) return failure(errno == ELOOP ? ENOTDIR : errno);
    return Descriptor(number);
}

bool is_passed_through(int folder) {
    return (::fcntl(folder, F_GETFL) & O_PATH) != 0;
}

SystemResult<void> sync_number(int folder) {
    if (is_passed_through(folder)) return {};  // can't be synced
    // Some file systems can't sync a folder and say EINVAL; their rename is as durable as they can.
    if (::fsync(folder) == 0 || errno == EINVAL || errno == EOPNOTSUPP) return {};
    return failure();
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

SystemResult<Descriptor> open_folder(const std::filesystem::path& path) {
    const int number = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) return failure();
    return Descriptor(number);
}

SystemResult<Descriptor> pass_through_folder(const std::filesystem::path& path) {
    const int number = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) return failure();
    return Descriptor(number);
}

SystemResult<Descriptor> pass_through_subfolder(const Descriptor& parent, const std::string& name) {
    return open_below(parent, name, O_PATH);
}

SystemResult<Descriptor> open_subfolder(const Descriptor& parent, const std::string& name,
                                        IfMissing if_missing) {
    auto folder = open_below(parent, name);
    if (folder || folder.error() != ENOENT || if_missing == IfMissing::fail) return folder;
    if (::mkdirat(parent.number(), name.c_str(), 0700) != 0 && errno != EEXIST) return failure();
    if (auto done = sync_folder(parent); !done) return failure(done.error());
    return open_below(parent, name);
}

SystemResult<Descriptor> open_shared_subfolder(const Descriptor& parent, const std::string& name,
                                               const Descriptor& store) {
    auto folder = open_below(parent, name);
    if (folder || folder.error() != ENOENT) return folder;
    struct stat status {};
    if (::fstat(store.number(), &status) != 0) return failure();
    const mode_t rights = (status.st_mode & may_be_passed_on) | S_IRWXU;
    const bool made = ::mkdirat(parent.number(), name.c_str(), rights) == 0;
    if (!made && errno != EEXIST) return failure();
    folder = open_below(parent, name);
    if (folder && made) {
        // Not fatal: FAT and many shares keep no rights of their own, and not everybody is in the group.
        static_cast<void>(::fchown(folder->number(), static_cast<uid_t>(-1), status.st_gid));
        static_cast<void>(::fchmod(folder->number(), rights));
        if (auto done = sync_folder(*folder); !done) return failure(done.error());
    }
    if (auto done = sync_folder(parent); !done) return failure(done.error());
    return folder;
}

SystemResult<Descriptor> open_file(const Descriptor& folder, const std::string& name) {
    // O_NONBLOCK: a pipe put there by somebody else must not hang us.
    const int number =
        ::openat(folder.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (number < 0) return failure(errno == ELOOP || errno == ENXIO ? EINVAL : errno);
    Descriptor file(number);
    struct stat status {};
    if (::fstat(number, &status) != 0) return failure();
    if (!S_ISREG(status.st_mode)) return failure(EINVAL);
    return file;
}

SystemResult<std::uint64_t> size_of(const Descriptor& file) {
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) return failure();
    return static_cast<std::uint64_t>(status.st_size);
}

SystemResult<std::uint64_t> size_in(const Descriptor& folder, const std::string& name) {
    struct stat status {};
    if (::fstatat(folder.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return failure();
    if (!S_ISREG(status.st_mode)) return failure(EINVAL);
    return static_cast<std::uint64_t>(status.st_size);
}

SystemResult<std::chrono::sys_days> day_of(const Descriptor& file) {
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) return failure();
    return std::chrono::floor<std::chrono::days>(
        std::chrono::sys_seconds(std::chrono::seconds(status.st_mtim.tv_sec)));
}

SystemResult<std::size_t> read_some(const Descriptor& file, std::span<std::uint8_t> buffer) {
    for (;;) {
        const ssize_t n = ::read(file.number(), buffer.data(), buffer.size());
        if (n >= 0) return static_cast<std::size_t>(n);
        if (errno != EINTR) return failure();
    }
}

SystemResult<void> back_to_start(const Descriptor& file) {
    if (::lseek(file.number(), 0, SEEK_SET) != 0) return failure();
    return {};
}

SystemResult<crypto::Bytes> read_file(const Descriptor& folder, const std::string& name,
                                      std::size_t max_size) {
    auto file = open_file(folder, name);
    if (!file) return failure(file.error());
    auto size = size_of(*file);
    if (!size) return failure(size.error());
    if (*size > max_size) return failure(EFBIG);
    crypto::Bytes bytes(static_cast<std::size_t>(*size) + 1);
    std::size_t have = 0;
    for (;;) {
        auto n = read_some(*file, std::span(bytes).subspan(have));
        if (!n) return failure(n.error());
        if (*n == 0) break;
        have += *n;
        if (have > max_size) return failure(EFBIG);
        if (have == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(have);
    return bytes;
}

SystemResult<bool> exists(const Descriptor& folder, const std::string& name) {
    struct stat status {};
    if (::fstatat(folder.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno == ENOENT) return false;
    return failure();
}

SystemResult<std::vector<std::string>> files_in(const Descriptor& folder, std::size_t most) {
    // A second descriptor: readdir moves the place of the first, and fdopendir takes what it is given.
    const int again = ::openat(folder.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (again < 0) return failure();
    DIR* list = ::fdopendir(again);
    if (list == nullptr) {
        const Errno number = errno;
        ::close(again);
        return failure(number);
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(list)) {
        if (names.size() == most) {
            errno = E2BIG;
            break;
        }
        bool regular = entry->d_type == DT_REG;
        if (entry->d_type == DT_UNKNOWN) {
            const auto size = size_in(folder, entry->d_name);
            regular = size || (size.error() != ENOENT && size.error() != EINVAL);
        }
        if (regular) names.emplace_back(entry->d_name);
        errno = 0;
    }
    const Errno number = errno;
    ::closedir(list);
    if (number != 0) return failure(number);
    return names;
}

SystemResult<void> remove_file(const Descriptor& folder, const std::string& name) {
    if (::unlinkat(folder.number(), name.c_str(), 0) != 0) return failure();
    return sync_folder(folder);
}

SystemResult<void> sync_folder(const Descriptor& folder) {
    return sync_number(folder.number());
}

SystemResult<TemporaryFile> TemporaryFile::create(const Descriptor& folder, Access access) {
    for (int attempt = 0; attempt < 8; ++attempt) {
        std::string name = temporary_name();
        const int number =
            ::openat(folder.number(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     access == Access::owner ? 0600 : 0644);
        if (number < 0) {
            if (errno == EEXIST) continue;
            return failure();
        }
        TemporaryFile file(folder.number(), std::move(name), Descriptor(number));
        // A cleaner may come between open and lock: then the file is gone, or will be. Where locks are not
        // offered, only its age protects a file.
        if (::flock(number, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) continue;
        struct stat status {};
        if (::fstat(number, &status) == 0 && status.st_nlink == 0) continue;
        if (access == Access::everyone) static_cast<void>(::fchmod(number, 0644));  // FAT refuses: no failure
        return file;
    }
    return failure(EEXIST);
}

TemporaryFile::~TemporaryFile() {
    // A moved-from file has no descriptor and, by the moved string, no name.
    if (!name_.empty() && file_.number() >= 0) ::unlinkat(folder_, name_.c_str(), 0);
}

SystemResult<void> TemporaryFile::write(crypto::ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(file_.number(), bytes.data(), bytes.size());
        if (n < 0) {
            if (errno == EINTR) continue;
            return failure();
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
}

SystemResult<void> TemporaryFile::finish_writing(std::chrono::sys_days day) {
    const timespec midnight{std::chrono::sys_seconds(day).time_since_epoch().count(), 0};
    const std::array<timespec, 2> times{midnight, midnight};
    // Not fatal: some shares refuse to set times, and the day stands in the name or the note as well.
    static_cast<void>(::futimens(file_.number(), times.data()));
    if (::fsync(file_.number()) != 0) return failure();
    return {};
}

SystemResult<void> TemporaryFile::publish_new(const std::string& name, std::chrono::sys_days day,
                                              Publish first) {
    if (auto done = finish_writing(day); !done) return done;
    if (auto done = publish(folder_, name_.c_str(), folder_, name.c_str(), first); !done) return done;
    name_.clear();
    if (is_passed_through(folder_) && ::fsync(file_.number()) != 0) return failure();  // and so its name
    return sync_number(folder_);
}

SystemResult<void> TemporaryFile::publish_over(const std::string& name, std::chrono::sys_days day) {
    if (auto done = finish_writing(day); !done) return done;
    if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) return failure();
    name_.clear();
    return sync_number(folder_);
}

SystemResult<void> replace_file(const Descriptor& folder, const std::string& name, crypto::ByteView bytes,
                                std::chrono::sys_days day, Access access) {
    auto file = TemporaryFile::create(folder, access);
    if (!file) return failure(file.error());
    if (auto done = file->write(bytes); !done) return done;
    return file->publish_over(name, day);
}

SystemResult<void> move_new(const Descriptor& from, const std::string& old_name, const Descriptor& to,
                            const std::string& new_name, Publish first) {
    if (auto done = publish(from.number(), old_name.c_str(), to.number(), new_name.c_str(), first); !done) {
        return done;
    }
    // The new name first: a power cut may show the file in both places, never in none.
    if (auto done = sync_folder(to); !done) return done;
    return sync_folder(from);
}

void remove_stale_temporaries(const Descriptor& folder, std::chrono::seconds age) {
    const auto names = files_in(folder);
    if (!names) return;
    for (const std::string& name : *names) {
        if (!name.starts_with(temporary_prefix) || !name.ends_with(temporary_ending)) continue;
        auto file = open_file(folder, name);
        if (!file || ::flock(file->number(), LOCK_EX | LOCK_NB) != 0) continue;
        struct stat status {};
        if (::fstat(file->number(), &status) != 0) continue;
        // ctime: the times that we set ourselves tell nothing.
        if (std::chrono::seconds(::time(nullptr) - status.st_ctim.tv_sec) < age) continue;
        ::unlinkat(folder.number(), name.c_str(), 0);
    }
}

}  // namespace fieldfare::sync
