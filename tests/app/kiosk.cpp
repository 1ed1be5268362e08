// An unattended machine, without its window.
#include "client/app/kiosk.h"

#include <algorithm>

#include "tests/support/app_driver.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

std::shared_ptr<const schema::CompiledForm> two_pages() {
    return form_of(
        "type | name | label::English (en) | label::Russian (ru)\n"
        "begin_group | a | First | Первая\n"
        "text | q | Question? | Вопрос?\n"
        "end_group | a | | \n"
        "begin_group | b | Second | Вторая\n"
        "text | r | Another? | Другой?\n"
        "end_group | b | | ");
}

/// A machine in a public room, on whose start screen the first respondent looks.
struct SharedMachine : App {
    explicit SharedMachine(std::shared_ptr<const schema::CompiledForm> form = two_pages())
        : App(std::move(form)) {
        worker.study.mode = "self";
        unlock();
    }
    const Kiosk& kiosk() {
        REQUIRE(session().kiosk);
        return *session().kiosk;
    }
    bool at_start() {
        return session().kiosk && session().place == Place::respondents && !session().open &&
               !kiosk().sealed && !kiosk().cover;
    }
    void answer(const std::string& text) {
        act(StartInterview{});
        REQUIRE(interviewing());
        type("q", text);
    }
    void seal() {
        act(ShowReview{});
        act(FinaliseInterview{});
    }
    void pass_staff(const std::string& passphrase) {
        act(AskForStaff{});
        act(TryPassphrase{Passphrase(passphrase)});
    }
    bool asked(const std::string& what) { return std::ranges::find(worker.log, what) != worker.log.end(); }
};

}  // namespace

TEST_CASE("whoever unlocks an unattended machine leaves it at the start screen") {
    SharedMachine machine;
    CHECK(machine.at_start());
}

TEST_CASE("an interviewer's machine has no respondent's side") {
    App app(two_pages());
    app.unlock();
    app.act(OpenToRespondents{});
    CHECK_FALSE(app.session().kiosk);
    CHECK(app.session().place == Place::home);
}

TEST_CASE("right after it was set up, an unattended machine shows its enrolment number to staff") {
    App app(two_pages());
    app.worker.study.mode = "self";
    app.act(ProfileMissing{});
    app.act(ChoosePackage{"/media/usb/visit.ffstudy"});
    app.act(ConfirmPackage{});
    app.act(ChoosePassphrase{Passphrase("gravel lantern")});
    app.act(RepeatPassphrase{Passphrase("gravel lantern")});
    CHECK(app.session().place == Place::enrolled);
    CHECK_FALSE(app.session().kiosk);
    app.act(FinishFirstRun{});
    CHECK(app.session().place == Place::home);
    app.act(StartInterview{});
    CHECK_FALSE(app.session().open);  // not on the staff's side
    app.act(OpenToRespondents{});
    app.act(StartInterview{});
    CHECK(app.interviewing());
}

TEST_CASE("nothing of an interview on an unattended machine is saved before it is sealed") {
    SharedMachine machine;
    machine.answer("something");
    machine.act(NextStep{});
    machine.act(SkipAnyway{});
    machine.type("r", "more");
    machine.act(SetFormLanguage{1});
    machine.act(PreviousStep{});
    CHECK(machine.open().saved());
    CHECK_FALSE(machine.asked("create draft"));
    CHECK_FALSE(machine.asked("save"));
    machine.seal();
    CHECK_FALSE(machine.asked("create draft"));
    CHECK_FALSE(machine.asked("save"));
    REQUIRE(machine.worker.sealed.size() == 1);
    CHECK(machine.worker.drafts.empty());
}

TEST_CASE("after the seal comes the end screen, and the start screen by itself") {
    SharedMachine machine;
    machine.answer("something");
    machine.seal();
    CHECK(machine.kiosk().sealed);
    CHECK_FALSE(machine.session().open);
    machine.act(StartInterview{});
    CHECK_FALSE(machine.session().open);
    machine.pass(end_screen_ms - 1);
    CHECK(machine.kiosk().sealed);
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == 1);
    machine.pass(1);
    CHECK(machine.at_start());
}

