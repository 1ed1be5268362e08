#include "client/app/changing.h"

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr const char* mine = "gravel lantern otter wick";
constexpr const char* chosen = "quince barrow violet tide";
constexpr const char* stick = "/media/usb/me.fftoken";

void with_stick(App& app) {
    app.worker.folders[""] = {"/home/me", "/home", {{FolderEntry::Kind::folder, "usb", 0}}, false, {}};
    app.worker.folders["/media/usb"] = {
        "/media/usb", "/media", {{FolderEntry::Kind::file, "me.fftoken", 60}}, false, {}};
}

/// In the settings of an open vault, where the passphrase of now is asked for.
void begin_changing(App& app) {
    with_stick(app);
    app.unlock();
    app.act(ShowSettings{});
    app.act(ShowNewPassphrase{});
    REQUIRE(app.session().changing);
}

const NewPassphrase& changing(App& app) {
    REQUIRE(app.session().changing);
    return *app.session().changing;
}

void type(App& app, const char* current, const char* next, const char* again) {
    app.act(TryPassphrase{Passphrase(current)});
    app.act(ChoosePassphrase{Passphrase(next)});
    app.act(RepeatPassphrase{Passphrase(again)});
}

void pick_stick(App& app) {
    app.act(ChooseToken{});
    app.act(OpenFolder{"/media/usb"});
    app.act(PickFile{"me.fftoken"});
}

const Locked& locked(App& app) {
    REQUIRE(std::holds_alternative<Locked>(app.state.stage));
    return std::get<Locked>(app.state.stage);
}

}  // namespace

TEST_CASE("the passphrase is changed with the one of now, and the new one typed twice") {
    App app;
    begin_changing(app);
    type(app, mine, chosen, chosen);
    CHECK(changing(app).step == NewPassphrase::Step::done);
    CHECK(app.worker.passphrase == chosen);
    CHECK_FALSE(app.session().needs_token);
    app.act(HideSettings{});
    CHECK_FALSE(app.session().changing);
}

TEST_CASE("a new passphrase that is too short, differs, or comes with a wrong one of now, changes nothing") {
    App app;
    begin_changing(app);
    app.act(TryPassphrase{Passphrase("")});
    CHECK(changing(app).why.key == "unlock.empty");
    app.act(TryPassphrase{Passphrase(mine)});
    app.act(ChoosePassphrase{Passphrase("short")});
    CHECK(changing(app).why.key == "passphrase.too_short");
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase("quince barrow violet")});
    CHECK(changing(app).why.key == "passphrase.differs");
    app.act(BackToPassphrase{});
    CHECK(changing(app).step == NewPassphrase::Step::chosen);
    CHECK(app.worker.log.back() == "unlock");
    app.act(HideSettings{});

    app.act(ShowSettings{});
    app.act(ShowNewPassphrase{});
    type(app, "wrong horse battery", chosen, chosen);
    CHECK(changing(app).step == NewPassphrase::Step::current);
    CHECK(changing(app).why.key == "store.wrong_passphrase");
    CHECK(app.worker.passphrase == mine);
}

TEST_CASE("a token file goes with a new passphrase, and the lock screen goes on with it") {
    App app;
    begin_changing(app);
    app.act(TryPassphrase{Passphrase(mine)});
    pick_stick(app);
    CHECK(changing(app).token == ChangePassphrase::Token::of_file);
    CHECK(changing(app).token_path == stick);
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(app.worker.token == stick);
    CHECK(app.session().needs_token);

    app.act(HideSettings{});
    app.act(Lock{});
    app.act(TryPassphrase{Passphrase(chosen)});
    CHECK(app.session().place == Place::home);

    // The next change keeps it, unless the person leaves it out.
    app.act(ShowSettings{});
    app.act(ShowNewPassphrase{});
    CHECK(changing(app).token == ChangePassphrase::Token::same);
    type(app, chosen, mine, mine);
    CHECK(app.worker.token == stick);
    app.act(HideSettings{});
    app.act(ShowSettings{});
    app.act(ShowNewPassphrase{});
    app.act(TryPassphrase{Passphrase(mine)});
    app.act(DropToken{});
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(app.worker.token.empty());
    CHECK(app.state.token_path.empty());
}

