#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "client/app/update.h"

namespace fieldfare::collector {

/// The world as update() may see it, read now: the system's random generator, the clock and the calendar of
/// this machine. From the main thread.
app::Environment read_environment();

/// Uniform 64 bits from the system's generator. Ends the process when there is no generator: without one no
/// key and no submission id can be made, and main() has checked before that there is.
std::uint64_t random_64_bits();

/// The UTC day, for everything that leaves the machine and for the outbox.
std::chrono::sys_days utc_day();

/// YYYY-MM-DD.
std::string iso_day(std::chrono::sys_days day);

}  // namespace fieldfare::collector