TEST_CASE("from the end screen the next respondent can begin at once") {
    SharedMachine machine;
    machine.answer("something");
    machine.seal();
    machine.act(NextRespondent{});
    CHECK(machine.at_start());
    machine.act(StartInterview{});
    CHECK(machine.value("q").empty());
}

TEST_CASE("the next respondent begins in the form's own language, whatever the one before chose") {
    SharedMachine machine;
    const std::size_t before = machine.kiosk().language;
    machine.act(SetFormLanguage{1 - before});
    CHECK(machine.kiosk().language == 1 - before);
    machine.act(StartInterview{});
    CHECK(machine.open().language == 1 - before);
    machine.seal();
    CHECK(machine.kiosk().language == 1 - before);  // the thanks
    machine.act(NextRespondent{});
    CHECK(machine.kiosk().language == before);
    machine.act(SetFormLanguage{7});
    CHECK(machine.kiosk().language == before);

    machine.act(SetFormLanguage{1 - before});  // and leaves
    machine.pass(idle_before_cover_ms - 1);
    CHECK(machine.kiosk().language == 1 - before);
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == 1);
    machine.pass(1);
    CHECK(machine.kiosk().language == before);
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == std::nullopt);
}

TEST_CASE("the thanks stand for their whole time, however long the seal took") {
    SharedMachine machine;
    machine.answer("something");
    machine.worker.holds_answers = true;
    machine.seal();
    machine.pass(end_screen_ms + 1);
    machine.catch_up();
    machine.pass(end_screen_ms - 1);
    CHECK(machine.kiosk().sealed);
    machine.pass(1);
    CHECK(machine.at_start());
}

TEST_CASE("who reads on keeps the thanks on the screen, and for a minute at most") {
    SharedMachine machine;
    machine.answer("something");
    machine.seal();
    for (std::int64_t passed = 0; passed < longest_end_screen_ms; passed += end_screen_ms / 2) {
        CHECK(machine.kiosk().sealed);
        machine.pass(end_screen_ms / 2 - 1);
        CHECK(machine.kiosk().sealed);
        machine.act(StartInterview{});  // does nothing there
        machine.pass(1);
    }
    CHECK(machine.at_start());
}

TEST_CASE("whoever waited for a seal that failed has the whole idle time to read that it did") {
    SharedMachine machine;
    machine.answer("something");
    machine.worker.refuses_sealing = true;
    machine.worker.holds_answers = true;
    machine.seal();
    machine.pass(idle_before_cover_ms + cover_ms);
    machine.catch_up();
    machine.pass(idle_before_cover_ms - 1);
    CHECK_FALSE(machine.kiosk().cover);
    machine.pass(1);
    CHECK(machine.kiosk().cover);
}

TEST_CASE("what is hidden while it is sealed is sealed, and where that fails, erased if that was asked") {
    for (const bool fails : {false, true}) {
        CAPTURE(fails);
        SharedMachine machine;
        machine.answer("something");
        machine.worker.refuses_sealing = fails;
        machine.worker.holds_answers = true;
        machine.seal();
        machine.act(HideAnswers{});
        CHECK(machine.kiosk().cover);
        machine.act(EraseAnswers{});
        machine.pass(0);
        CHECK(machine.session().open);
        machine.catch_up();
        machine.pass(0);
        CHECK(machine.worker.sealed.size() == (fails ? 0 : 1));
        CHECK((fails ? machine.at_start() : machine.kiosk().sealed));
    }
}

TEST_CASE("with an interview open the clock is looked at every two seconds, in case the machine sleeps") {
    SharedMachine machine;
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == std::nullopt);
    machine.answer("something");
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == 2'000);
}

TEST_CASE("what goes wrong while respondents are there waits for staff") {
    SharedMachine machine;
    machine.act(Failed{{"store.disk_failed", {}}});
    machine.answer("something");
    machine.seal();
    machine.act(NextRespondent{});
    machine.pass_staff(machine.worker.passphrase);
    CHECK(machine.state.notice.key == "store.disk_failed");
}

TEST_CASE("staff who wait for an answer of the worker are not sent away before it is there") {
    SharedMachine machine;
    machine.pass_staff(machine.worker.passphrase);
    machine.act(ShowStudyFile{});
    REQUIRE(machine.session().update);
    machine.session().update->busy = true;
    machine.pass(5 * 60'000);
    CHECK_FALSE(machine.session().kiosk);
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == 1000);
    machine.session().update->busy = false;
    machine.pass(0);
    CHECK(machine.at_start());
}

