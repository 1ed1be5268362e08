#include "client/app/rescuing.h"

#include <algorithm>

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

constexpr const char* right = "gravel lantern otter wick";
constexpr const char* study_file = "/media/usb/visit.ffstudy";

/// At the lock screen of a damaged vault, its passphrase tried.
void find_damage(App& app) {
    app.worker.damaged = true;
    app.act(ProfileFound{});
    app.act(TryPassphrase{Passphrase(right)});
}

const Locked& locked(App& app) {
    REQUIRE(std::holds_alternative<Locked>(app.state.stage));
    return std::get<Locked>(app.state.stage);
}

const Rescuing& rescuing(App& app) {
    REQUIRE(locked(app).rescuing);
    return *locked(app).rescuing;
}

}  // namespace

TEST_CASE("of a damaged vault what can be read is offered, with the folder that is to be copied first") {
    App app;
    find_damage(app);
    CHECK(locked(app).why.key == "store.database_damaged");
    CHECK(locked(app).damaged_in == "/home/me/.fieldfare");
    CHECK_FALSE(locked(app).rescuing);
    app.act(ShowRescue{});
    CHECK(rescuing(app).step == Rescuing::Step::ask);
    app.act(LeaveRescue{});
    CHECK_FALSE(locked(app).rescuing);
    CHECK(app.worker.log == std::vector<std::string>{"unlock"});
}

TEST_CASE("a vault that is whole is not rescued") {
    App app;
    app.act(ProfileFound{});
    app.act(ShowRescue{});
    CHECK_FALSE(locked(app).rescuing);
    app.act(TryPassphrase{Passphrase("wrong")});
    app.act(ShowRescue{});
    CHECK_FALSE(locked(app).rescuing);
}

TEST_CASE("with the passphrase the list of interviews is there, and says how much came back") {
    App app;
    app.worker.drafts["draft"] = {};
    find_damage(app);
    app.act(ShowRescue{});
    SUBCASE("all of it") {
        app.worker.rescued_whole = true;
        app.act(TryPassphrase{Passphrase(right)});
        CHECK(app.session().news == Message{"rescue.done", {{"count", "1"}}});
    }
    SUBCASE("not all of it") {
        app.act(TryPassphrase{Passphrase(right)});
        CHECK(app.session().news == Message{"rescue.done_in_part", {{"count", "1"}}});
    }
    SUBCASE("with keys of the machine lost") {
        app.worker.new_keys = true;
        SUBCASE("and nothing else") {
            app.worker.rescued_whole = true;
            app.act(TryPassphrase{Passphrase(right)});
            CHECK(app.session().news == Message{"rescue.done_as_another", {{"count", "1"}}});
        }
        SUBCASE("and perhaps answers") {
            app.act(TryPassphrase{Passphrase(right)});
            CHECK(app.session().news == Message{"rescue.done_in_part_as_another", {{"count", "1"}}});
        }
        SUBCASE("and two photos") {
            app.worker.files_lost = 2;
            app.act(TryPassphrase{Passphrase(right)});
            CHECK(app.session().news ==
                  Message{"rescue.done_without_files_as_another", {{"count", "1"}, {"files", "2"}}});
        }
    }
    SUBCASE("without two photos") {
        app.worker.files_lost = 2;
        app.act(TryPassphrase{Passphrase(right)});
        CHECK(app.session().news == Message{"rescue.done_without_files", {{"count", "1"}, {"files", "2"}}});
    }
    CHECK(app.session().place == Place::home);
    app.act(Lock{});
    CHECK(locked(app).damaged_in.empty());
    app.act(TryPassphrase{Passphrase(right)});
    CHECK(app.session().news.empty());
}

TEST_CASE("what a crash did to an interview is told beside what was rescued") {
    App app;
    find_damage(app);
    app.worker.found = {0, Found::Interview::not_sealed, "draft"};
    std::string told = "home.found_unfinished";
    SUBCASE("of an interviewer's machine") {}
    SUBCASE("of an unattended one") {
        app.worker.study.mode = "self";
        told = "kiosk.found_erased";
    }
    app.act(ShowRescue{});
    app.act(TryPassphrase{Passphrase(right)});
    CHECK_FALSE(app.session().news.empty());
    CHECK(app.session().found.key == told);
}

TEST_CASE("a wrong passphrase rescues nothing, and the next try waits") {
    App app;
    find_damage(app);
    app.worker.wait_seconds = 5;
    app.act(ShowRescue{});
    app.act(TryPassphrase{Passphrase("wrong")});
    CHECK(rescuing(app).why.key == "store.wrong_passphrase");
    CHECK(seconds_to_wait(locked(app), app.environment.tick_ms) == 5);
    app.act(TryPassphrase{Passphrase(right)});
    CHECK(app.worker.log.back() == "rescue 0");
    CHECK(std::ranges::count(app.worker.log, "rescue 0") == 1);
    app.environment.tick_ms += 5000;
    app.act(TryPassphrase{Passphrase(right)});
    CHECK(app.session().place == Place::home);
}

TEST_CASE("an empty passphrase is not tried") {
    App app;
    find_damage(app);
    app.act(ShowRescue{});
    app.act(TryPassphrase{Passphrase("")});
    CHECK(rescuing(app).why.key == "unlock.empty");
    CHECK(app.worker.log.back() == "unlock");
}

TEST_CASE(
    "where the study file is damaged, too, it is asked for and its fingerprint compared before it counts") {
    App app;
    app.worker.studies_wanted = 2;
    find_damage(app);
    app.act(ShowRescue{});
    app.act(TryPassphrase{Passphrase(right)});
    CHECK(rescuing(app).step == Rescuing::Step::study);
    CHECK(rescuing(app).why.key == "store.study_unreadable");
    app.act(TryPassphrase{Passphrase(right)});  // there is nothing to try it with
    CHECK(rescuing(app).step == Rescuing::Step::study);

    app.act(ChoosePackage{""});
    CHECK(rescuing(app).why.key == "first_run.no_path");
    app.act(ChoosePackage{"/media/usb/holiday.jpg"});
    CHECK(rescuing(app).why.key == "package.not_a_package");
    app.act(ChoosePackage{study_file});
    CHECK(rescuing(app).step == Rescuing::Step::check);
    CHECK(rescuing(app).package.fingerprint == app.worker.study.fingerprint);
    app.act(RejectPackage{});
    CHECK(rescuing(app).step == Rescuing::Step::study);
    app.act(ChoosePackage{study_file});
    app.act(ConfirmPackage{});
    CHECK(rescuing(app).step == Rescuing::Step::ask);
    app.act(TryPassphrase{Passphrase(right)});
    CHECK(app.worker.log.back() == "rescue 1");
    CHECK(rescuing(app).step == Rescuing::Step::study);  // and the one with which another interview began
    app.act(DropFile{study_file});
    app.act(ConfirmPackage{});
    app.act(TryPassphrase{Passphrase(right)});
    CHECK(app.worker.log.back() == "rescue 2");
    CHECK(app.session().place == Place::home);
}
