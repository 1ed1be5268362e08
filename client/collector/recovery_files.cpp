#include "client/collector/recovery_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "client/collector/small_file.h"
#include "client/store/faults.h"
#include "client/store/profile.h"

namespace fieldfare::collector {
namespace {

constexpr std::uintmax_t largest_answer = 4096;  // far above any

tl::unexpected<app::Message> refuse(const char* why) {
    return tl::unexpected(app::Message{why, {}});
}

/// Until it is closed, or the process ends however it ends. -1 and errno: EWOULDBLOCK where another holds it.
/// For writing: NFS locks nothing else so.
int hold(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0 || ::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
    const int number = errno;
    ::close(file);
    errno = number;
    return -1;
}

}  // namespace

store::Result<RequestFile> RequestFile::write(const std::filesystem::path& profile,
                                              crypto::ByteView request) {
    if (!remove_left_request(profile)) return tl::unexpected(store::Error::in_use);
    const auto path = std::filesystem::absolute(store::recovery_request_file(profile));
    const std::string_view bytes(reinterpret_cast<const char*>(request.data()), request.size());
    if (!write_small_file(path, bytes)) return tl::unexpected(store::Error::not_writable);
    const int file = hold(path);
    if (file < 0)
        return tl::unexpected(errno == EWOULDBLOCK ? store::Error::in_use : store::from_errno(errno));
    return RequestFile(path, file);
}

RequestFile::RequestFile(RequestFile&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

RequestFile::~RequestFile() {
    if (file_ < 0) return;
    ::unlink(path_.c_str());
    ::close(file_);
}

bool remove_left_request(const std::filesystem::path& profile) {
    const auto path = store::recovery_request_file(profile);
    const int file = hold(path);
    if (file < 0 && errno == EWOULDBLOCK) return false;
    ::unlink(path.c_str());
    if (file >= 0) ::close(file);
    return true;
}

tl::expected<crypto::Bytes, app::Message> read_answer(const std::string& path) {
    const std::filesystem::path file(std::u8string(path.begin(), path.end()));
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed)) return refuse("recovery.no_file");
    const auto size = std::filesystem::file_size(file, failed);
    if (failed) return refuse("recovery.unreadable");
    if (size > largest_answer) return refuse("recovery.no_answer");
    crypto::Bytes bytes(size);
    std::ifstream stream(file, std::ios::binary);
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!stream || stream.gcount() != static_cast<std::streamsize>(size))
        return refuse("recovery.unreadable");
    return bytes;
}

}  // namespace fieldfare::collector
