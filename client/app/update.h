#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

/// What update may know of the world. Filled in anew for each call.
struct Environment {
    std::function<std::uint64_t()> random;  ///< uniform 64 bits from the system's generator
    std::string utc_day;                    ///< YYYY-MM-DD, the only time that a submission carries
    std::string today;                      ///< YYYY-MM-DD where the machine is
    std::string now;                        ///< ISO 8601 with offset, for the form's now()
    /// Minutes east of Greenwich that clocks showed here so many seconds after 1970; nothing: what now has.
    std::function<int(std::int64_t)> offset_minutes;
    std::int64_t tick_ms = 0;  ///< monotonic; only differences mean something
};

/// The only place where state changes: takes one action and returns what the outside must do, in order. Knows
/// no clock, no file, no key. An action that does not fit the state (a late answer of the worker, a double
/// click) changes nothing. Fast: at most one evaluation of what depends on one answer.
Effects update(AppState& state, Action action, const Environment& environment);

/// In how many milliseconds a Tick is due (the idle lock, a pass that begins by itself); nothing: never, the
/// window may sleep until an event.
std::optional<std::int64_t> wake_up_in(const AppState& state, std::int64_t tick_ms);

}  // namespace fieldfare::app
