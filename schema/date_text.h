#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema {

/// A calendar day of the proleptic Gregorian calendar.
struct Day {
    int year = 1970, month = 1, day = 1;
};

/// An ISO 8601 date, or date with time.
struct Moment {
    Day day;
    bool has_time = false;
    int hour = 0, minute = 0, second = 0, millisecond = 0;
    std::optional<int> offset_minutes;  ///< east of Greenwich; nothing when the text has none
};

std::int64_t days_since_1970(Day day);
Day day_from_days(std::int64_t days_since_1970);

/// "2026-11-23", "2026-11-23T21:05", "…T21:05:00.000+04:00", "…Z". Days that do not exist give nothing.
std::optional<Moment> parse_moment(std::string_view text);

/// "21:05", "21:05:30.250", "21:05:00.000+04:00", "…Z"; the day of the moment means nothing.
std::optional<Moment> parse_time(std::string_view text);

/// Exactly YYYY-MM-DD, an existing day of the years 1 … 9999.
std::optional<Day> parse_day(std::string_view text);

std::string day_text(Day day);  ///< YYYY-MM-DD

/// Days since 1970-01-01 with their fraction: of a date whole, whatever the place (as JavaRosa has it); of a
/// time in UTC, taking `default_offset` for a text without one.
double decimal_days(const Moment& moment, int default_offset = 0);

}  // namespace fieldfare::schema
