#include "client/researcher/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t buffer_size = 256 * 1024;

std::string reason(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return "there is no room left; free some space and run this again";
        case EACCES:
        case EPERM:
            return "you may not write there; choose another folder or change its permissions";
        case EROFS:
            return "that place is read-only; choose another folder";
        case ENOENT:
            return "the folder does not exist; make it or correct the path";
        case ENOTDIR:
            return "a part of the path is a file and not a folder";
        default:
            return std::strerror(error);
    }
}

fs::path folder_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Gives a name to a file that has none: fails with EEXIST when it is taken.
int give_name(int descriptor, const std::string& name) {
    const std::string self = "/proc/self/fd/" + std::to_string(descriptor);
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
}

void sync_folder_of(const fs::path& path) {
    const int folder = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
}

bool is_there(const fs::path& path) {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0;
}

tl::unexpected<Failure> taken(const fs::path& path) {
    return could_not(
        shown(path) +
        " is there already and is not overwritten; give another name, or --force to replace it.");
}

}  // namespace

std::string shown(const fs::path& path) {
    std::string text = path.string();
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
}

Result<OutputFile> OutputFile::create(fs::path path, Overwrite overwrite) {
    struct stat there {};
    const bool exists = ::lstat(path.c_str(), &there) == 0;
    if (exists && overwrite == Overwrite::no) return taken(path);
    if (exists && S_ISDIR(there.st_mode))
        return could_not(shown(path) + " is a folder; give the name of a file.");

    OutputFile file;
    file.path_ = std::move(path);
    file.overwrite_ = overwrite;
    // A file without a name, where the file system has that: then nothing stays even when we are killed.
    file.descriptor_ = ::open(folder_of(file.path_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file.descriptor_ >= 0 && ::access("/proc/self/fd", X_OK) == 0) {  // through which it gets its name
        ::fchmod(file.descriptor_, 0600);
        return file;
    }
    if (file.descriptor_ >= 0) ::close(file.descriptor_);
    std::string name = file.hidden_name();
    file.descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);  // 0600 by definition
    if (file.descriptor_ < 0)
        return could_not(shown(file.path_) + " can't be written: " + reason(errno) + ".");
    file.temporary_ = name;
    return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept {
    *this = std::move(other);
}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
    if (this == &other) return *this;
    drop();
    path_ = std::move(other.path_);
    temporary_ = std::exchange(other.temporary_, {});
    overwrite_ = other.overwrite_;
    descriptor_ = std::exchange(other.descriptor_, -1);
    failed_ = other.failed_;
    buffer_ = std::move(other.buffer_);
    return *this;
}

OutputFile::~OutputFile() {
    drop();
}

void OutputFile::drop() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    if (!temporary_.empty()) ::unlink(std::exchange(temporary_, {}).c_str());
}

Result<void> OutputFile::write(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() < buffer_size && !failed_) return {};
    return flush();
}

Result<void> OutputFile::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && !failed_) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            failed_ = true;
            return could_not(shown(path_) + " can't be written: " + reason(errno) + ".");
        }
    }
    buffer_.clear();
    if (failed_) return could_not(shown(path_) + " can't be written after an earlier failure.");
    return {};
}

std::string OutputFile::hidden_name() const {
    return (path_.parent_path() / ("." + path_.filename().string() + ".XXXXXX")).string();
}

Result<void> OutputFile::make_durable() {
    if (auto flushed = flush(); !flushed) return flushed;
    if (::fsync(descriptor_) != 0)
        return could_not(shown(path_) + " can't be written: " + reason(errno) + ".");
    return {};
}

Result<void> OutputFile::commit() {
    if (auto durable = make_durable(); !durable) return durable;
    if (auto named = get_name(); !named) return named;
    sync_folder_of(path_);
    return {};
}

