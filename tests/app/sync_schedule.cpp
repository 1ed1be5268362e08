#include "client/app/sync_schedule.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

using namespace fieldfare::app;

namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute;

/// Randomness that gives the same number each time. The highest gives no maximum, since spans are no powers
/// of two; so bounds are looked for with many().
Random always(std::uint64_t number) {
    return [number] { return number; };
}

/// What a plan comes to with many draws, spread over all that can be drawn.
template <typename Plan>
std::pair<std::int64_t, std::int64_t> many(const Plan& plan) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
    std::uint64_t number = 1;
    for (int i = 0; i < 4000; ++i) {
        number = number * 6364136223846793005U + 1442695040888963407U;
        const std::int64_t planned = plan(always(number >> 8));
        least = std::min(least, planned);
        most = std::max(most, planned);
    }
    return {least, most};
}

const StoreName first{"k7m2q9x4b8n3", "https://one.example"}, second{"k7m2q9x4b8n3", "https://two.example"};
const Message unreachable{"sync.fault.unreachable", {{"store", "one"}}};

StoreNews fails(const StoreName& store) {
    return {.store = store, .why = unreachable};
}
StoreNews answers(const StoreName& store) {
    return {.store = store, .answered = true};
}
PassNews pass(int waiting, std::vector<StoreNews> stores) {
    return {.carried = true, .waiting = waiting, .stores = std::move(stores)};
}

/// After so many passes with which this store has failed; each begins when the one before ends.
SyncSchedule failed(int times, const Random& random = always(0)) {
    SyncSchedule schedule;
    for (int i = 0; i < times; ++i) plan_after(schedule, pass(1, {fails(first)}), 0, random);
    return schedule;
}

}  // namespace

TEST_CASE("the first pass comes at any moment of the interval") {
    const auto [least, most] = many([](const Random& random) {
        SyncSchedule schedule;
        plan_first(schedule, 0, random);
        return *schedule.due_ms;
    });
    CHECK(least < interval_ms / 100);
    CHECK(most > interval_ms / 100 * 99);
    CHECK(most <= interval_ms);
}

TEST_CASE("after a pass that went well the next is never at the same distance") {
    const auto [least, most] = many([](const Random& random) {
        SyncSchedule schedule;
        plan_after(schedule, pass(0, {answers(first)}), 0, random);
        return *schedule.due_ms;
    });
    CHECK(least >= interval_ms / 2);
    CHECK(least < interval_ms * 51 / 100);
    CHECK(most > interval_ms * 149 / 100);
    CHECK(most <= interval_ms * 3 / 2);
}

TEST_CASE(
    "what was sealed goes at any moment of the hour after it, so that the end of an interview can't be "
    "seen") {
    const auto [least, most] = many([](const Random& random) {
        SyncSchedule schedule{.due_ms = 5 * hour};
        plan_after_seal(schedule, 0, random);
        return *schedule.due_ms;
    });
    CHECK(least < seal_window_ms / 100);
    CHECK(most > seal_window_ms / 100 * 99);
    CHECK(most <= seal_window_ms);
}

TEST_CASE("a seal moves no pass that comes soon anyway, and plans none where none is wanted") {
    SyncSchedule soon{.due_ms = 50 * minute};
    plan_after_seal(soon, 0, always(0));
    CHECK(soon.due_ms == 50 * minute);
    SyncSchedule off;
    plan_after_seal(off, 0, always(0));
    CHECK_FALSE(off.due_ms);
}

TEST_CASE("a pass that failed is tried again from 0 to twice as long with each failure, up to an hour") {
    std::int64_t span = back_off_base_ms;
    for (int before = 0; before < 15; ++before) {
        CAPTURE(before);
        const auto [least, most] = many([&](const Random& random) {
            SyncSchedule schedule{.failed_passes = before};
            plan_after(schedule, pass(1, {fails(first), answers(second)}), 0, random);
            return *schedule.due_ms;
        });
        CHECK(least < span / 50);
        CHECK(most > span * 9 / 10);
        CHECK(most <= span);
        span = std::min(2 * span, back_off_cap_ms);
    }
}

TEST_CASE("there is no hurry where a store fails and nothing waits, nor after a person has stopped a pass") {
    SyncSchedule schedule;
    plan_after(schedule, pass(0, {fails(first)}), 0, always(0));
    CHECK(*schedule.due_ms >= interval_ms / 2);
    PassNews stopped = pass(3, {fails(first)});
    stopped.cancelled = true;
    plan_after(schedule, stopped, 0, always(0));
    CHECK(*schedule.due_ms >= interval_ms / 2);
}

TEST_CASE("a pass that could not read the machine's own files is one that failed") {
    PassNews news = pass(0, {answers(first)});
    SUBCASE("how they stand") {
        news.counted = false;
    }
    SUBCASE("one that waits") {
        news.own_trouble = true;
        news.waiting = 1;
    }
    SyncSchedule schedule;
    plan_after(schedule, news, 0, always(0));
    CHECK(schedule.failed_passes == 1);
    CHECK(*schedule.due_ms <= back_off_base_ms);
}

TEST_CASE("a pass that was not carried is one that failed, and says nothing of stores") {
    SyncSchedule schedule = failed(3);
    plan_after(schedule, {.carried = false}, 0, always(0));
    CHECK(schedule.failed_passes == 4);
    CHECK(resting(schedule, 0) == std::vector{first});
}

