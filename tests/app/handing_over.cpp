#include "client/app/handing_over.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "client/app/kiosk.h"
#include "tests/support/app_driver.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute;

void switch_on(App& app) {
    app.act(ChooseHandingOver{HandingOver::by_itself});
}

/// Behind the screen for the passphrase, with the switch as it was left.
void locked_with_switch_on(App& app) {
    app.state.preferences.handing_over = HandingOver::by_itself;
    app.act(ProfileFound{});
}

int passes(const App& app) {
    return static_cast<int>(std::ranges::count(app.worker.log, "sync"));
}

/// As the window does: sleeps until something is due and sends a tick then, for so long. How often it woke.
int sleep(App& app, std::int64_t milliseconds) {
    int woken = 0;
    for (const std::int64_t end = app.environment.tick_ms + milliseconds;;) {
        const auto due = wake_up_in(app.state, app.environment.tick_ms);
        if (!due || app.environment.tick_ms + *due >= end) {
            app.environment.tick_ms = end;
            return woken;
        }
        REQUIRE(++woken < 1000);
        app.pass(*due);
    }
}

std::shared_ptr<const schema::CompiledForm> one_question() {
    return form_of("type | name | label\ntext | q | Q\n");
}

}  // namespace

TEST_CASE("nothing is handed over by itself before a person has said so") {
    App app;
    app.act(ProfileFound{});
    CHECK(sleep(app, 100 * hour) == 0);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    sleep(app, 100 * hour);
    CHECK(passes(app) == 0);
}

TEST_CASE("with the switch on it hands over several times a day, locked or not, and sleeps in between") {
    App app;
    locked_with_switch_on(app);
    const int woken = sleep(app, 240 * hour);
    CHECK(passes(app) >= 27);
    CHECK(passes(app) <= 80);
    CHECK(woken == passes(app));
    CHECK(app.state.sync.by_itself);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    app.session().study.auto_lock_minutes = 0;
    const int before = passes(app);
    sleep(app, 24 * hour);
    CHECK(passes(app) > before);
}

TEST_CASE("the switch is kept with the preferences, and off again it plans nothing") {
    App app;
    app.unlock();
    app.session().study.auto_lock_minutes = 0;
    switch_on(app);
    CHECK(app.worker.preferences.handing_over == HandingOver::by_itself);
    CHECK(wake_up_in(app.state, app.environment.tick_ms));
    app.act(ChooseHandingOver{HandingOver::when_asked});
    CHECK(app.worker.preferences.handing_over == HandingOver::when_asked);
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
    CHECK_FALSE(minutes_to_next(app.state));
}

TEST_CASE("without a profile nothing is handed over, whatever the preferences say") {
    App app;
    app.state.preferences.handing_over = HandingOver::by_itself;
    app.act(ProfileMissing{});
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
    app.act(ChooseHandingOver{HandingOver::by_itself});
    CHECK_FALSE(app.state.schedule.due_ms);
}

TEST_CASE("what was sealed goes within the hour, at no moment that follows from it") {
    App app(one_question());
    app.begin();
    app.session().study.auto_lock_minutes = 0;
    app.state.preferences.handing_over = HandingOver::by_itself;
    app.act(Tick{});
    app.state.schedule.due_ms = app.environment.tick_ms + 6 * hour;
    app.type("q", "yes");
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    REQUIRE(app.session().just_finalised);
    CHECK(passes(app) == 0);
    CHECK(*app.state.schedule.due_ms > app.environment.tick_ms);
    CHECK(*app.state.schedule.due_ms <= app.environment.tick_ms + seal_window_ms);
    sleep(app, hour);
    CHECK(passes(app) == 1);
}

