#include "client/collector/environment.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "crypto/random.h"

namespace fieldfare::collector {
namespace {

std::string formatted(const std::tm& time, const char* format) {
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

/// "+0200" as strftime writes it becomes "+02:00", as XML Schema wants it.
std::string with_colon(std::string offset) {
    if (offset.size() == 5) offset.insert(3, ":");
    return offset;
}

}  // namespace

std::uint64_t random_64_bits() {
    std::array<std::uint8_t, 8> bytes{};
    if (!crypto::fill_random(bytes)) std::abort();
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), bytes.size());
    return number;
}

std::chrono::sys_days utc_day() {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

app::Environment read_environment() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    std::tm utc{};
    localtime_r(&now, &local);
    gmtime_r(&now, &utc);
    app::Environment environment;
    environment.random = random_64_bits;
    environment.utc_day = formatted(utc, "%Y-%m-%d");
    environment.today = formatted(local, "%Y-%m-%d");
    environment.now = formatted(local, "%Y-%m-%dT%H:%M:%S.000") + with_colon(formatted(local, "%z"));
    // Goes on while the machine sleeps, unlike steady_clock: a closed lid counts as idle.
    std::timespec tick{};
    clock_gettime(CLOCK_BOOTTIME, &tick);
    environment.tick_ms = std::int64_t{tick.tv_sec} * 1000 + tick.tv_nsec / 1'000'000;
    return environment;
}

}  // namespace fieldfare::collector
