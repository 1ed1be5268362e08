#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr const char* mine = "gravel lantern otter wick";
constexpr const char* destroying = "marzipan eleven saddles";

/// In the settings of an open vault, where the passphrase that opens is asked for.
void begin_setting(App& app) {
    app.unlock();
    app.act(ShowSettings{});
    app.act(ShowDestroyPassphrase{});
    REQUIRE(app.session().destroying);
}

const DestroyPassphrase& setting(App& app) {
    REQUIRE(app.session().destroying);
    return *app.session().destroying;
}

void type(App& app, const char* current, const char* chosen, const char* again) {
    app.act(TryPassphrase{Passphrase(current)});
    app.act(ChoosePassphrase{Passphrase(chosen)});
    app.act(RepeatPassphrase{Passphrase(again)});
}

}  // namespace

TEST_CASE("a passphrase that destroys is set with one's own and typed twice") {
    App app;
    begin_setting(app);
    type(app, mine, destroying, destroying);
    CHECK(setting(app).step == DestroyPassphrase::Step::done);
    CHECK(setting(app).told.key == "destroying.set");
    CHECK(app.worker.destroying == destroying);
    app.act(HideSettings{});
    CHECK_FALSE(app.session().destroying);
    CHECK_FALSE(app.state.settings_shown);
}

TEST_CASE("one that differs the second time, or is too short, is not set") {
    App app;
    begin_setting(app);
    type(app, mine, destroying, "marzipan eleven saddle");
    CHECK(setting(app).why.key == "passphrase.differs");
    app.act(BackToPassphrase{});
    app.act(ChoosePassphrase{Passphrase("short")});
    CHECK(setting(app).why.key == "passphrase.too_short");
    CHECK(app.worker.log.back() == "unlock");
}

TEST_CASE("one that is a slip of the finger away from the passphrase that opens is not taken") {
    App app;
    begin_setting(app);
    app.act(TryPassphrase{Passphrase(mine)});
    for (const char* alike :
         {mine, "gravel lantern otter wick ", "gravel lantern", "Gravel Lantern Otter Wick",
          "gravl lantern otter wickk", "gravel lantern otter"}) {
        INFO(alike);
        app.act(ChoosePassphrase{Passphrase(alike)});
        CHECK(setting(app).why.key == "destroying.too_alike");
        CHECK(setting(app).step == DestroyPassphrase::Step::chosen);
    }
    app.act(ChoosePassphrase{Passphrase("lantern gravel otter wick")});
    CHECK(setting(app).step == DestroyPassphrase::Step::repeated);
}

TEST_CASE("with a wrong passphrase of one's own nothing is set, and it is asked for again") {
    App app;
    begin_setting(app);
    type(app, "not my own words", destroying, destroying);
    CHECK(setting(app).step == DestroyPassphrase::Step::current);
    CHECK(setting(app).why.key == "store.wrong_passphrase");
    CHECK(app.worker.destroying.empty());
}

TEST_CASE("having none any more is asked for in the same place, whether or not one was set") {
    App app;
    begin_setting(app);
    app.act(TryPassphrase{Passphrase(mine)});
    app.act(RemoveDestroyPassphrase{});
    CHECK(setting(app).told.key == "destroying.removed");
    CHECK(app.worker.log.back() == "drop destroying");
}

TEST_CASE("nothing of it is kept when the settings are left or the vault is locked") {
    App app;
    begin_setting(app);
    app.act(TryPassphrase{Passphrase(mine)});
    app.act(HideSettings{});
    CHECK_FALSE(app.session().destroying);
    app.act(ShowSettings{});
    app.act(ShowDestroyPassphrase{});
    CHECK(setting(app).current.empty());
    app.act(Lock{});
    CHECK(std::holds_alternative<Locked>(app.state.stage));
}

TEST_CASE("it can be set nowhere but in the settings of an open vault") {
    App app;
    app.act(ProfileFound{});
    app.act(ShowDestroyPassphrase{});
    CHECK(std::holds_alternative<Locked>(app.state.stage));
    app.act(TryPassphrase{Passphrase(mine)});
    app.act(ShowDestroyPassphrase{});
    CHECK_FALSE(app.session().destroying);
}

TEST_CASE("after it was typed the program asks for a study, as if it never had one, and takes one in") {
    App app;
    app.worker.destroying = destroying;
    app.act(ProfileFound{});
    app.act(TryPassphrase{Passphrase(destroying)});
    const auto& run = std::get<FirstRun>(app.state.stage);
    CHECK(run.step == FirstRunStep::choose_package);
    CHECK(run.why.empty());

    app.act(Lock{});
    REQUIRE(std::holds_alternative<Locked>(app.state.stage));
    app.act(TryPassphrase{Passphrase(destroying)});
    app.act(ChoosePackage{"/home/me/letter.odt"});  // refused, and still the vault is open
    app.act(ChoosePackage{"/media/usb/visit.ffstudy"});
    app.act(ConfirmPackage{});
    CHECK(app.worker.log.back() == "take first study");
    CHECK(app.session().place == Place::enrolled);
}
