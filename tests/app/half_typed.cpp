#include "client/app/half_typed.h"

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr const char* mine = "gravel lantern otter wick";
constexpr const char* chosen = "quince barrow violet tide";
constexpr std::int64_t minute = 60'000;

/// As drawing does it, in a frame after a key.
void half_types(App& app) {
    app.act(PersonActive{});
    app.act(PassphraseTyped{true});
}

void begins(App& app) {
    app.act(ProfileMissing{});
    app.act(ChoosePackage{"/media/usb/visit.ffstudy"});
    app.act(ConfirmPackage{});
}

/// In the settings of a vault that never locks by itself, with the passphrase of now typed.
template <typename Show>
void begins_in_settings(App& app) {
    app.worker.study.auto_lock_minutes = 0;
    app.unlock();
    app.act(ShowSettings{});
    app.act(Show{});
    app.act(TryPassphrase{Passphrase(mine)});
}

const Message said{"passphrase.forgotten", {}};

}  // namespace

TEST_CASE(
    "a passphrase half typed is forgotten once nobody was there for five minutes, and the screen says so") {
    App app;
    app.act(ProfileFound{});
    half_types(app);
    app.pass(5 * minute - 1);
    CHECK(app.state.passphrase_typed);
    SUBCASE("who goes on typing has time anew") {
        app.act(PersonActive{});
        app.pass(5 * minute - 1);
        CHECK(app.state.passphrase_typed);
        CHECK(std::get<Locked>(app.state.stage).why.empty());
    }
    SUBCASE("else it is gone") {
        app.pass(1);
        CHECK_FALSE(app.state.passphrase_typed);
        CHECK(std::get<Locked>(app.state.stage).why == said);
        CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
    }
}

TEST_CASE("where nothing is typed nothing is forgotten, and the window may sleep") {
    App app;
    app.act(ProfileFound{});
    half_types(app);
    CHECK(wake_up_in(app.state, app.environment.tick_ms) == 10'000);
    app.act(PassphraseTyped{false});
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
    app.pass(60 * minute);
    CHECK(std::get<Locked>(app.state.stage).why.empty());
}

TEST_CASE("a machine that slept shows no half typed passphrase to the first who touches it") {
    App app;
    app.act(ProfileFound{});
    half_types(app);
    app.environment.tick_ms += 6 * minute;
    app.act(PersonActive{});
    CHECK_FALSE(app.state.passphrase_typed);
}

TEST_CASE("of passphrases that are typed more than once those before are forgotten as well") {
    App app;
    SUBCASE("on the first run") {
        begins(app);
        app.act(ChoosePassphrase{Passphrase(chosen)});
        REQUIRE(wake_up_in(app.state, app.environment.tick_ms) == 5 * minute);
        app.pass(5 * minute);
        const auto& run = std::get<FirstRun>(app.state.stage);
        CHECK(run.step == FirstRunStep::choose_passphrase);
        CHECK(run.first.empty());
        CHECK(run.why == said);
        app.act(RepeatPassphrase{Passphrase(chosen)});
        CHECK(app.worker.log.back() == "read");
    }
    SUBCASE("of a new passphrase") {
        begins_in_settings<ShowNewPassphrase>(app);
        app.act(ChoosePassphrase{Passphrase(chosen)});
        app.pass(5 * minute);
        const NewPassphrase& change = *app.session().changing;
        CHECK(change.step == NewPassphrase::Step::current);
        CHECK(change.current.empty());
        CHECK(change.chosen.empty());
        CHECK(change.why == said);
        CHECK(app.worker.passphrase == mine);
    }
    SUBCASE("of a new passphrase, while a token file is looked for") {
        app.worker.folders[""] = {"/home/me", "/home", {}, false, {}};
        begins_in_settings<ShowNewPassphrase>(app);
        app.act(ChooseToken{});
        REQUIRE(app.session().changing->picker);
        app.pass(5 * minute);
        CHECK_FALSE(app.session().changing->picker);
        CHECK(app.session().changing->current.empty());
    }
    SUBCASE("of one that destroys") {
        begins_in_settings<ShowDestroyPassphrase>(app);
        app.pass(5 * minute);
        CHECK(app.session().destroying->step == DestroyPassphrase::Step::current);
        CHECK(app.session().destroying->current.empty());
        CHECK(app.session().destroying->why == said);
        app.act(RemoveDestroyPassphrase{});
        CHECK(app.worker.log.back() == "unlock");
    }
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
}

TEST_CASE("what the worker has been given already is not forgotten half-way") {
    App app;
    begins(app);
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.worker.holds_answers = true;
    app.act(RepeatPassphrase{Passphrase(chosen)});
    app.pass(5 * minute);
    CHECK(std::get<FirstRun>(app.state.stage).step == FirstRunStep::repeat_passphrase);
    CHECK(std::get<FirstRun>(app.state.stage).why.empty());
    app.catch_up();
    CHECK(app.session().place == Place::enrolled);
}

TEST_CASE("one half typed for a rescue is forgotten there, and the rescue goes on") {
    App app;
    app.worker.damaged = true;
    app.act(ProfileFound{});
    app.act(TryPassphrase{Passphrase(mine)});
    app.act(ShowRescue{});
    half_types(app);
    app.pass(5 * minute);
    const auto& rescuing = std::get<Locked>(app.state.stage).rescuing;
    REQUIRE(rescuing);
    CHECK(rescuing->why == said);
    CHECK_FALSE(app.state.passphrase_typed);
}