Result<std::string> OutputFile::read_back() {
    if (auto durable = make_durable(); !durable) return tl::unexpected(durable.error());
    struct stat there {};
    if (::fstat(descriptor_, &there) != 0)
        return could_not(shown(path_) + " can't be read again: " + reason(errno) + ".");
    (void)::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);  // or memory would answer
    std::string bytes(static_cast<std::size_t>(there.st_size), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t got =
            ::pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return could_not("What was written to " + shown(path_) +
                             " can't be read again: " + reason(got < 0 ? errno : EIO) + ".");
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<void> OutputFile::finish() {
    auto flushed = flush();
    std::string().swap(buffer_);
    return flushed;
}

Result<void> OutputFile::commit_all(std::span<OutputFile> files) {
    if (files.empty()) return {};
    for (OutputFile& file : files)
        if (auto flushed = file.flush(); !flushed) return flushed;
    // fsync() of each waits for the disk each time: ten times as long for a file of 20 KB.
    if (::syncfs(files.front().descriptor_) != 0)
        return could_not(shown(folder_of(files.front().path_)) + " can't be written: " + reason(errno) + ".");
    for (OutputFile& file : files)
        if (auto named = file.get_name(); !named && !is_there(file.path_)) return named;
    sync_folder_of(files.front().path_);
    return {};
}

Result<void> OutputFile::get_name() {
    auto named = overwrite_ == Overwrite::yes ? replace() : appear();
    if (!named) return named;
    temporary_.clear();
    drop();
    return {};
}

/// Under its name, which must be free.
Result<void> OutputFile::appear() {
    const int named = temporary_.empty() ? give_name(descriptor_, path_)
                                         : ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(),
                                                       RENAME_NOREPLACE);
    if (named == 0) return {};
    if (errno == EEXIST) return taken(path_);
    if (!temporary_.empty() && errno == EINVAL) {  // a file system that can't promise it: look, then rename
        if (::access(path_.c_str(), F_OK) == 0) return taken(path_);
        if (::rename(temporary_.c_str(), path_.c_str()) == 0) return {};
    }
    return could_not(shown(path_) + " can't be written: " + reason(errno) + ".");
}

/// In the place of what has its name: only a rename does that in one step, so it needs another name before.
Result<void> OutputFile::replace() {
    if (temporary_.empty()) {
        std::string name = hidden_name();
        if (const int reserved = ::mkostemp(name.data(), O_CLOEXEC); reserved >= 0) {
            ::close(reserved);
            ::unlink(name.c_str());
            if (give_name(descriptor_, name) == 0) temporary_ = name;
        }
    }
    if (!temporary_.empty() && ::rename(temporary_.c_str(), path_.c_str()) == 0) return {};
    return could_not(shown(path_) + " can't be written: " + reason(errno) + ".");
}

Result<void> write_file(const fs::path& path, std::string_view bytes, Overwrite overwrite) {
    auto file = OutputFile::create(path, overwrite);
    if (!file) return tl::unexpected(file.error());
    if (auto written = file->write(bytes); !written) return written;
    return file->commit();
}

namespace {

tl::unexpected<Failure> longer_than(const fs::path& path, std::size_t limit) {
    return could_not(shown(path) + " is longer than such a file can be (" + std::to_string(limit) +
                     " bytes).");
}

enum class Beyond { cut, refused };

/// The first bytes of a file, `most` at the most. What is refused for its size is not read at all.
Result<std::string> read_at_most(const fs::path& path, std::size_t most, Beyond beyond) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return could_not(shown(path) + (errno == ENOENT ? " does not exist; correct the path."
                                        : errno == EACCES
                                            ? " can't be read: you have no permission to."
                                            : std::string(" can't be read: ") + std::strerror(errno) + "."));
    }
    std::string bytes;
    struct stat there {};
    if (::fstat(descriptor, &there) == 0 && S_ISREG(there.st_mode)) {
        const auto size = static_cast<std::size_t>(there.st_size);
        if (beyond == Beyond::refused && size > most) {
            ::close(descriptor);
            return longer_than(path, most);
        }
        bytes.reserve(std::min(size, most));
    }
    if (beyond == Beyond::refused) ++most;  // one more tells whether it has grown, or is a pipe
    std::array<char, 65536> block;
    ssize_t got = 0;
    while (bytes.size() < most) {
        got = ::read(descriptor, block.data(), std::min(block.size(), most - bytes.size()));
        if (got == 0 || (got < 0 && errno != EINTR)) break;
        if (got > 0) bytes.append(block.data(), static_cast<std::size_t>(got));
    }
    const int error = errno;
    ::close(descriptor);
    if (got < 0) {
        return could_not(shown(path) + (error == EISDIR
                                            ? " is a folder; a file is wanted."
                                            : std::string(" can't be read: ") + std::strerror(error) + "."));
    }
    return bytes;
}

}  // namespace

Result<std::string> read_head(const fs::path& path, std::size_t size) {
    return read_at_most(path, size, Beyond::cut);
}

Result<std::string> read_file(const fs::path& path, std::size_t limit) {
    auto bytes = read_at_most(path, limit, Beyond::refused);
    if (bytes && bytes->size() > limit) return longer_than(path, limit);
    return bytes;
}

Result<void> make_folder(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return {};
    const mode_t before = ::umask(077);
    fs::create_directories(path, error);
    ::umask(before);
    if (error)
        return could_not("The folder " + shown(path) + " can't be made: " + reason(error.value()) + ".");
    return {};
}

Result<void> make_own_folder(const fs::path& path) {
    std::error_code error;
    const auto type = fs::symlink_status(path, error).type();
    if (type != fs::file_type::not_found && type != fs::file_type::directory)
        return could_not(shown(path) + " is no folder of ours; move it away, and open again.");
    return make_folder(path);
}

}  // namespace fieldfare::researcher
