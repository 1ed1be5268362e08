#include <cmath>
#include <cstdio>
#include <limits>

#include "schema/date_text.h"
#include "schema/evaluator.h"
#include "schema/function_tables.h"

namespace fieldfare::schema {
namespace {

int offset_here(World& world) {
    const auto now = parse_moment(world.now());
    return now ? now->offset_minutes.value_or(0) : 0;
}

// "1970-1-2" as "1970-01-02": date() of ODK's engines takes both.
std::string with_two_digits(std::string text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    for (const std::size_t at : {std::size_t{5}, std::size_t{8}}) {
        if (at >= text.size() || text[at - 1] != '-' || !digit(text[at])) return text;
        if (at + 1 == text.size() || !digit(text[at + 1])) text.insert(at, 1, '0');
    }
    return text;
}

// What an argument means as a moment: an ISO text, or a number as days since 1970-01-01 (in UTC).
std::optional<Moment> moment_of(Call& call, std::size_t i) {
    const std::string text = call.text(i);
    if (auto moment = parse_moment(with_two_digits(text))) return moment;
    const double days = number_of_text(text);
    if (!(std::abs(days) < 3e6)) return std::nullopt;
    Moment moment;
    const double day = std::floor(days);
    moment.day = day_from_days(static_cast<std::int64_t>(day));
    const auto milliseconds = static_cast<std::int64_t>(std::llround((days - day) * 86400000.0));
    if (milliseconds > 0 && milliseconds < 86400000) {
        moment.has_time = true;
        moment.hour = static_cast<int>(milliseconds / 3600000);
        moment.minute = static_cast<int>(milliseconds / 60000 % 60);
        moment.second = static_cast<int>(milliseconds / 1000 % 60);
        moment.millisecond = static_cast<int>(milliseconds % 1000);
        moment.offset_minutes = 0;
    }
    return moment;
}

Value today(Call& call) {
    return std::string(call.world().today());
}
Value now(Call& call) {
    return std::string(call.world().now());
}

// The day of a date, of a date with time, or of a number of days. What is none of them gives "".
Value date(Call& call) {
    const auto moment = moment_of(call, 0);
    return moment ? day_text(moment->day) : std::string{};
}

Value decimal_date_time(Call& call) {
    const auto moment = moment_of(call, 0);
    if (!moment) return std::numeric_limits<double>::quiet_NaN();
    // A date is its midnight in the place of the interview.
    const int offset = offset_here(call.world());
    return decimal_days(*moment, offset) - (moment->has_time ? 0 : offset / 1440.0);
}

constexpr const char* months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* weekdays[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// ODK XForms, format-date and format-date-time. Letters that it does not name stay as they are.
Value format_date(Call& call) {
    const auto moment = moment_of(call, 0);
    if (!moment) return std::string{};
    const std::string format = call.text(1);
    std::string result;
    const auto padded = [&](int number, int width) {
        char digits[16];
        std::snprintf(digits, sizeof digits, "%0*d", width, number);
        result += digits;
    };
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%' || i + 1 == format.size()) {
            result += format[i];
            continue;
        }
        const Day& day = moment->day;
        switch (format[++i]) {
            case 'Y':
                padded(day.year, 4);
                break;
            case 'y':
                padded(day.year % 100, 2);
                break;
            case 'm':
                padded(day.month, 2);
                break;
            case 'n':
                padded(day.month, 1);
                break;
            case 'b':
                result += months[day.month - 1];
                break;
            case 'd':
                padded(day.day, 2);
                break;
            case 'e':
                padded(day.day, 1);
                break;
            case 'a':
                result += weekdays[((days_since_1970(day) + 4) % 7 + 7) % 7];
                break;
            case 'H':
                padded(moment->hour, 2);
                break;
            case 'h':
                padded(moment->hour, 1);
                break;
            case 'M':
                padded(moment->minute, 2);
                break;
            case 'S':
                padded(moment->second, 2);
                break;
            case '3':
                padded(moment->millisecond, 3);
                break;
            case '%':
                result += '%';
                break;
            default:
                result += '%';
                result += format[i];
        }
    }
    return result;
}

constexpr FunctionInfo table[]{
    {"today", 0, 0, today},
    {"now", 0, 0, now},
    {"date", 1, 1, date},
    {"decimal-date-time", 1, 1, decimal_date_time},
    {"format-date", 2, 2, format_date},
    {"format-date-time", 2, 2, format_date},
};

}  // namespace

std::span<const FunctionInfo> date_functions() {
    return table;
}

}  // namespace fieldfare::schema
