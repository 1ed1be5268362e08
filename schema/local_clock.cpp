#include "schema/local_clock.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace fieldfare::schema {
namespace {

std::tm local_time(std::int64_t seconds_since_1970) {
    const auto seconds = static_cast<std::time_t>(seconds_since_1970);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return local;
}

}  // namespace

std::string local_time_now() {
    const auto since_1970 = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::system_clock::now().time_since_epoch())
                                .count();
    const std::tm local = local_time(since_1970 / 1000);
    const int offset = static_cast<int>(local.tm_gmtoff / 60);
    char date[40], rest[40];
    const std::size_t length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
    std::snprintf(rest, sizeof rest, ".%03d%c%02d:%02d", static_cast<int>(since_1970 % 1000),
                  offset < 0 ? '-' : '+', std::abs(offset) / 60, std::abs(offset) % 60);
    return std::string(date, length) + rest;
}

int local_offset_minutes(std::int64_t seconds_since_1970) {
    return static_cast<int>(local_time(seconds_since_1970).tm_gmtoff / 60);
}

}  // namespace fieldfare::schema
