#include "schema/readers/xlsx_value.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace fieldfare::schema::readers {
namespace {

std::string clock_text(std::int64_t seconds) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", static_cast<int>(seconds / 3600 % 24),
                  static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
    return text.data();
}

std::string date_text(double value, bool epoch_1904) {
    constexpr std::int64_t day_seconds = 24 * 60 * 60;
    auto days = static_cast<std::int64_t>(std::floor(value));
    auto seconds = std::llround((value - std::floor(value)) * static_cast<double>(day_seconds));
    if (seconds == day_seconds) {
        ++days;
        seconds = 0;
    }
    if (days == 0 && !epoch_1904) return clock_text(seconds);
    // Day 1 is 1 January 1900, and there is a day 60, the 29 February 1900 that never was.
    using namespace std::chrono;
    sys_days day = epoch_1904 ? sys_days{1904y / January / 1} : sys_days{1899y / December / 31};
    day += std::chrono::days{!epoch_1904 && days > 59 ? days - 1 : days};
    const year_month_day date{day};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return seconds == 0 ? std::string(text.data()) : std::string(text.data()) + "T" + clock_text(seconds);
}

}  // namespace

std::string number_text(std::string_view stored, NumberStyle style, bool epoch_1904) {
    double value = 0;
    const auto [end, error] = std::from_chars(stored.data(), stored.data() + stored.size(), value);
    if (error != std::errc{} || end != stored.data() + stored.size() || !std::isfinite(value))
        return std::string(stored);
    constexpr double last_day = 2958465;  // 9999-12-31
    if (style == NumberStyle::date && value >= 0 && value < last_day + 1) return date_text(value, epoch_1904);
    std::array<char, 400> text{};
    // 15 digits are what a spreadsheet shows: 0.1 + 0.2 is stored as 0.30000000000000004.
    std::array<char, 40> rounded{};
    std::snprintf(rounded.data(), rounded.size(), "%.15g", value);
    double shown = value;
    std::from_chars(rounded.data(), rounded.data() + std::string_view(rounded.data()).size(), shown);
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), shown, std::chars_format::fixed);
    return {text.data(), written.ptr};
}

NumberStyle style_of_format(std::uint32_t id, std::string_view code) {
    if (code.empty()) {
        // ECMA-376 part 1, 18.8.30: the formats that need no definition, East Asian ones included.
        const bool date = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
                          (id >= 50 && id <= 58);
        return date ? NumberStyle::date : NumberStyle::number;
    }
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char c = code[i];
        if (c == '"') {
            i = code.find('"', i + 1);
        } else if (c == '[') {
            // "[Red]" and "[$-409]" say nothing; "[h]" is a length of time, read as a number of days.
            i = code.find(']', i + 1);
        } else if (c == '\\' || c == '_' || c == '*') {
            ++i;
        } else if (c == ';') {
            break;
        } else if (std::string_view("dDmMyYhHsS").find(c) != std::string_view::npos) {
            return NumberStyle::date;
        }
        if (i == code.npos) break;
    }
    return NumberStyle::number;
}

std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '_' && i + 6 < text.size() && text[i + 1] == 'x' && text[i + 6] == '_') {
            const char* begin = text.data() + i + 2;
            const auto [end, error] = std::from_chars(begin, begin + 4, code, 16);
            // Only what is ASCII: others are written as they are by every program.
            if (error == std::errc{} && end == begin + 4 && code < 0x80) {
                out += static_cast<char>(code);
                i += 6;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

}  // namespace fieldfare::schema::readers
