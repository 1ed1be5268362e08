#pragma once

#include <cstdint>
#include <string>

namespace fieldfare::schema {

/// The clock of this machine in its time zone (TZ) as Surroundings::now wants it:
/// "2026-11-23T21:05:00.000+04:00".
std::string local_time_now();

/// Minutes east of Greenwich that clocks here show at that moment, summer time included: for
/// Surroundings::offset_minutes.
int local_offset_minutes(std::int64_t seconds_since_1970);

}  // namespace fieldfare::schema
