#include "client/app/sync_schedule.h"

#include <algorithm>
#include <utility>

namespace fieldfare::app {
namespace {

/// From 0 to `most`, both of them, in milliseconds.
std::int64_t drawn(const Random& random, std::int64_t most) {
    // What the remainder prefers is less than a part in 2^37 here.
    return static_cast<std::int64_t>(random() % (static_cast<std::uint64_t>(most) + 1));
}

/// `base`, doubled `times` times, and no more than `cap`.
std::int64_t doubled(std::int64_t base, int times, std::int64_t cap) {
    while (times-- > 0 && base < cap) base *= 2;
    return std::min(base, cap);
}

std::int64_t rest_of(const FailedStore& store, const StoreNews& news, const Random& random) {
    std::int64_t rest = 0;
    const int before = news.lasting ? 1 : failures_before_rest;
    if (store.failures >= before) {
        const std::int64_t whole =
            news.lasting ? doubled(lasting_rest_base_ms, store.failures - before, lasting_rest_cap_ms)
                         : doubled(rest_base_ms, store.failures - before, rest_cap_ms);
        rest = whole / 2 + drawn(random, whole / 2);
    }
    // All that it has sent away come back at one moment otherwise.
    const std::int64_t asked = std::clamp(news.retry_after_seconds, 0, longest_retry_after_seconds) * 1000LL;
    return asked > 0 ? std::max(rest, asked + drawn(random, asked / 4)) : rest;
}

/// When the first of those that rest is asked again; nothing when none does.
std::optional<std::int64_t> first_rest_ends(const SyncSchedule& schedule, std::int64_t now_ms) {
    std::optional<std::int64_t> first;
    for (const FailedStore& store : schedule.failed) {
        if (store.rests_until_ms > now_ms)
            first = std::min(first.value_or(store.rests_until_ms), store.rests_until_ms);
    }
    return first;
}

/// The same; nothing when one of all stores does not rest.
std::optional<std::int64_t> all_rest_until(const SyncSchedule& schedule, std::int64_t now_ms) {
    const bool all = schedule.stores > 0 && resting(schedule, now_ms).size() >= schedule.stores;
    return all ? first_rest_ends(schedule, now_ms) : std::nullopt;
}

/// A store that answered counts as good up to there; one that was not asked is as it was.
void note(SyncSchedule& schedule, const std::vector<StoreNews>& stores, std::int64_t now_ms,
          const Random& random) {
    std::vector<FailedStore> failed;
    for (const StoreNews& news : stores) {
        const auto known = std::ranges::find(schedule.failed, news.store, &FailedStore::store);
        FailedStore store{news.store};
        if (known != schedule.failed.end()) store = *known;
        if (news.answered) store = {news.store};
        if (!news.why.empty()) {
            // Of a line that was down for long nothing follows for a credential that is refused then.
            if (store.lasting != news.lasting) store.failures = 0;
            store.lasting = news.lasting;
            ++store.failures;
            store.rests_until_ms = now_ms + rest_of(store, news, random);
            store.why = news.why;
        }
        if (store.failures > 0) failed.push_back(std::move(store));
    }
    schedule.failed = std::move(failed);
    schedule.stores = stores.size();
}

/// Something should have come through and did not. For receipts alone there is no hurry.
bool failed(const PassNews& news) {
    if (!news.carried || !news.counted) return true;
    const bool trouble = std::ranges::any_of(news.stores, [](const auto& one) { return !one.why.empty(); });
    return (trouble || news.own_trouble) && news.waiting > 0;
}

}  // namespace

void plan_first(SyncSchedule& schedule, std::int64_t now_ms, const Random& random) {
    schedule.due_ms = now_ms + drawn(random, interval_ms);
}

void plan_after_seal(SyncSchedule& schedule, std::int64_t now_ms, const Random& random) {
    // Drawn once for all that is sealed in a window: more draws would only tell more.
    if (!schedule.due_ms || *schedule.due_ms <= now_ms + seal_window_ms) return;
    std::int64_t due = now_ms + drawn(random, seal_window_ms);
    if (const auto until = all_rest_until(schedule, now_ms)) due = std::max(due, *until);
    schedule.due_ms = std::min(*schedule.due_ms, due);
}

void put_off(SyncSchedule& schedule, std::int64_t now_ms, const Random& random) {
    schedule.due_ms = now_ms + 1 + drawn(random, put_off_ms);
}

void plan_after(SyncSchedule& schedule, const PassNews& news, std::int64_t now_ms, const Random& random) {
    if (news.carried) note(schedule, news.stores, now_ms, random);
    std::int64_t due = now_ms + interval_ms / 2 + drawn(random, interval_ms);
    if (!news.cancelled && failed(news)) {
        ++schedule.failed_passes;
        due = now_ms + drawn(random, doubled(back_off_base_ms, schedule.failed_passes - 1, back_off_cap_ms));
    } else if (news.cancelled || news.waiting == 0 || !first_rest_ends(schedule, now_ms)) {
        schedule.failed_passes = 0;
    } else {  // what waits, waits for a store that rests: no longer than that
        due = std::min(due, *first_rest_ends(schedule, now_ms) + drawn(random, rest_base_ms));
    }
    if (const auto until = all_rest_until(schedule, now_ms)) due = std::max(due, *until);
    schedule.due_ms = due;
}

void forget_failures(SyncSchedule& schedule) {
    schedule.failed_passes = 0;
    schedule.failed.clear();
}

std::vector<StoreName> resting(const SyncSchedule& schedule, std::int64_t now_ms) {
    std::vector<StoreName> stores;
    for (const FailedStore& store : schedule.failed) {
        if (store.rests_until_ms > now_ms) stores.push_back(store.store);
    }
    return stores;
}

std::optional<std::int64_t> asked_again_ms(const SyncSchedule& schedule, const FailedStore& store) {
    if (!schedule.due_ms) return std::nullopt;
    return std::max(*schedule.due_ms, store.rests_until_ms);
}

}  // namespace fieldfare::app
