#pragma once

#include <chrono>
#include <cstdint>

#include "client/store/database.h"

namespace fieldfare::store {

/// Days as a vault counts them for a hold: on from 0, and never by more than longest_step from one look at
/// the clock to the next. So a clock that says 2099 for an hour makes no file old, and one that was set back
/// makes none younger. A machine that is seldom used counts slower than the calendar, which keeps files
/// longer.
inline constexpr std::chrono::days longest_step{7};

/// Looks at the clock and says how many days have passed in this vault's life. Durable on return; takes part
/// in a transaction where one is open.
Result<std::int64_t> own_day(Database& database, std::chrono::sys_days today);

}  // namespace fieldfare::store
