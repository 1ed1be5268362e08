#include "client/collector/recovery_files.h"

#include <unistd.h>

#include <fstream>
#include <system_error>

#include "client/collector/small_file.h"
#include "client/store/profile.h"

namespace fieldfare::collector {
namespace {

constexpr std::uintmax_t largest_answer = 4096;  // far above any

tl::unexpected<app::Message> refuse(const char* why) {
    return tl::unexpected(app::Message{why, {}});
}

}  // namespace

std::filesystem::path write_request(const std::filesystem::path& profile, crypto::ByteView request) {
    const auto file = std::filesystem::absolute(store::recovery_request_file(profile));
    const std::string_view bytes(reinterpret_cast<const char*>(request.data()), request.size());
    return write_small_file(file, bytes) ? file : std::filesystem::path();
}

void remove_request(const std::filesystem::path& profile) {
    ::unlink(store::recovery_request_file(profile).c_str());
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