TEST_CASE("on the respondent's side nothing leads to the staff's") {
    const auto tries = [](SharedMachine& machine) {
        const auto log = machine.worker.log;
        machine.act(ShowHome{});
        machine.act(ShowSync{});
        machine.act(BeginSync{});
        machine.act(ShowStudyFile{});
        machine.act(ShowTakeBack{});
        machine.act(ShowSettings{});
        machine.act(ShowDestroyPassphrase{});
        machine.act(ChoosePackage{"/media/usb/newer.ffstudy"});
        machine.act(ConfirmPackage{});
        machine.act(DropFile{"/media/usb/newer.ffstudy"});
        machine.act(FinishFirstRun{});
        machine.act(Lock{});
        machine.act(SetInterfaceLanguage{InterfaceLanguage::russian});
        machine.act(SetTextSize{TextSize::larger});
        machine.act(TryPassphrase{Passphrase(machine.worker.passphrase)});  // nobody asked for it
        machine.act(PassphraseFits{});
        CHECK(machine.session().kiosk);
        CHECK_FALSE(machine.state.settings_shown);
        CHECK_FALSE(machine.state.sync.running);
        CHECK(machine.worker.log == log);
        CHECK_FALSE(machine.worker.quit);
    };
    SharedMachine machine;
    tries(machine);
    machine.answer("something");
    tries(machine);
    CHECK(machine.interviewing());
    CHECK(machine.value("q") == "something");
    machine.act(HideAnswers{});
    tries(machine);
    machine.act(ShowAnswers{});
    machine.seal();
    tries(machine);
}

TEST_CASE("only the passphrase leads to the staff's side, and an open interview is erased on the way") {
    SharedMachine machine;
    machine.answer("something");
    machine.pass_staff("not the passphrase");
    CHECK(machine.kiosk().door->why.key == "store.wrong_passphrase");
    CHECK(machine.value("q") == "something");
    machine.act(TryPassphrase{Passphrase("")});
    CHECK(machine.kiosk().door->why.key == "unlock.empty");
    machine.act(TryPassphrase{Passphrase(machine.worker.passphrase)});
    CHECK_FALSE(machine.session().kiosk);
    CHECK_FALSE(machine.session().open);
    CHECK(machine.session().place == Place::home);
    CHECK(machine.worker.open);
    machine.act(ShowSync{});
    machine.act(BeginSync{});
    CHECK(machine.asked("sync"));
    CHECK(machine.worker.sealed.empty());
}