TEST_CASE("a person's pass asks every store; one that begins by itself leaves alone those that rest") {
    App app;
    locked_with_switch_on(app);
    const StoreName store{"k7m2q9x4b8n3", "https://one.example"};
    app.worker.pass = {
        .carried = true, .waiting = 1, .stores = {{store, false, {"sync.fault.unreachable", {}}}}};
    for (int i = 0; i < 3; ++i) app.act(BeginSync{});
    CHECK(app.worker.left_alone.empty());
    CHECK(app.state.schedule.failed.front().failures == 1);  // each begins anew

    app.worker.pass.stores.push_back({{"k7m2q9x4b8n3", "https://two.example"}, true});
    while (passes(app) < 7) app.pass(wake_up_in(app.state, app.environment.tick_ms).value_or(0));
    CHECK(app.worker.left_alone == std::vector{store});
    CHECK(app.state.sync.by_itself);
    app.act(BeginSync{});
    CHECK(app.worker.left_alone.empty());
    CHECK_FALSE(app.state.sync.by_itself);
}

TEST_CASE("the screen tells when a store that rests is asked again, and counts the minutes down") {
    App app;
    locked_with_switch_on(app);
    StoreNews refused{{"k7m2q9x4b8n3", "https://one.example"}, false, {"sync.fault.not_permitted", {}}, true};
    app.worker.pass = {.carried = true, .waiting = 1, .stores = {refused}};
    app.act(BeginSync{});
    const FailedStore& store = app.state.schedule.failed.front();
    const int before = minutes_of_rest(app.state, store).value();
    CHECK(before >= 180);
    CHECK(wake_up_in(app.state, app.environment.tick_ms) > 60 * minute);  // nobody looks
    app.act(ShowSync{});
    CHECK(wake_up_in(app.state, app.environment.tick_ms) <= minute);
    sleep(app, 10 * minute);
    CHECK(minutes_of_rest(app.state, store).value() == before - 10);
    app.act(ChooseHandingOver{HandingOver::when_asked});
    CHECK_FALSE(minutes_of_rest(app.state, store));
}

TEST_CASE("a pass that has begun by itself can be stopped, and does not come back at once") {
    App app;
    app.worker.holds_passes = true;
    locked_with_switch_on(app);
    sleep(app, 6 * hour + 1);
    REQUIRE(app.state.sync.running);
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));  // whatever it does wakes the window
    app.act(CancelSync{});
    CHECK_FALSE(app.state.sync.running);
    CHECK(*app.state.schedule.due_ms - app.environment.tick_ms >= interval_ms / 2);
}

TEST_CASE("switched off, a pass that has begun by itself ends; one that a person has begun goes on") {
    App app;
    app.worker.holds_passes = true;
    locked_with_switch_on(app);
    sleep(app, 6 * hour + 1);
    REQUIRE(app.state.sync.by_itself);
    app.act(ChooseHandingOver{HandingOver::when_asked});
    CHECK_FALSE(app.state.sync.running);
    app.act(BeginSync{});
    app.act(ChooseHandingOver{HandingOver::when_asked});
    CHECK(app.state.sync.running);
}

TEST_CASE("without the passphrase the switch can be turned off, and not on") {
    App app;
    app.act(ProfileFound{});
    switch_on(app);
    CHECK(app.state.preferences.handing_over == HandingOver::when_asked);
    app.state.preferences.handing_over = HandingOver::by_itself;
    app.act(ChooseHandingOver{HandingOver::when_asked});
    CHECK(app.worker.preferences.handing_over == HandingOver::when_asked);
    CHECK_FALSE(app.state.schedule.due_ms);
}

TEST_CASE("what is sealed while a pass runs goes within the hour, too") {
    App app(one_question());
    app.begin();
    app.worker.holds_passes = true;
    switch_on(app);
    app.act(BeginSync{});
    app.type("q", "yes");
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    REQUIRE(app.session().just_finalised);
    Actions ended;
    app.worker.finish_pass(ended);
    app.settle(std::move(ended));
    CHECK(*app.state.schedule.due_ms <= app.environment.tick_ms + seal_window_ms);
}

