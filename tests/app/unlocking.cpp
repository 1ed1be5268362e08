#include <algorithm>

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

const FirstRun& first_run(App& app) {
    REQUIRE(std::holds_alternative<FirstRun>(app.state.stage));
    return std::get<FirstRun>(app.state.stage);
}

const Locked& locked(App& app) {
    REQUIRE(std::holds_alternative<Locked>(app.state.stage));
    return std::get<Locked>(app.state.stage);
}

void choose_study(App& app) {
    app.act(ProfileMissing{});
    app.act(ChoosePackage{"/media/usb/visit.ffstudy"});
}

}  // namespace

TEST_CASE("the first run shows the study's fingerprint before anything is kept") {
    App app;
    choose_study(app);
    CHECK(first_run(app).step == FirstRunStep::check_package);
    CHECK(first_run(app).package.fingerprint.size() == 30);
    CHECK(app.worker.log == std::vector<std::string>{"read"});
}

TEST_CASE("a file that is no study is refused with a sentence, and the path stays") {
    App app;
    app.act(ProfileMissing{});
    app.act(ChoosePackage{"/home/me/letter.odt"});
    CHECK(first_run(app).step == FirstRunStep::choose_package);
    CHECK(first_run(app).why.key == "package.not_a_package");
    CHECK(first_run(app).path == "/home/me/letter.odt");
    CHECK_FALSE(first_run(app).busy);
}

TEST_CASE("a passphrase under eight characters is not taken") {
    App app;
    choose_study(app);
    app.act(ConfirmPackage{});
    app.act(ChoosePassphrase{Passphrase("kurz")});
    CHECK(first_run(app).step == FirstRunStep::choose_passphrase);
    CHECK(first_run(app).why.key == "passphrase.too_short");
}

TEST_CASE("no profile is made until the passphrase was typed the same a second time") {
    App app;
    choose_study(app);
    app.act(ConfirmPackage{});
    app.act(ChoosePassphrase{Passphrase("gravel lantern")});
    app.act(RepeatPassphrase{Passphrase("gravel lanterm")});
    CHECK(first_run(app).why.key == "passphrase.differs");
    CHECK(app.worker.log.back() == "read");
    app.act(RepeatPassphrase{Passphrase("gravel lantern")});
    CHECK(app.worker.log.back() == "create profile");
    CHECK(app.session().place == Place::enrolled);
    app.act(FinishFirstRun{});
    CHECK(app.session().place == Place::home);
}

TEST_CASE("a wrong passphrase is refused with a sentence, and the right one opens") {
    App app;
    app.act(ProfileFound{});
    app.act(TryPassphrase{Passphrase("wrong horse")});
    CHECK(locked(app).why.key == "store.wrong_passphrase");
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(app.session().place == Place::home);
}

TEST_CASE("home says once what the start has found of a run that was cut short") {
    App app(form_of("type | name | label\ntext | q | Question?"));
    app.act(ProfileFound{});
    Message said;
    SUBCASE("nothing") {}
    SUBCASE("open batches") {
        app.worker.found.batches = 2;
        said = {"home.found_files", {{"count", "2"}}};
    }
    SUBCASE("an interview that is sealed") {
        app.worker.found = {1, Found::Interview::sealed, "draft"};
        said = {"home.found_sealed", {}};
    }
    SUBCASE("an interview that is not") {
        app.worker.found = {0, Found::Interview::not_sealed, "draft"};
        said = {"home.found_unfinished", {}};
    }
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(app.session().found == said);
    app.act(StartInterview{});
    REQUIRE(app.interviewing());
    CHECK(app.session().found.empty());
}

TEST_CASE("on an unattended machine what the start has found waits for staff, beside what it has warned of") {
    App app(form_of("type | name | label\ntext | q | Question?"));
    app.worker.study.mode = "self";
    app.worker.found = {0, Found::Interview::not_sealed, "draft"};
    app.act(Failed{{"app.memory_may_be_hibernated", {}}});
    app.unlock();
    REQUIRE(app.session().kiosk);
    app.act(StartInterview{});
    app.act(HideAnswers{});
    app.act(EraseAnswers{});
    app.act(AskForStaff{});
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    REQUIRE(app.session().place == Place::home);
    CHECK(app.session().found.key == "kiosk.found_erased");
    CHECK(app.state.notice.key == "app.memory_may_be_hibernated");
    app.act(OpenToRespondents{});
    CHECK(app.session().found.empty());
}

TEST_CASE("while one passphrase is being tried a second is not taken") {
    App app;
    app.act(ProfileFound{});
    app.worker.holds_answers = true;
    app.act(TryPassphrase{Passphrase("wrong horse")});
    app.act(TryPassphrase{Passphrase("wrong horse")});
    CHECK(app.worker.waiting.size() == 1);
}