TEST_CASE("a wrong passphrase makes the next try wait, also for who goes back and asks again") {
    SharedMachine machine;
    machine.worker.wait_seconds = 5;
    machine.pass_staff("a guess");
    machine.act(LeaveStaffDoor{});
    machine.answer("something");
    machine.seal();
    machine.act(NextRespondent{});
    machine.pass_staff(machine.worker.passphrase);
    CHECK(machine.session().kiosk);
    machine.pass(4'000);
    machine.act(TryPassphrase{Passphrase(machine.worker.passphrase)});
    CHECK(machine.session().kiosk);
    machine.pass(1'000);
    machine.act(TryPassphrase{Passphrase(machine.worker.passphrase)});
    CHECK_FALSE(machine.session().kiosk);
}

TEST_CASE("the question for the passphrase goes away when nobody types it") {
    SharedMachine machine;
    machine.act(AskForStaff{});
    machine.pass(staff_door_ms - 1);
    CHECK(machine.kiosk().door);
    machine.pass(1);
    CHECK(machine.at_start());
    CHECK_FALSE(machine.kiosk().door);
}

TEST_CASE("while staff are asked for the passphrase, nobody fills anything in") {
    SharedMachine machine;
    machine.answer("something");
    machine.act(AskForStaff{});
    machine.type("q", "something else");
    machine.act(ShowReview{});
    CHECK(machine.value("q") == "something");
    machine.act(LeaveStaffDoor{});
    machine.type("q", "something else");
    CHECK(machine.value("q") == "something else");
}

TEST_CASE("closing the window of the respondent's side takes the passphrase") {
    SharedMachine machine;
    machine.answer("something");
    machine.act(CloseWindow{});
    CHECK_FALSE(machine.worker.quit);
    CHECK(machine.kiosk().door->closes);
    machine.act(TryPassphrase{Passphrase("a guess")});
    CHECK_FALSE(machine.worker.quit);
    machine.act(LeaveStaffDoor{});
    CHECK(machine.value("q") == "something");
    machine.act(CloseWindow{});
    machine.act(TryPassphrase{Passphrase(machine.worker.passphrase)});
    CHECK(machine.worker.quit);
    CHECK_FALSE(machine.worker.open);
    CHECK(machine.worker.drafts.empty());
}

TEST_CASE("on the staff's side the window closes as on any other machine") {
    SharedMachine machine;
    machine.pass_staff(machine.worker.passphrase);
    machine.act(CloseWindow{});
    CHECK(machine.worker.quit);
    CHECK_FALSE(machine.worker.open);
}

TEST_CASE("whom nobody touches any more is covered, then erased, then the start screen stands") {
    SharedMachine machine;
    machine.answer("something");
    machine.pass(idle_before_cover_ms - 1);
    CHECK_FALSE(machine.kiosk().cover);
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == 1);
    machine.pass(1);
    REQUIRE(machine.kiosk().cover);
    CHECK(machine.kiosk().cover->why == Kiosk::Cover::Why::idle);
    CHECK(seconds_until(machine.kiosk().cover->until_ms, machine.environment.tick_ms) == cover_ms / 1000);
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == 1000);  // the countdown
    machine.pass(cover_ms - 1);
    CHECK(machine.session().open);
    machine.pass(1);
    CHECK(machine.at_start());
    CHECK(machine.worker.sealed.empty());
    CHECK(machine.worker.log == std::vector<std::string>{"unlock"});
    CHECK(wake_up_in(machine.state, machine.environment.tick_ms) == std::nullopt);
}

TEST_CASE("who is still there goes on where they were") {
    SharedMachine machine;
    machine.answer("something");
    machine.pass(idle_before_cover_ms);
    machine.act(ShowAnswers{});
    CHECK_FALSE(machine.kiosk().cover);
    CHECK(machine.value("q") == "something");
    machine.pass(idle_before_cover_ms - 1);
    CHECK_FALSE(machine.kiosk().cover);
    machine.pass(1);
    CHECK(machine.kiosk().cover);
}

TEST_CASE("who only comes past moves the mouse and neither uncovers the answers nor keeps them") {
    SharedMachine machine;
    machine.answer("something");
    machine.pass(idle_before_cover_ms);
    machine.pass(cover_ms - 1);
    machine.act(PersonActive{});
    machine.type("q", "not me");
    CHECK(machine.kiosk().cover);
    CHECK(machine.value("q") == "something");
    machine.pass(1);
    CHECK(machine.at_start());
}

TEST_CASE("a machine that slept over it all has erased the answers before the first touch counts") {
    SharedMachine machine;
    machine.answer("something");
    machine.environment.tick_ms += 8 * 3'600'000;
    machine.act(NextStep{});
    CHECK(machine.at_start());
}

TEST_CASE("hidden at once means covered; a second key erases, and only a button goes on") {
    SharedMachine machine;
    machine.answer("something");
    machine.act(EraseAnswers{});
    CHECK(machine.value("q") == "something");  // not by one press
    machine.act(HideAnswers{});
    REQUIRE(machine.kiosk().cover);
    CHECK(machine.kiosk().cover->why == Kiosk::Cover::Why::hidden);
    machine.act(ShowAnswers{});
    CHECK(machine.value("q") == "something");
    machine.act(HideAnswers{});
    machine.act(EraseAnswers{});
    CHECK(machine.at_start());
    CHECK(machine.worker.sealed.empty());
}

TEST_CASE("who hides the answers and runs has them erased") {
    SharedMachine machine;
    machine.answer("something");
    machine.act(HideAnswers{});
    machine.pass(cover_ms);
    CHECK(machine.at_start());
}

