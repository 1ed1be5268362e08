#include <doctest/doctest.h>

#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::gui::test;

namespace {

constexpr const char* by_itself = "Hand over by itself";

void tells(Screen& ui, int done, int taken) {
    ui.act(SyncProgress{{{"0123456789abcdef", 5000, 1000, FileState::sending, {}}},
                        {.files = 3, .done = done, .taken = taken, .bytes = 30'000, .bytes_sent = 20'000}});
    ui.show();
}

}  // namespace

TEST_CASE(
    "the switch stands on the screen for handing over, says what a network sees, and goes off locked too") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.act(ShowSync{});
    ui.show();
    CHECK(ui.sees("Whoever watches the network sees"));
    CHECK_FALSE(ui.sees("Next time by itself"));
    ui.click(by_itself);
    CHECK(ui.state.preferences.handing_over == HandingOver::by_itself);
    CHECK(ui.widget(by_itself).checked);
    CHECK(ui.sees("Next time by itself"));
    ui.act(Lock{});
    ui.act(ShowSync{});
    ui.show();
    ui.click(by_itself);
    CHECK(ui.worker.preferences.handing_over == HandingOver::when_asked);
    CHECK(ui.sees("Unlock Fieldfare to switch it on."));
    CHECK_FALSE(ui.widget(by_itself).enabled);
}

TEST_CASE("sent, taken and confirmed are told apart") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.worker.holds_passes = true;
    ui.act(ShowSync{});
    ui.act(BeginSync{});
    tells(ui, 2, 1);
    CHECK(ui.sees("Sent: 20 KB of 30 KB"));
    CHECK(ui.sees("Taken by a store: 1 of 3"));
    CHECK(ui.sees("Confirmed by the researchers: 0"));
    CHECK(ui.sees("And 2 more."));
}

TEST_CASE(
    "the button that stops a pass says that it is being stopped, and stops it at once when pressed again") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.worker.holds_passes = true;
    ui.act(ShowSync{});
    ui.act(BeginSync{});
    tells(ui, 1, 1);
    ui.worker.holds_answers = true;
    ui.click("Stop");
    CHECK(ui.sees("Stopping…"));
    CHECK_FALSE(ui.sees("Handing over…"));
    ui.click("Stop at once");
    CHECK(ui.worker.waiting.size() == 2);
    ui.catch_up();
    ui.show();
    CHECK_FALSE(ui.state.sync.running);
}

TEST_CASE(
    "the digits of the newest sealed file are shown to whoever has unlocked the machine, and to nobody "
    "else") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.act(ShowSync{});
    ui.show();
    CHECK_FALSE(ui.sees("The newest sealed file"));
    ui.worker.newest = {3, "123456789012345678901234567890"};
    ui.act(BeginSync{});
    ui.show();
    CHECK(ui.sees("The newest sealed file of this machine: batch 3"));
    CHECK(std::ranges::any_of(ui.tree(), [](const gui::Widget& widget) {
        return widget.value.starts_with("12345   67890   12345");
    }));
    ui.act(Lock{});
    ui.act(ShowSync{});
    ui.show();
    CHECK_FALSE(ui.sees("The newest sealed file"));
}