TEST_CASE("five minutes without a person lock the vault") {
    App app;
    app.unlock();
    app.pass(4 * 60'000 + 59'000);
    CHECK(app.session().place == Place::home);
    app.pass(1'000);
    CHECK(locked(app).by_itself);
    CHECK(app.worker.log.back() == "lock");
}

TEST_CASE("a key or a mouse move begins the five minutes anew") {
    App app;
    app.unlock();
    app.pass(4 * 60'000);
    app.act(PersonActive{});
    app.pass(4 * 60'000);
    CHECK(app.session().place == Place::home);
    CHECK(wake_up_in(app.state, app.environment.tick_ms) == 60'000);
}

TEST_CASE("whoever comes after the idle time finds the lock, though no tick came while the machine slept") {
    App app(visit_form());
    app.begin();
    app.environment.tick_ms += 5 * 60'000;
    app.act(PersonActive{});
    CHECK(std::holds_alternative<Locked>(app.state.stage));
    CHECK_FALSE(app.worker.open);
}

TEST_CASE("a policy of zero minutes never locks by itself") {
    App app;
    app.worker.study.auto_lock_minutes = 0;
    app.unlock();
    CHECK(wake_up_in(app.state, app.environment.tick_ms) == std::nullopt);
    app.pass(24 * 3'600'000);
    CHECK(app.session().place == Place::home);
}

TEST_CASE("closing the window locks before it quits") {
    App app;
    app.unlock();
    app.act(CloseWindow{});
    CHECK(app.worker.quit);
    CHECK_FALSE(app.worker.open);
}

TEST_CASE("sealed interviews can be handed over without the passphrase") {
    App app;
    app.act(ProfileFound{});
    app.act(ShowSync{});
    CHECK(locked(app).sync_shown);
    app.act(BeginSync{});
    CHECK(app.worker.log == std::vector<std::string>{"sync"});
    CHECK(app.state.sync.result.key == "sync.nothing_new");
}

TEST_CASE("a fault from which there is no way on replaces every screen") {
    App app;
    app.unlock();
    app.act(FailedForGood{{"store.internal", {}}});
    CHECK(std::holds_alternative<Fatal>(app.state.stage));
    app.act(StartInterview{});
    CHECK(std::holds_alternative<Fatal>(app.state.stage));
    app.act(ShowSync{});
    app.act(BeginSync{});
    CHECK_FALSE(std::get<Fatal>(app.state.stage).sync_shown);
    CHECK_FALSE(app.state.sync.running);
}

TEST_CASE("what is sealed is handed over also where the vault can't be opened any more") {
    App app;
    app.act(FailedForGood{{"store.keyslots_damaged", {}}, true});
    const Fatal& fatal = std::get<Fatal>(app.state.stage);
    app.act(ShowSync{});
    CHECK(fatal.sync_shown);
    app.act(BeginSync{});
    CHECK(app.worker.log == std::vector<std::string>{"sync"});
    CHECK(app.state.sync.result.key == "sync.nothing_new");
    app.act(ShowHome{});
    CHECK_FALSE(fatal.sync_shown);
}

TEST_CASE("where the vault can't be opened handing over by itself goes on, and nobody switches it on") {
    App app;
    SUBCASE("on") {
        app.state.preferences.handing_over = HandingOver::by_itself;
        app.act(FailedForGood{{"store.keyslots_damaged", {}}, true});
        REQUIRE(app.state.schedule.due_ms);
        app.environment.tick_ms = *app.state.schedule.due_ms;
        app.act(Tick{});
        CHECK(app.worker.log == std::vector<std::string>{"sync"});
        app.act(ChooseHandingOver{HandingOver::when_asked});
        CHECK_FALSE(app.state.schedule.due_ms);
    }
    SUBCASE("off") {
        app.act(FailedForGood{{"store.keyslots_damaged", {}}, true});
        app.act(ChooseHandingOver{HandingOver::by_itself});
    }
    CHECK(app.state.preferences.handing_over == HandingOver::when_asked);
}

TEST_CASE("after wrong passphrases the next try waits, the screen counts down, and then it is taken") {
    App app;
    app.act(ProfileFound{});
    app.worker.wait_seconds = 5;
    app.act(TryPassphrase{Passphrase("wrong")});
    CHECK(seconds_to_wait(locked(app), app.state.now_ms) == 5);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(std::ranges::count(app.worker.log, "unlock") == 1);

    for (int left = 4; left >= 0; --left) {
        const auto due = wake_up_in(app.state, app.environment.tick_ms);
        REQUIRE(due);
        CHECK(*due == 1000);
        app.pass(*due);
        CHECK(seconds_to_wait(locked(app), app.state.now_ms) == left);
    }
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(std::holds_alternative<Session>(app.state.stage));
}

TEST_CASE("a program that is begun anew after wrong passphrases begins the wait anew") {
    App app;
    app.act(ProfileFound{40});
    CHECK(seconds_to_wait(locked(app), app.state.now_ms) == 40);
    app.pass(39'001);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(app.worker.log.empty());
    app.pass(999);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(std::holds_alternative<Session>(app.state.stage));
}

TEST_CASE("with answers on the screen the clock is looked at every ten seconds: a lid may have been closed") {
    App app(visit_form());
    app.unlock();
    CHECK(wake_up_in(app.state, app.environment.tick_ms) == 5 * 60'000);
    app.begin();
    CHECK(wake_up_in(app.state, app.environment.tick_ms) == 10'000);
    app.environment.tick_ms += 5 * 60'000;  // it slept
    app.act(Tick{});
    CHECK(std::holds_alternative<Locked>(app.state.stage));
}
