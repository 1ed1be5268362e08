#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "schema/date_text.h"
#include "schema/evaluator.h"
#include "schema/function_tables.h"
#include "schema/number_text.h"

namespace fieldfare::schema {
namespace {

std::int64_t seconds_of(const Moment& moment) {
    return days_since_1970(moment.day) * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second;
}

// Minutes east of Greenwich of a moment that clocks here show.
int offset_at(const Moment& shown_here, const World& world) {
    const std::int64_t seconds = seconds_of(shown_here);
    return world.offset_minutes(seconds - world.offset_minutes(seconds) * 60);
}

bool in_calendar(Day day) {
    return day.year >= 1 && day.year <= 9999;
}

// The moment that lies so many milliseconds after 1970-01-01T00:00Z, as clocks here show it. Nothing before
// the year 1 and after 9999.
std::optional<Moment> moment_here(std::int64_t milliseconds, const World& world) {
    const auto floor_div = [](std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); };
    Moment moment;
    const int offset = world.offset_minutes(floor_div(milliseconds, 1000));
    milliseconds += std::int64_t{offset} * 60000;
    const std::int64_t day = floor_div(milliseconds, 86400000);
    const auto rest = static_cast<int>(milliseconds - day * 86400000);
    moment.day = day_from_days(day);
    if (!in_calendar(moment.day)) return std::nullopt;
    moment.has_time = true;
    moment.hour = rest / 3600000;
    moment.minute = rest / 60000 % 60;
    moment.second = rest / 1000 % 60;
    moment.millisecond = rest % 1000;
    moment.offset_minutes = offset;
    return moment;
}

std::optional<Moment> moment_here(const Moment& moment, const World& world) {
    if (!moment.has_time) return moment;
    if (!moment.offset_minutes) {
        Moment here = moment;
        here.offset_minutes = offset_at(moment, world);
        return here;
    }
    return moment_here((seconds_of(moment) - *moment.offset_minutes * 60) * 1000 + moment.millisecond, world);
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

bool looks_like_date(std::string_view text) {
    return text.size() >= 10 && text[4] == '-' && text[7] == '-' && text[0] >= '0' && text[0] <= '9';
}

constexpr double days_of_year_1 = -719162, days_of_year_10000 = 2932897;

// Whole numbers are days of the calendar, whatever the place (as JavaRosa's date() has it); with a fraction
// they are moments, in UTC.
std::optional<Moment> moment_of(double days, const World& world) {
    if (!(days >= days_of_year_1 && days < days_of_year_10000)) return std::nullopt;
    if (days != std::floor(days))
        return moment_here(static_cast<std::int64_t>(std::llround(days * 86400000.0)), world);
    Moment moment;
    moment.day = day_from_days(static_cast<std::int64_t>(days));
    return moment;
}

std::optional<Moment> moment_of(const Value& value, Call& call) {
    if (const auto* days = std::get_if<double>(&value)) return moment_of(*days, call.world());
    if (std::holds_alternative<bool>(value)) return std::nullopt;
    const std::string text = with_two_digits(call.evaluator().to_text(value));
    if (const auto moment = parse_moment(text)) return moment_here(*moment, call.world());
    if (looks_like_date(text)) call.world().complain("There is no such date or time.");
    return moment_of(number_from_text(text), call.world());
}

// date() keeps the time of day for a function that takes a moment; it is lost where the date becomes a text.
const AstNode* date_call(Call& call) {
    const AstNode& argument = call.evaluator().ast().nodes[call.argument(0)];
    const bool is_date = argument.kind == AstKind::call && function_info(argument.function).name == "date";
    return is_date ? &argument : nullptr;
}

// What the first argument means as a moment: an ISO text, or a number as days since 1970-01-01.
std::optional<Moment> moment_of(Call& call) {
    if (const AstNode* date = date_call(call)) {
        Call inner(call.evaluator(), *date, call.focus());
        return moment_of(inner);
    }
    return moment_of(call.value(0), call);
}

Value today(Call& call) {
    return std::string(call.world().today());
}
Value now(Call& call) {
    return std::string(call.world().now());
}

// The day of a date, of a date with time as clocks here show it, or of a number of days. What is none gives
// "".
Value date(Call& call) {
    const auto moment = moment_of(call);
    return moment ? day_text(moment->day) : std::string{};
}

// The same with the time of day, unless that is midnight.
Value date_time(Call& call) {
    const auto moment = moment_of(call);
    if (!moment) return std::string{};
    std::string text = day_text(moment->day);
    if (moment->hour == 0 && moment->minute == 0 && moment->second == 0 && moment->millisecond == 0)
        return text;
    const int offset = moment->offset_minutes.value_or(0);
    char time[64];
    std::snprintf(time, sizeof time, "T%02d:%02d:%02d.%03d%c%02d:%02d", moment->hour, moment->minute,
                  moment->second, moment->millisecond, offset < 0 ? '-' : '+', std::abs(offset) / 60,
                  std::abs(offset) % 60);
    return text + time;
}

// Days since 1970-01-01T00:00Z. A date is its midnight here; a number is what it is.
Value decimal_date_time(Call& call) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    std::optional<Moment> moment;
    if (date_call(call) != nullptr) {
        moment = moment_of(call);
    } else {
        const Value value = call.value(0);
        const std::string text = call.evaluator().to_text(value);
        if (!looks_like_date(text)) {
            const double days =
                std::holds_alternative<std::string>(value) ? nan : call.evaluator().to_number(value);
            return days >= days_of_year_1 && days < days_of_year_10000 ? days : nan;
        }
        moment = moment_of(value, call);
    }
    if (!moment) return nan;
    if (moment->has_time) return decimal_days(*moment);
    return decimal_days(*moment) - offset_at(*moment, call.world()) / 1440.0;
}

// The part of the day that has gone: of a time or a date with time, as clocks here show it, or of a number of
// days.
Value decimal_time(Call& call) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const Value value = call.value(0);
    if (const auto* days = std::get_if<double>(&value)) return *days - std::floor(*days);
    const std::string text = call.evaluator().to_text(value);
    auto moment = parse_time(text);
    if (moment)
        moment->day = Day{};
    else
        moment = parse_moment(text);
    if (moment) moment = moment_here(*moment, call.world());
    if (!moment) return nan;
    return (moment->hour * 3600 + moment->minute * 60 + moment->second + moment->millisecond / 1000.0) /
           86400;
}

constexpr const char* months[]{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* weekdays[]{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// ODK XForms, format-date and format-date-time. Letters that it does not name stay as they are.
Value format_date(Call& call) {
    const auto moment = moment_of(call);
    if (!moment) return std::string{};
    std::string storage, result;
    const std::string_view format = call.text(1, storage);
    const auto padded = [&](int number, int width) {
        char digits[16];
        std::snprintf(digits, sizeof digits, "%0*d", width, number);
        result += digits;
    };
    for (std::size_t i = 0; i < format.size() && result.size() < max_built_text; ++i) {
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
    {"date-time", 1, 1, date_time},
    {"decimal-date-time", 1, 1, decimal_date_time},
    {"decimal-time", 1, 1, decimal_time},
    {"format-date", 2, 2, format_date},
    {"format-date-time", 2, 2, format_date},
};

}  // namespace

std::span<const FunctionInfo> date_functions() {
    return table;
}

}  // namespace fieldfare::schema
