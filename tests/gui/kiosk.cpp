// The screens of an unattended machine.
#include "client/app/kiosk.h"

#include "tests/support/reader_forms.h"
#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

/// A machine in a public room, on whose start screen the first respondent looks.
struct SharedMachine : Screen {
    explicit SharedMachine(const std::string& mode = "self") : Screen(app::test::visit_form()) {
        worker.study.mode = mode;
        unlock();
        show();
    }
    void begin() {
        click("Begin");
        REQUIRE(interviewing());
    }
    void to_remark() {
        while (!sees("Is there anything that others should know")) {
            act(app::NextStep{});
            act(app::SkipAnyway{});
            act(app::PickChoice{node("office"), "consulate"});
            show();
        }
    }
};

}  // namespace

TEST_CASE(
    "the start screen says what becomes of answers, offers the languages, and nothing of earlier ones") {
    SharedMachine machine;
    machine.click("English");
    CHECK(machine.sees("Visit diary"));
    CHECK(machine.sees("only in this computer's memory"));
    CHECK(machine.sees("press the Esc key"));
    for (const char* staffs :
         {"Settings", "Lock", "Home", "Hand over", "Enrolment", "Unfinished", "Sealed"}) {
        CAPTURE(staffs);
        CHECK_FALSE(machine.sees(staffs));
    }
    machine.click("Русский");
    CHECK(machine.sees("Начать"));
    machine.click("Начать");
    CHECK(machine.sees("Дневник визитов"));
    CHECK(machine.sees("Только в памяти"));
}

TEST_CASE("Escape hides what a respondent has answered, and once more erases it") {
    SharedMachine machine;
    machine.click("English");
    machine.begin();
    machine.to_remark();
    machine.click("Is there anything that others should know before such a visit?");
    machine.type("a remark of mine");
    CHECK(machine.sees("Hide (Esc)"));
    machine.press(ImGuiKey_Escape);
    CHECK(machine.sees("Your answers are hidden"));
    CHECK_FALSE(machine.sees("Is there anything"));
    CHECK_FALSE(machine.sees("Visit diary"));
    machine.click("Go on with the questions");
    CHECK(machine.value("remark") == "a remark of mine");  // Escape takes no text back here
    CHECK(machine.value_of("Is there anything that others should know before such a visit?") ==
          "a remark of mine");
    machine.press(ImGuiKey_Escape);
    machine.press(ImGuiKey_Escape);
    CHECK(machine.sees("Begin"));
    CHECK_FALSE(machine.session().open);
}

TEST_CASE(
    "nobody at the keyboard: the answers are covered and a countdown runs, then the start screen stands") {
    SharedMachine machine;
    machine.click("English");
    machine.begin();
    machine.pass(app::idle_before_cover_ms);
    machine.show();
    CHECK(machine.sees("Are you still there?"));
    CHECK(machine.sees("Seconds until everything is erased: 60"));
    CHECK_FALSE(machine.sees("Next"));
    machine.pass(1'000);
    machine.show();
    CHECK(machine.sees("Seconds until everything is erased: 59"));
    machine.pass(59'000);
    machine.show();
    CHECK(machine.find("Begin"));
}

TEST_CASE("the end screen says that the answers are sealed, and offers nothing but the next start") {
    SharedMachine machine;
    machine.click("English");
    machine.begin();
    machine.act(app::PickChoice{machine.node("office"), "consulate"});
    machine.act(app::ShowReview{});
    machine.show();
    CHECK_FALSE(machine.sees("Finish it later"));
    machine.click("Seal the interview");
    CHECK(machine.sees("Your answers have been sealed. Nothing of them can be read on this computer."));
    CHECK(machine.sees("Seconds until the start screen comes back: 20"));
    CHECK_FALSE(machine.sees("Back"));
    machine.click("Done");
    CHECK(machine.find("Begin"));
}

TEST_CASE("staff pass with the passphrase, and find the counts, the hand-over and no list of interviews") {
    SharedMachine machine;
    machine.click("English");
    machine.click("Staff");
    machine.type("a guess");
    machine.press(ImGuiKey_Enter);
    CHECK(machine.sees("This passphrase does not open"));
    machine.type(machine.worker.passphrase);
    machine.press(ImGuiKey_Enter);
    CHECK(machine.sees("Open to respondents"));
    CHECK(machine.sees("Hand over"));
    CHECK(machine.sees("Lock"));
    CHECK_FALSE(machine.sees("Start an interview"));
    CHECK_FALSE(machine.sees("Unfinished"));
    machine.click("Open to respondents");
    CHECK(machine.find("Begin"));
}

TEST_CASE("Escape leaves the question for the passphrase, and what was typed there is gone") {
    SharedMachine machine;
    machine.click("English");
    machine.click("Staff");
    machine.type("half a passphrase");
    machine.press(ImGuiKey_Escape);
    CHECK(machine.find("Begin"));
    CHECK(machine.scratch().passphrase[0] == '\0');
}

TEST_CASE("Escape does nothing of the kind on an interviewer's machine") {
    SharedMachine machine("capi");
    machine.click("Start an interview");
    machine.press(ImGuiKey_Escape);
    machine.press(ImGuiKey_Escape);
    CHECK(machine.interviewing());
    CHECK_FALSE(machine.sees("Hide"));
}

TEST_CASE("what a respondent has typed is in no field, undo or list of the screen once the next one comes") {
    SharedMachine machine;
    machine.click("English");
    machine.begin();
    machine.to_remark();
    machine.click("Is there anything that others should know before such a visit?");
    machine.type("qzvkxj");
    machine.press(ImGuiKey_Escape);
    machine.press(ImGuiKey_Escape);
    CHECK_FALSE(machine.sees("qzvkxj"));
    for (const auto& [path, text] : machine.scratch().fields) CHECK(text.find("qzvkxj") == std::string::npos);
    machine.begin();
    machine.to_remark();
    CHECK(machine.value_of("Is there anything that others should know before such a visit?").empty());
    machine.click("Is there anything that others should know before such a visit?");
    machine.press(ImGuiKey_Z, ImGuiMod_Ctrl);
    CHECK(machine.value("remark").empty());
}

TEST_CASE(
    "what went wrong is shown to staff, and what a form can't work out neither over the cover nor the door") {
    SharedMachine machine;
    machine.click("English");
    machine.act(app::Failed{{"store.disk_failed", {}}});
    machine.show();
    CHECK_FALSE(machine.sees("The disk reported an error"));
    machine.begin();
    machine.state.notice = {"kiosk.complaint", {}};
    machine.show();
    CHECK(machine.sees("could not be worked out"));
    machine.press(ImGuiKey_Escape);
    CHECK_FALSE(machine.sees("could not be worked out"));
    machine.act(app::ShowAnswers{});
    machine.act(app::AskForStaff{});
    machine.show();
    CHECK_FALSE(machine.sees("could not be worked out"));
}

TEST_CASE("Escape hides what is being sealed, and nobody reads that it is erased") {
    SharedMachine machine;
    machine.click("English");
    machine.begin();
    machine.act(app::PickChoice{machine.node("office"), "consulate"});
    machine.act(app::ShowReview{});
    machine.worker.holds_answers = true;
    machine.act(app::FinaliseInterview{});
    machine.show();
    machine.press(ImGuiKey_Escape);
    CHECK(machine.sees("They are being sealed"));
    CHECK_FALSE(machine.sees("until everything is erased"));
    machine.act(app::ShowAnswers{});
    machine.act(app::AskForStaff{});
    machine.show();
    CHECK_FALSE(machine.sees("their answers are erased"));
}