TEST_CASE("at the lock screen a token file is chosen, dropped on the window, or left out again") {
    App app;
    with_stick(app);
    app.worker.token = stick;
    app.act(ProfileFound{});
    app.act(TryPassphrase{Passphrase(mine)});
    CHECK(locked(app).why.key == "store.wrong_passphrase");
    pick_stick(app);
    CHECK_FALSE(locked(app).token_picker);
    CHECK(app.state.token_path == stick);
    app.act(DropToken{});
    CHECK(app.state.token_path.empty());
    app.act(DropFile{stick});
    CHECK(app.state.token_path == stick);
    app.act(TryPassphrase{Passphrase(mine)});
    CHECK(app.session().needs_token);
}

TEST_CASE("a token file is no answer to a request, and the picker shows where nothing else is chosen") {
    App app;
    with_stick(app);
    app.act(ProfileFound{});
    app.act(ShowRecovery{});
    app.act(ChooseToken{});
    CHECK_FALSE(locked(app).token_picker);
    app.act(LeaveRecovery{});
    app.act(ChooseToken{});
    REQUIRE(locked(app).token_picker);
    app.act(LeavePicker{});
    CHECK_FALSE(locked(app).token_picker);
    CHECK(app.state.token_path.empty());
}

TEST_CASE("nothing of a token file is left after the passphrase that destroys") {
    App app;
    with_stick(app);
    app.worker.token = stick;
    app.worker.destroying = "marzipan eleven saddles";
    app.act(ProfileFound{});
    app.act(DropFile{stick});
    app.act(TryPassphrase{Passphrase("marzipan eleven saddles")});
    CHECK(std::holds_alternative<FirstRun>(app.state.stage));
    CHECK(app.state.token_path.empty());
}

TEST_CASE("a change that was cut short leaves the program locked, with the reason and the new token") {
    App app;
    begin_changing(app);
    app.act(PassphraseRefused{{"changing.cut_short", {}}, PassphraseChanged{true, stick}});
    CHECK(locked(app).why.key == "changing.cut_short");
    CHECK_FALSE(app.state.settings_shown);
    CHECK(app.state.token_path == stick);
}

TEST_CASE("while the passphrase is being changed nothing else is done, and nobody locks the program") {
    App app;
    begin_changing(app);
    app.act(TryPassphrase{Passphrase(mine)});
    pick_stick(app);
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.worker.holds_answers = true;
    app.act(RepeatPassphrase{Passphrase(chosen)});
    CHECK(changing(app).busy);
    app.act(HideSettings{});
    CHECK(app.state.settings_shown);
    app.act(Lock{});
    app.pass(std::int64_t{60} * 60'000);
    REQUIRE(app.session().changing);
    app.worker.holds_answers = false;
    app.act(PassphraseChanged{true, stick});
    CHECK(changing(app).step == NewPassphrase::Step::done);
    CHECK(app.state.token_path == stick);
}

TEST_CASE("a file that is dropped while settings are shown goes nowhere but into them") {
    App app;
    begin_changing(app);
    app.act(DropFile{stick});  // the passphrase of now comes first
    app.act(TryPassphrase{Passphrase(mine)});
    CHECK(changing(app).token == ChangePassphrase::Token::none);
    app.act(DropFile{"/media/usb/visit-2.ffstudy"});
    app.act(DropFile{"/media/usb/ME.FFTOKEN"});
    CHECK(changing(app).token_path == "/media/usb/ME.FFTOKEN");
    app.act(HideSettings{});
    CHECK(app.session().place == Place::home);
    CHECK_FALSE(app.session().update);
}

TEST_CASE("a token that opened nothing is forgotten, and with a new choice what was said of the one before") {
    App app;
    app.act(ProfileFound{});
    app.worker.token = stick;
    app.act(DropFile{"/media/usb/other.fftoken"});
    app.act(TryPassphrase{Passphrase(mine)});
    CHECK_FALSE(locked(app).why.empty());
    app.act(DropFile{stick});
    CHECK(locked(app).why.empty());
    app.worker.token.clear();  // a supervisor has helped
    app.act(TryPassphrase{Passphrase(mine)});
    CHECK(app.session().place == Place::home);
    CHECK(app.state.token_path.empty());
}
