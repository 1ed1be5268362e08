#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "client/app/store_news.h"

namespace fieldfare::app {

// When the machine hands over by itself. Values and plain functions: the clock is a tick that the caller
// gives, and the randomness is the caller's. Nothing of it is ever written: on the disk times are days
// (DECISIONS.md), and a plan would tell when somebody worked. So it begins anew with each start of the
// program.
//
// It stands here and not in sync/, which carries one pass and knows neither persons nor screens: what is
// planned is shown and is part of the state that update() changes.
//
// Every time is drawn, none is a constant behind something that happened: the network must not be able to
// tell the minute in which an interview ended, and 20,000 devices must not come at one time.

/// Uniform 64 bits.
using Random = std::function<std::uint64_t()>;

/// A pass for receipts, and for whatever waits, comes so often on average: half of it at least, one and a
/// half at most. Each is drawn anew, since a phase that stayed would tell one device from another.
inline constexpr std::int64_t interval_ms = 6 * 3'600'000;
/// What has been sealed goes at some moment of the time after it.
inline constexpr std::int64_t seal_window_ms = 3'600'000;
/// Where a pass can't begin when it is due, or is long overdue since the machine slept: at some moment after.
inline constexpr std::int64_t put_off_ms = 30 * 60'000;
inline constexpr std::int64_t overdue_ms = 10 * 60'000;

/// After a pass that failed: full jitter, from 0 to twice as much with each, from this to that.
inline constexpr std::int64_t back_off_base_ms = 5'000;
inline constexpr std::int64_t back_off_cap_ms = 3'600'000;

/// A store rests once so many passes in a row have failed with it; for half of the time at least and all of
/// it at most, twice as long with each failure. Longer where somebody must do something about it, and then at
/// once: asked again and again, a wrong credential only shows that the machine is there.
inline constexpr int failures_before_rest = 3;
inline constexpr std::int64_t rest_base_ms = 5 * 60'000;
inline constexpr std::int64_t rest_cap_ms = 3'600'000;
inline constexpr std::int64_t lasting_rest_base_ms = 6 * 3'600'000;
inline constexpr std::int64_t lasting_rest_cap_ms = 24 * 3'600'000;
/// Whatever a store asks for, it is asked again after no more than this (and up to a quarter of it).
inline constexpr int longest_retry_after_seconds = 3'600;

/// A store with which the last pass that asked it has failed.
struct FailedStore {
    StoreName store;
    int failures = 0;                 ///< passes in a row
    std::int64_t rests_until_ms = 0;  ///< the tick from which it is asked again, with one try
    Message why{};
    bool lasting = false;  ///< StoreNews::lasting of these failures
};

struct SyncSchedule {
    std::optional<std::int64_t> due_ms{};  ///< the tick of the next pass; nothing: none is planned
    int failed_passes = 0;                 ///< in a row
    std::vector<FailedStore> failed{};
    std::size_t stores = 0;  ///< how many there are, as the last pass has found
};

/// Somewhere in the first interval.
void plan_first(SyncSchedule& schedule, std::int64_t now_ms, const Random& random);
/// Something was sealed and waits: sooner, unless a pass comes soon enough already or nobody could be asked.
void plan_after_seal(SyncSchedule& schedule, std::int64_t now_ms, const Random& random);
/// It is due and can't be now.
void put_off(SyncSchedule& schedule, std::int64_t now_ms, const Random& random);
/// After any pass, also one that a person has begun.
void plan_after(SyncSchedule& schedule, const PassNews& news, std::int64_t now_ms, const Random& random);
/// A person wants it now: every store is asked, whatever was.
void forget_failures(SyncSchedule& schedule);

/// Stores that a pass beginning now leaves alone.
std::vector<StoreName> resting(const SyncSchedule& schedule, std::int64_t now_ms);
/// The tick from which it would be asked again, and a pass is planned; nothing while none is.
std::optional<std::int64_t> asked_again_ms(const SyncSchedule& schedule, const FailedStore& store);

}  // namespace fieldfare::app