TEST_CASE("an interview that is being sealed is let through, however long nobody touches anything") {
    SharedMachine machine;
    machine.answer("something");
    machine.worker.holds_answers = true;
    machine.seal();
    REQUIRE(machine.open().sealing);
    machine.pass(idle_before_cover_ms + cover_ms);
    CHECK(machine.session().open);
    machine.act(HideAnswers{});
    machine.catch_up();
    CHECK(machine.worker.sealed.size() == 1);
    CHECK(machine.kiosk().sealed);
}

TEST_CASE("an interview that can't be sealed stays on the screen, to be tried again") {
    SharedMachine machine;
    machine.answer("something");
    machine.worker.refuses_sealing = true;
    machine.seal();
    CHECK(machine.session().place == Place::review);
    CHECK(machine.open().seal_failed.key == "store.disk_full");
    machine.worker.refuses_sealing = false;
    machine.act(FinaliseInterview{});
    CHECK(machine.worker.sealed.size() == 1);
    CHECK(machine.kiosk().sealed);
}

TEST_CASE("whoever is alone with the machine is not asked to hand it over") {
    SharedMachine machine(compiled(schema::test::read(
        {.survey =
             "type | name | label | x_handover\nbegin_group | a | A | \ntext | q | Q? | \nend_group | a | | "
             "\nbegin_group | b | B | yes\ntext | r | R? | \nend_group | b | | ",
         .choices = "",
         .settings = "form_id | version\nf | 1"})));
    machine.act(StartInterview{});
    CHECK(machine.open().steps.size() == 2);
    CHECK(std::ranges::all_of(machine.open().steps,
                              [](const Step& step) { return step.key.kind == StepKind::page; }));
}

TEST_CASE("on the staff's side of an unattended machine, nobody there brings the respondent's side back") {
    SharedMachine machine;
    machine.pass_staff(machine.worker.passphrase);
    machine.act(ShowSettings{});
    machine.pass(5 * 60'000 - 1);
    CHECK_FALSE(machine.session().kiosk);
    machine.pass(1);
    CHECK(machine.at_start());
    CHECK_FALSE(machine.state.settings_shown);
    CHECK(machine.worker.open);
}

TEST_CASE("staff lock an unattended machine for the night") {
    SharedMachine machine;
    machine.pass_staff(machine.worker.passphrase);
    machine.act(Lock{});
    CHECK(std::holds_alternative<Locked>(machine.state.stage));
    CHECK_FALSE(machine.worker.open);
}

TEST_CASE("the passphrase that destroys does so on the respondent's side as well") {
    SharedMachine machine;
    machine.worker.destroying = "marzipan eleven saddles";
    machine.answer("something");
    machine.act(Failed{{"home.found.batches", {{"count", "3"}}}});
    machine.pass_staff("marzipan eleven saddles");
    REQUIRE(std::holds_alternative<FirstRun>(machine.state.stage));
    CHECK(std::get<FirstRun>(machine.state.stage).unlocked);
    CHECK(machine.state.notice.empty());
}

TEST_CASE("where the passphrase that destroys can't be carried out at the door, the machine is locked") {
    SharedMachine machine;
    machine.worker.destroying = "marzipan eleven saddles";
    machine.worker.refuses_destroying = true;
    machine.answer("something");
    machine.pass_staff("marzipan eleven saddles");
    REQUIRE(std::holds_alternative<Locked>(machine.state.stage));
    CHECK(std::get<Locked>(machine.state.stage).why.key == "store.disk_full");
    machine.worker.refuses_destroying = false;
    machine.act(TryPassphrase{Passphrase("marzipan eleven saddles")});
    CHECK(std::holds_alternative<FirstRun>(machine.state.stage));
}

TEST_CASE("with the key back from the supervisor, an unattended machine shows that to staff") {
    App app(two_pages());
    app.worker.study.mode = "self";
    app.act(ProfileFound{});
    app.act(ShowRecovery{});
    app.act(AskSupervisor{});
    app.act(DropFile{app.worker.right_answer});
    app.act(ChoosePassphrase{Passphrase("gravel lantern")});
    app.act(RepeatPassphrase{Passphrase("gravel lantern")});
    CHECK_FALSE(app.session().kiosk);
    CHECK(app.session().news.key == "recovery.done");
}
