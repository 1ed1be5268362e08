#include "client/app/recovering.h"

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr const char* chosen = "thimble orchard seven kettles";
constexpr std::int64_t minute = 60'000;

/// At the lock screen, where the way out is taken.
void forget(App& app) {
    app.act(ProfileFound{});
    app.act(ShowRecovery{});
}

void ask(App& app) {
    forget(app);
    app.act(AskSupervisor{});
}

/// The supervisor's answer is there and fits.
void get_answer(App& app) {
    ask(app);
    app.act(DropFile{app.worker.right_answer});
}

const Locked& locked(App& app) {
    REQUIRE(std::holds_alternative<Locked>(app.state.stage));
    return std::get<Locked>(app.state.stage);
}

const Recovering& recovering(App& app) {
    REQUIRE(locked(app).recovering);
    return *locked(app).recovering;
}

}  // namespace

TEST_CASE("with the supervisor's answer and a new passphrase, typed twice, the list of interviews is there") {
    App app;
    get_answer(app);
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(app.session().place == Place::home);
    CHECK(app.session().news.key == "recovery.done");
    app.act(Lock{});
    app.act(TryPassphrase{Passphrase(chosen)});
    CHECK(app.session().place == Place::home);
    CHECK(app.session().news.empty());
}

TEST_CASE("what a crash did to an interview is told beside the key that has come back") {
    App app;
    app.worker.found = {1, Found::Interview::sealed, "draft"};
    get_answer(app);
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(app.session().news.key == "recovery.done");
    CHECK(app.session().found.key == "home.found_sealed");
}

TEST_CASE(
    "the screen shows where the request lies and its digits, and nothing is asked before it is wanted") {
    App app;
    forget(app);
    CHECK(app.worker.log.empty());
    app.act(AskSupervisor{});
    CHECK(recovering(app).step == Recovering::Step::wait);
    CHECK(recovering(app).file == "/home/me/.fieldfare/request.ffrecover");
    CHECK(recovering(app).digits.size() == 30);
}

TEST_CASE("a file that is no answer to the request is refused, and another one can be chosen") {
    App app;
    ask(app);
    app.act(DropFile{"/media/usb/other.ffanswer"});
    CHECK(recovering(app).step == Recovering::Step::wait);
    CHECK(recovering(app).why.key == "store.wrong_answer");
    app.act(DropFile{app.worker.right_answer});
    CHECK(recovering(app).step == Recovering::Step::chosen);
    CHECK(recovering(app).why.empty());
}

TEST_CASE("the answer is chosen in the list of files, where answers alone are shown") {
    App app;
    app.worker.folders[""] = {"/home/me", "/home", {{FolderEntry::Kind::folder, "usb", 0}}, false, {}};
    app.worker.folders["/media/usb"] = {
        "/media/usb", "/media", {{FolderEntry::Kind::file, "laptop3.ffanswer", 140}}, false, {}};
    ask(app);
    app.worker.holds_answers = true;
    app.act(ChooseAnswer{});
    CHECK(std::get<ListFolder>(app.worker.waiting.back()).kinds == std::vector<std::string>{"ffanswer"});
    app.catch_up();
    REQUIRE(recovering(app).picker);
    app.act(OpenFolder{"/nowhere"});
    CHECK(recovering(app).picker->why.key == "attach.no_folder");
    app.act(OpenFolder{"/media/usb"});
    app.act(PickFile{"usb"});  // not in this folder
    app.act(PickFile{"laptop3.ffanswer"});
    CHECK_FALSE(recovering(app).picker);
    CHECK(recovering(app).step == Recovering::Step::chosen);
}

TEST_CASE("no answer is taken before there is a request, nor a second one once one has fitted") {
    App app;
    app.act(ProfileFound{});
    app.act(DropFile{app.worker.right_answer});
    forget(app);
    app.act(DropFile{app.worker.right_answer});
    app.act(ChooseAnswer{});
    CHECK_FALSE(recovering(app).picker);
    CHECK(app.worker.log.empty());
    get_answer(app);
    app.act(DropFile{"/media/usb/other.ffanswer"});
    CHECK(app.worker.log.back() == "read answer");
    CHECK(recovering(app).step == Recovering::Step::chosen);
}

TEST_CASE("the new passphrase has to be long enough and the same twice") {
    App app;
    get_answer(app);
    app.act(ChoosePassphrase{Passphrase("short")});
    CHECK(recovering(app).why.key == "passphrase.too_short");
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase("thimble orchard seven kettle")});
    CHECK(recovering(app).why.key == "passphrase.differs");
    app.act(BackToPassphrase{});
    CHECK(recovering(app).step == Recovering::Step::chosen);
    CHECK(recovering(app).chosen.empty());
    CHECK(app.worker.log.back() == "read answer");
}

TEST_CASE("what goes wrong says so, and can be tried again") {
    App app;
    app.worker.refuses_request = true;
    ask(app);
    CHECK(recovering(app).step == Recovering::Step::ask);
    CHECK(recovering(app).why.key == "store.in_use");
    app.worker.refuses_request = false;
    app.worker.refuses_recovery = true;
    app.act(AskSupervisor{});
    app.act(DropFile{app.worker.right_answer});
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(recovering(app).step == Recovering::Step::chosen);
    CHECK(recovering(app).why.key == "store.disk_full");
    app.worker.refuses_recovery = false;
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(app.session().place == Place::home);
}

TEST_CASE("who gives up is asked for the passphrase again, and the request is forgotten") {
    App app;
    forget(app);
    app.act(LeaveRecovery{});
    CHECK(app.worker.log.empty());
    get_answer(app);
    app.act(LeaveRecovery{});
    CHECK_FALSE(locked(app).recovering);
    CHECK(app.worker.log.back() == "drop request");
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    CHECK(app.session().news.empty());
}

TEST_CASE("a window that is closed leaves no request behind") {
    App app;
    ask(app);
    app.act(CloseWindow{});
    CHECK(app.worker.log.back() == "drop request");
    CHECK(app.worker.quit);
}

TEST_CASE("once an answer has fitted, nobody for five minutes is enough to give it up") {
    App app;
    get_answer(app);
    CHECK(wake_up_in(app.state, app.environment.tick_ms) == 5 * minute);
    app.pass(5 * minute - 1);
    CHECK(recovering(app).step == Recovering::Step::chosen);
    app.pass(1);
    CHECK_FALSE(locked(app).recovering);
    CHECK(locked(app).why.key == "recovery.given_up");
    CHECK(app.worker.log.back() == "drop request");
}

TEST_CASE("a machine that slept is not opened by the first who touches it") {
    App app;
    get_answer(app);
    app.environment.tick_ms += 6 * minute;
    app.act(ChoosePassphrase{Passphrase(chosen)});
    CHECK_FALSE(locked(app).recovering);
}

TEST_CASE("a request is waited for as long as it takes") {
    App app;
    ask(app);
    CHECK_FALSE(wake_up_in(app.state, app.environment.tick_ms));
    app.pass(600 * minute);
    CHECK(recovering(app).step == Recovering::Step::wait);
}

TEST_CASE("while a request is out no passphrase is tried, and nothing else happens on the lock screen") {
    App app;
    ask(app);
    app.act(TryPassphrase{Passphrase(app.worker.passphrase)});
    app.act(ShowSync{});
    CHECK_FALSE(locked(app).sync_shown);
    CHECK(app.worker.log.back() == "write request");
    app.act(LeaveRecovery{});
    app.unlock();
    app.act(ShowRecovery{});
    CHECK(std::holds_alternative<Session>(app.state.stage));
}