TEST_CASE(
    "home tells how many interviews are unfinished, sealed, handed over and confirmed, each by its name") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    const auto shows = [&](Counts counts) {
        ui.act(DraftsChanged{{}, counts});
        ui.show();
        const auto stands = [&](const char* label, int count) {
            return ui.widget(label).value == std::to_string(count);
        };
        return stands("Unfinished", counts.drafts) && stands("Sealed", counts.sealed) &&
               stands("Handed over", counts.handed_over) && stands("Confirmed", counts.confirmed);
    };
    CHECK(shows({.drafts = 0, .sealed = 0, .handed_over = 0, .confirmed = 0}));
    CHECK(shows({.drafts = 12, .sealed = 345, .handed_over = 6789, .confirmed = 100'000}));
}

TEST_CASE(
    "home and the hand-over tell of sealed files that have vanished, and no screen of a locked machine") {
    Screen ui(app::test::visit_form());
    const std::string vanished = "Sealed files are not on this machine any more: 2. Interviews in them: 5.";
    ui.unlock();
    ui.act(DraftsChanged{{}, {.sealed = 1}});
    ui.show();
    CHECK_FALSE(ui.sees("not on this machine any more"));
    ui.act(DraftsChanged{{}, {.sealed = 1, .missing = 5, .missing_files = 2}});
    ui.show();
    CHECK(ui.sees(vanished));
    ui.act(ShowSync{});
    ui.show();
    CHECK(ui.sees(vanished));
    ui.act(Lock{});
    ui.act(ShowSync{});
    ui.show();
    CHECK_FALSE(ui.sees("not on this machine any more"));
}

TEST_CASE("the screen of a vault that can't be opened has the way to the hand-over, and back") {
    Screen ui(app::test::visit_form());
    const std::string gone = "The file \"vault.db\" is missing.";
    ui.act(FailedForGood{{"store.database_missing", {}}, true});
    ui.show();
    CHECK(ui.sees(gone));
    ui.click("Hand over finished interviews");
    CHECK_FALSE(ui.sees(gone));
    CHECK_FALSE(ui.find(by_itself));
    ui.click("Hand over now");
    CHECK(ui.sees("Nothing waits to be handed over."));
    ui.click("Back");
    CHECK(ui.sees(gone));
    ui.act(FailedForGood{{"store.internal", {}}});
    ui.show();
    CHECK_FALSE(ui.find("Hand over finished interviews"));
}

TEST_CASE("home tells what a crash has left beside how it was opened") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    auto& session = std::get<Session>(ui.state.stage);
    session.news = {"recovery.done", {}};
    session.found = {"home.found_sealed", {}};
    ui.show();
    CHECK(ui.sees("This machine has its key back"));
    CHECK(ui.sees("It is sealed, and nothing of it is lost."));
}

TEST_CASE("home says when the study's time is over, and interviews go on") {
    Screen ui(app::test::visit_form());
    ui.worker.study.last_day = "2026-11-23";
    ui.unlock();
    ui.show();
    CHECK_FALSE(ui.sees("This study file was good until"));
    ui.environment.utc_day = "2026-11-24";
    ui.act(Tick{});
    ui.show();
    CHECK(ui.sees("This study file was good until 23 November 2026."));
    ui.begin();
    CHECK(ui.interviewing());
}

TEST_CASE(
    "what is handed over unasked is told in a line on home and behind the lock, where it can be stopped") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.show();
    CHECK_FALSE(ui.sees("by itself"));
    ui.act(ChooseHandingOver{HandingOver::by_itself});
    ui.show();
    CHECK(ui.sees("Fieldfare hands over by itself."));
    ui.worker.holds_passes = true;
    ui.act(BeginSync{});
    tells(ui, 1, 1);
    CHECK(ui.sees("Files done: 1 of 3."));
    ui.act(Lock{});
    ui.show();
    CHECK_FALSE(ui.sees("Files done"));
    CHECK_FALSE(ui.sees(ui.worker.study.title));
    ui.click("Stop handing over");
    CHECK_FALSE(ui.state.sync.running);
}

TEST_CASE(
    "a pass that is stopped from home or the lock screen says so, before a second press breaks it off") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.worker.holds_passes = true;
    ui.act(BeginSync{});
    SUBCASE("home") {}
    SUBCASE("the lock screen") {
        ui.act(Lock{});
    }
    tells(ui, 1, 1);
    ui.worker.holds_answers = true;
    ui.click("Stop handing over");
    CHECK(ui.sees("Handing over is being stopped…"));
    CHECK(ui.find("Stop handing over") == nullptr);
    ui.click("Stop handing over at once");
    CHECK(ui.worker.waiting.size() == 2);
}

TEST_CASE("the screen names the store that rests, why, and when it is asked again") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.act(ChooseHandingOver{HandingOver::by_itself});
    ui.worker.pass = {.carried = true,
                      .waiting = 2,
                      .stores = {{{"k7m2q9x4b8n3", "folder:/media/stick"},
                                  false,
                                  {"sync.fault.not_permitted", {{"store", "folder:/media/stick"}}},
                                  true}}};
    ui.act(ShowSync{});
    ui.act(BeginSync{});
    ui.show();
    CHECK(ui.sees("folder:/media/stick may not be written to."));
    CHECK(ui.sees("Next try by itself in "));
    ui.act(ChooseHandingOver{HandingOver::when_asked});
    ui.show();
    CHECK_FALSE(ui.sees("Next try by itself in "));
}

TEST_CASE(
    "behind the lock nobody reads of a pass that nobody has asked for where it went, how much, or when "
    "next") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.act(ChooseHandingOver{HandingOver::by_itself});
    ui.act(Lock{});
    ui.act(ShowSync{});
    ui.state.sync.by_itself = true;
    ui.state.sync.failed = true;
    ui.state.sync.result = {"sync.fault.unreachable", {{"store", "https://drop.example.org"}}};
    ui.state.sync.totals = {.files = 3, .done = 1, .taken = 1, .bytes = 30'000, .bytes_sent = 20'000};
    ui.state.sync.files = {{"0123456789abcdef", 5000, 1000, FileState::failed, ui.state.sync.result}};
    ui.show();
    for (const char* told : {"drop.example.org", "Taken by a store", "0123456789", "Next time by itself"})
        CHECK_FALSE(ui.sees(told));
    ui.state.sync.by_itself = false;  // somebody has pressed the button here
    ui.show();
    CHECK(ui.sees("drop.example.org"));
    CHECK(ui.sees("Taken by a store: 1 of 3"));
}

TEST_CASE("a respondent reads nothing of what the machine hands over") {
    Screen ui(app::test::visit_form());
    ui.worker.study.mode = "self";
    ui.worker.holds_passes = true;
    ui.state.preferences.handing_over = HandingOver::by_itself;
    ui.unlock();
    ui.state.schedule.due_ms = ui.environment.tick_ms;
    ui.act(Tick{});
    REQUIRE(ui.state.sync.running);
    ui.show();
    CHECK_FALSE(ui.sees("anding over"));
    CHECK_FALSE(ui.sees("hands over"));
}
