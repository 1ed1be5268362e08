#include "client/store/failed_tries.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>

namespace fieldfare::store {

namespace {

constexpr int most = 999;
constexpr std::size_t width = 3;  ///< in digits

std::filesystem::path tries_file(const std::filesystem::path& profile) {
    return profile / "tries";
}

}  // namespace

int failed_tries(const std::filesystem::path& profile) {
    std::ifstream file(tries_file(profile));
    std::string line;
    if (!std::getline(file, line)) return 0;
    int tries = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), tries);
    if (read.ec != std::errc{} || read.ptr != line.data() + line.size()) return 0;
    return std::clamp(tries, 0, most);
}

void set_failed_tries(const std::filesystem::path& profile, int tries) {
    const auto path = tries_file(profile);
    if (tries <= 0) {
        ::unlink(path.c_str());
        return;
    }
    // Over the old number and as long as it, so that a full disk takes the new one, or leaves the old.
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return;
    const std::string digits = std::to_string(std::min(tries, most));
    const std::string text = std::string(width - digits.size(), '0') + digits + "\n";
    if (::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size())) ::fsync(file);
    ::close(file);
}

int seconds_to_wait(int failed) {
    constexpr int first = 5, longest = 60;
    int seconds = failed < free_tries ? 0 : first;
    for (int i = free_tries; i < failed && seconds < longest; ++i) seconds *= 2;
    return std::min(seconds, longest);
}

}  // namespace fieldfare::store