TEST_CASE("a store rests after three failures in a row, and no sooner") {
    CHECK(resting(failed(2), 0).empty());
    const SyncSchedule schedule = failed(3);
    CHECK(resting(schedule, 0) == std::vector{first});
    CHECK(resting(schedule, schedule.failed.front().rests_until_ms).empty());
}

TEST_CASE("a store rests twice as long with each failure, half of it drawn, for an hour at most") {
    std::int64_t span = rest_base_ms;
    for (int times = 3; times < 12; ++times) {
        CAPTURE(times);
        const auto [least, most] =
            many([&](const Random& random) { return failed(times, random).failed.front().rests_until_ms; });
        CHECK(least >= span / 2);
        CHECK(least < span * 51 / 100);
        CHECK(most > span * 98 / 100);
        CHECK(most <= span);
        span = std::min(2 * span, rest_cap_ms);
    }
}

TEST_CASE("a store that answers is as good as new; one that answers and then fails has failed once") {
    SyncSchedule schedule = failed(5);
    StoreNews broke_off = fails(first);
    broke_off.answered = true;
    plan_after(schedule, pass(1, {broke_off}), 0, always(0));
    CHECK(schedule.failed.front().failures == 1);
    CHECK(resting(schedule, 0).empty());
    plan_after(schedule, pass(0, {answers(first)}), 0, always(0));
    CHECK(schedule.failed.empty());
}

TEST_CASE("after its rest a store is asked once: one more failure and it rests again, longer") {
    SyncSchedule schedule = failed(3);
    const std::int64_t then = schedule.failed.front().rests_until_ms;
    plan_after(schedule, pass(1, {fails(first)}), then, always(0));
    CHECK(schedule.failed.front().rests_until_ms - then == 2 * then);
}

TEST_CASE("a store that was not asked is as it was, and one that is none any more is forgotten") {
    SyncSchedule schedule = failed(3);
    plan_after(schedule, pass(1, {{.store = first}, answers(second)}), 0, always(0));
    CHECK(resting(schedule, 0) == std::vector{first});
    plan_after(schedule, pass(0, {answers(second)}), 0, always(0));
    CHECK(schedule.failed.empty());
}

TEST_CASE("while every store rests no pass comes; while one does not, it does") {
    const SyncSchedule all = failed(3);
    CHECK(*all.due_ms >= all.failed.front().rests_until_ms);

    SyncSchedule some = failed(2);
    plan_after(some, pass(1, {fails(first), answers(second)}), 0, always(0));
    CHECK(*some.due_ms < some.failed.front().rests_until_ms);

    SyncSchedule sealed = failed(6);
    sealed.due_ms = 5 * hour;
    plan_after_seal(sealed, 0, always(0));
    CHECK(*sealed.due_ms == sealed.failed.front().rests_until_ms);
}

TEST_CASE("what lacks one of its copies waits for the store that rests, and not for the next interval") {
    SyncSchedule schedule;
    std::int64_t now = 0;
    for (int i = 0; i < 20; ++i) {
        CAPTURE(i);
        const bool asked = resting(schedule, now).empty();
        plan_after(schedule, pass(1, {answers(second), asked ? fails(first) : StoreNews{.store = first}}),
                   now, always(0));
        CHECK(*schedule.due_ms - now <= rest_cap_ms);
        now = *schedule.due_ms + 1;
    }
    CHECK(schedule.failed.front().failures >= 5);
}

TEST_CASE("after an outage the first refusal counts as the first") {
    SyncSchedule schedule = failed(9);
    StoreNews refused = fails(first);
    refused.lasting = true;
    plan_after(schedule, pass(1, {refused}), 0, always(0));
    CHECK(schedule.failed.front().failures == 1);
    CHECK(schedule.failed.front().rests_until_ms <= lasting_rest_base_ms);
}

TEST_CASE("where somebody must do something about it a store rests at once, for hours") {
    StoreNews refused = fails(first);
    refused.lasting = true;
    SyncSchedule schedule;
    for (int times = 0; times < 8; ++times) {
        plan_after(schedule, pass(1, {refused}), 0, always(0));
        CHECK(schedule.failed.front().rests_until_ms >= 3 * hour);
        CHECK(schedule.failed.front().rests_until_ms <= 24 * hour);
    }
}

TEST_CASE("a store that asks to be left alone is, for as long as it says and a little more, within an hour") {
    StoreNews busy = fails(first);
    for (const int seconds : {20, 600, 3'600, 86'400, std::numeric_limits<int>::max()}) {
        CAPTURE(seconds);
        busy.retry_after_seconds = seconds;
        const std::int64_t asked = std::min(seconds, 3'600) * 1000LL;
        const auto [least, most] = many([&](const Random& random) {
            SyncSchedule schedule;
            plan_after(schedule, pass(1, {busy}), 0, random);
            return schedule.failed.front().rests_until_ms;
        });
        CHECK(least >= asked);
        CHECK(most > asked * 6 / 5);
        CHECK(most <= asked * 5 / 4);
    }
    busy.retry_after_seconds = -5;
    SyncSchedule schedule;
    plan_after(schedule, pass(1, {busy}), 0, always(0));
    CHECK(resting(schedule, 0).empty());
}

TEST_CASE("when a person wants it every store is asked, and failures count from the beginning") {
    SyncSchedule schedule = failed(9);
    forget_failures(schedule);
    CHECK(resting(schedule, 0).empty());
    plan_after(schedule, pass(1, {fails(first)}), 0, always(0));
    CHECK(schedule.failed.front().failures == 1);
    CHECK(schedule.failed_passes == 1);
}
