#include "client/collector/environment.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "crypto/random.h"
#include "schema/local_clock.h"

namespace fieldfare::collector {
namespace {

std::string formatted(const std::tm& time, const char* format) {
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

}  // namespace

std::uint64_t random_64_bits() {
    std::array<std::uint8_t, 8> bytes{};
    if (!crypto::fill_random(bytes)) std::abort();
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), bytes.size());
    return number;
}

std::string iso_day(std::chrono::sys_days days) {
    const std::chrono::year_month_day day(days);
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return text.data();
}

std::chrono::sys_days utc_day() {
    return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

app::Environment read_environment() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    app::Environment environment;
    environment.random = random_64_bits;
    environment.utc_day = formatted(utc, "%Y-%m-%d");
    environment.now = schema::local_time_now();
    environment.today = environment.now.substr(0, 10);
    environment.offset_minutes = schema::local_offset_minutes;
    // Goes on while the machine sleeps, unlike steady_clock: a closed lid counts as idle.
    std::timespec tick{};
    clock_gettime(CLOCK_BOOTTIME, &tick);
    environment.tick_ms = std::int64_t{tick.tv_sec} * 1000 + tick.tv_nsec / 1'000'000;
    return environment;
}

}  // namespace fieldfare::collector
