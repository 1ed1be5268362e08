#include "schema/date_text.h"

#include <algorithm>
#include <cstdio>

namespace fieldfare::schema {
namespace {

bool digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int to_int(std::string_view text) {
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return value;
}

int days_in_month(int year, int month) {
    static constexpr int days[]{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

// Takes ":dd" or "dd" of two digits from the front, within 0 … limit.
bool take_two(std::string_view& text, int limit, int& out) {
    if (text.size() < 2 || !digits(text.substr(0, 2))) return false;
    out = to_int(text.substr(0, 2));
    text.remove_prefix(2);
    return out <= limit;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil, civil_from_days.
std::int64_t days_since_1970(Day day) {
    const int year = day.month <= 2 ? day.year - 1 : day.year;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (day.month + (day.month > 2 ? -3 : 9)) + 2) / 5 + day.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

Day day_from_days(std::int64_t days) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    const int year = static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
    return {year, month, static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

std::optional<Day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return {};
    if (!digits(text.substr(0, 4)) || !digits(text.substr(5, 2)) || !digits(text.substr(8, 2))) return {};
    const Day day{to_int(text.substr(0, 4)), to_int(text.substr(5, 2)), to_int(text.substr(8, 2))};
    if (day.year < 1 || day.month < 1 || day.month > 12) return {};
    if (day.day < 1 || day.day > days_in_month(day.year, day.month)) return {};
    return day;
}

std::optional<Moment> parse_time(std::string_view text) {
    Moment moment;
    moment.has_time = true;
    if (!take_two(text, 24, moment.hour) || !take(text, ':') || !take_two(text, 59, moment.minute)) return {};
    if (take(text, ':')) {
        if (!take_two(text, 59, moment.second)) return {};
        if (take(text, '.')) {
            int scale = 100;
            if (text.empty() || text.front() < '0' || text.front() > '9') return {};
            while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
                moment.millisecond += (text.front() - '0') * scale;
                scale /= 10;
                text.remove_prefix(1);
            }
        }
    }
    if (moment.hour == 24 && moment.minute + moment.second + moment.millisecond > 0) return {};
    if (text.empty()) return moment;
    if (text == "Z") {
        moment.offset_minutes = 0;
        return moment;
    }
    const bool west = text.front() == '-';
    if (!west && text.front() != '+') return {};
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!take_two(text, 14, hours)) return {};
    if (!text.empty()) {
        take(text, ':');
        if (!take_two(text, 59, minutes) || !text.empty()) return {};
    }
    moment.offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return moment;
}

std::optional<Moment> parse_moment(std::string_view text) {
    const auto day = parse_day(text.substr(0, 10));
    if (!day) return {};
    Moment moment;
    text.remove_prefix(10);
    if (!text.empty()) {
        if (!take(text, 'T')) return {};
        const auto time = parse_time(text);
        if (!time) return {};
        moment = *time;
    }
    moment.day = *day;
    return moment;
}

std::string day_text(Day day) {
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", day.year, day.month, day.day);
    return text;
}

double decimal_days(const Moment& moment, int default_offset) {
    const auto days = static_cast<double>(days_since_1970(moment.day));
    if (!moment.has_time) return days;
    const int minutes = moment.hour * 60 + moment.minute - moment.offset_minutes.value_or(default_offset);
    return days + (minutes * 60 + moment.second + moment.millisecond / 1000.0) / 86400.0;
}

}  // namespace fieldfare::schema