TEST_CASE("whoever has stopped a pass has, also where it ends in another way than that") {
    App app;
    app.worker.holds_passes = true;
    locked_with_switch_on(app);
    app.act(BeginSync{});
    app.state.sync.stopped = true;
    app.act(SyncFailed{{}, {}, {"sync.courier_gone", {}}});
    CHECK(*app.state.schedule.due_ms - app.environment.tick_ms >= interval_ms / 2);
    CHECK_FALSE(app.state.sync.confirmed);
}

TEST_CASE("what could not be counted stays as it was, locked and open") {
    App app;
    app.worker.holds_passes = true;
    locked_with_switch_on(app);
    const auto ends = [&](const Counts& counts, bool counted) {
        app.act(BeginSync{});
        app.act(SyncDone{{}, counts, {"sync.nothing_new", {}}, {}, {.carried = true, .counted = counted}});
    };
    ends({0, 0, 0, 7}, true);
    ends({}, false);
    CHECK(app.state.sync.confirmed == 7);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    ends({1, 2, 3, 4}, true);
    ends({}, false);
    CHECK(app.state.sync.confirmed == 4);
    CHECK(app.session().counts == Counts{1, 2, 3, 4});
}

TEST_CASE("a pass that runs holds up neither the unlock nor the lock nor the end") {
    App app;
    app.worker.holds_passes = true;
    locked_with_switch_on(app);
    sleep(app, 6 * hour + 1);
    REQUIRE(app.state.sync.running);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(app.session().place == Place::home);
    CHECK(app.state.sync.running);
    app.act(Lock{});
    CHECK(std::holds_alternative<Locked>(app.state.stage));
    app.act(CloseWindow{});
    CHECK(app.worker.quit);
}

TEST_CASE("a machine that slept past its time does not hand over the moment the lid is opened") {
    App app;
    locked_with_switch_on(app);
    app.environment.tick_ms += 20 * hour;
    app.act(Tick{});
    CHECK(passes(app) == 0);
    CHECK(*app.state.schedule.due_ms > app.environment.tick_ms);
    CHECK(*app.state.schedule.due_ms <= app.environment.tick_ms + 1 + put_off_ms);
}

TEST_CASE("an unattended machine hands over between respondents, and not the moment one is through") {
    App machine(one_question());
    machine.worker.study.mode = "self";
    machine.state.preferences.handing_over = HandingOver::by_itself;
    machine.unlock();
    machine.act(StartInterview{});
    machine.type("q", "yes");
    machine.state.schedule.due_ms = machine.environment.tick_ms;
    machine.act(Tick{});
    CHECK(passes(machine) == 0);
    CHECK(*machine.state.schedule.due_ms > machine.environment.tick_ms);
    machine.act(ShowReview{});
    machine.act(FinaliseInterview{});
    CHECK(passes(machine) == 0);
    sleep(machine, 2 * hour);
    CHECK(passes(machine) >= 1);
    CHECK(respondents_side(machine.state) != nullptr);
}

TEST_CASE("on the respondent's side nobody reaches the switch") {
    App machine(one_question());
    machine.worker.study.mode = "self";
    machine.unlock();
    switch_on(machine);
    CHECK(machine.state.preferences.handing_over == HandingOver::when_asked);
}

TEST_CASE("after a passphrase that destroys nothing is known of a pass or of stores") {
    App app;
    app.worker.destroying = "everything must go now";
    app.worker.holds_passes = true;
    app.worker.pass.stores = {{{"k7m2q9x4b8n3", "https://one.example"}, true}};
    locked_with_switch_on(app);
    app.act(BeginSync{});
    app.act(SyncProgress{{{"name", 5, 0, FileState::waiting, {}}}, {.files = 1}});
    app.act(TryPassphrase{Passphrase(app.worker.destroying)});
    REQUIRE(std::holds_alternative<FirstRun>(app.state.stage));
    app.catch_up();
    Actions late;
    app.worker.finish_pass(late);
    app.settle(std::move(late));
    CHECK(app.state.sync.files.empty());
    CHECK(app.state.schedule.stores == 0);
    CHECK(app.state.preferences.handing_over == HandingOver::when_asked);
    CHECK(app.worker.preferences.handing_over == HandingOver::when_asked);
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
}
