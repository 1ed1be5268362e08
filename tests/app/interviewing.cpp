#include <algorithm>

#include "client/app/choices.h"
#include "client/app/review.h"
#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;
using fieldfare::schema::Missing;

namespace {

constexpr const char* household_survey =
    "type | name | label | relevant | required | constraint | constraint_message | repeat_count | "
    "x_handover\n"
    "begin_group | a | Consent\n"
    "select_one yn | agree | Do you agree? | | yes\n"
    "select_one yn | pets | Any pets? | ${agree}='yes'\n"
    "text | pet | Which? | ${pets}='yes'\n"
    "end_group\n"
    "begin_group | b | Household | ${agree}='yes'\n"
    "integer | people | How many people? | | | . >= 0 and . <= 3 | From 0 to 3.\n"
    "begin_repeat | person | Person | | | | | ${people}\n"
    "integer | age | Age\n"
    "end_repeat\n"
    "begin_group | b_self | About you | | | | | | yes\n"
    "select_one mood | mood | Mood\n"
    "end_group\n"
    "date | moved | Moved in\n"
    "end_group\n"
    "begin_group | c | Alone | ${agree}='yes' | | | | | yes\n"
    "select_multiple fear | fears | Fears\n"
    "end_group";
constexpr const char* household_choices =
    "list_name | name | label | code | exclusive\n"
    "yn | yes | Yes | 1\n"
    "yn | no | No | 2\n"
    "mood | good | Good | 1\n"
    "mood | ref | Prefer not to say | -99\n"
    "fear | dark | The dark | 1\n"
    "fear | dogs | Dogs | 2\n"
    "fear | none | Nothing | 3 | yes";

struct Household : App {
    Household() : App(form_of(household_survey, household_choices)) { begin(); }

    std::vector<StepKind> kinds() {
        std::vector<StepKind> all;
        for (const Step& step : open().steps) all.push_back(step.key.kind);
        return all;
    }
    bool on(std::string_view question) {
        const Step* step = step_with(open().interview, open().steps, node(question));
        return step && step->key == open().step;
    }
    /// On to the next page, past the soft prompt.
    void next() {
        act(NextStep{});
        if (open().prompt) act(SkipAnyway{});
    }
    void agree() {
        pick("agree", "yes");
        next();
        REQUIRE(on("people"));
    }
};

}  // namespace

TEST_CASE("the language of the questions changes at the review as well") {
    App app(visit_form());
    app.begin();
    app.act(ShowReview{});
    const std::size_t other = 1 - app.open().language;
    app.act(SetFormLanguage{other});
    CHECK(app.open().language == other);
}

TEST_CASE("a section that is not relevant is no page") {
    Household app;
    CHECK(app.kinds() == std::vector{StepKind::page});
    app.pick("agree", "yes");
    CHECK(app.open().steps.size() > 1);
}

TEST_CASE("the respondent gets the machine before hand-over questions and gives it back after the last") {
    Household app;
    app.pick("agree", "yes");
    using enum StepKind;
    CHECK(app.kinds() ==
          std::vector{page, page, hand_over, page, hand_back, page, hand_over, page, hand_back});
}

TEST_CASE("a required question without an answer blocks going on and says so") {
    Household app;
    app.act(NextStep{});
    CHECK(app.on("agree"));
    CHECK(app.open().blocked);
    CHECK(app.open().left.contains(app.node("agree")));
    CHECK(app.open().focused == app.node("agree"));
}

TEST_CASE("leaving a question open is asked about once a page, then let go") {
    Household app;
    app.agree();
    app.act(NextStep{});
    REQUIRE(app.open().prompt);
    CHECK(app.open().prompt->unanswered == 1);
    app.act(NextStep{});
    CHECK_FALSE(app.on("people"));
    app.act(PreviousStep{});
    app.act(NextStep{});
    CHECK_FALSE(app.on("people"));
}

TEST_CASE("from the soft prompt one gets to the first open question") {
    Household app;
    app.pick("agree", "yes");
    app.act(NextStep{});
    app.act(ShowUnanswered{});
    CHECK(app.open().focused == app.node("pets"));
    CHECK_FALSE(app.open().prompt);
}

TEST_CASE("what was typed before one goes to an open question is its answer, and saved, at once") {
    Household app;
    app.agree();
    app.act(FocusQuestion{app.node("people")});
    app.type("people", "2");
    app.act(ShowUnanswered{});
    CHECK(app.saved("/b/people", "2"));
    CHECK(app.open().interview.item(app.open().focused).name == "age");
}

TEST_CASE("what going from the review back to a question changes is saved at once") {
    App app(
        form_of("type | name | label\nbegin_group | a | A\ntext | one | One\nend_group\n"
                "begin_group | b | B\ntext | two | Two\ntext | three | Three\nend_group"));
    app.begin();
    app.act(ShowReview{});
    app.act(JumpTo{app.node("three")});
    REQUIRE(app.open().focused == app.node("three"));
    CHECK(app.worker.drafts.begin()->second.entries["/b/two"].seen);
}

TEST_CASE("Enter goes from question to question and from the last to the next page") {
    Household app;
    app.pick("agree", "yes");
    app.act(GoOn{app.node("agree")});
    CHECK(app.open().focused == app.node("pets"));
    app.pick("pets", "no");
    app.act(GoOn{app.node("pets")});
    CHECK(app.on("people"));
}

TEST_CASE("Enter goes to a question that this very answer has made relevant") {
    Household app;
    app.agree();
    app.type("people", "1");
    app.act(GoOn{app.node("people")});
    CHECK(app.open().interview.item(app.open().focused).name == "age");
}

TEST_CASE("a number is no answer while it is being typed") {
    Household app;
    app.agree();
    app.type("people", "3");
    CHECK(app.value("people").empty());
    app.act(FocusQuestion{app.node("moved")});
    CHECK(app.value("people") == "3");
}

TEST_CASE("what cannot be read as a number is no answer, stays on the screen and says why") {
    Household app;
    app.agree();
    app.act(FocusQuestion{app.node("people")});
    app.type("people", "2");
    app.act(FocusQuestion{app.node("moved")});
    app.type("people", "two");
    app.act(FocusQuestion{app.node("people")});
    app.act(FocusQuestion{app.node("moved")});
    CHECK(app.value("people").empty());
    REQUIRE(app.open().typed.contains(app.node("people")));
    CHECK(app.open().typed[app.node("people")].text == "two");
    CHECK(app.open().typed[app.node("people")].error == fieldfare::schema::AnswerError::not_a_number);
}

TEST_CASE("a date may be written with points, day first") {
    Household app;
    app.agree();
    app.type("moved", "5.3.2024");
    app.act(NextStep{});
    CHECK(app.value("moved") == "2024-03-05");
}

TEST_CASE("text is saved while it is being typed") {
    Household app;
    app.pick("agree", "yes");
    app.pick("pets", "yes");
    app.type("pet", "a hal");
    CHECK(app.saved("/a/pet", "a hal"));
}

TEST_CASE("Saved is shown only when the vault has confirmed the newest answer") {
    Household app;
    CHECK(app.open().saved());
    app.worker.holds_answers = true;
    app.pick("agree", "yes");
    CHECK_FALSE(app.open().saved());
    app.catch_up();
    CHECK(app.open().saved());
}

TEST_CASE("after a refused save everything is sent again, not only what has changed since") {
    Household app;
    app.worker.refuses_saves = true;
    app.pick("agree", "yes");
    CHECK(app.open().save_failed.key == "store.disk_full");
    app.worker.refuses_saves = false;
    app.pick("pets", "no");
    CHECK(app.saved("/a/agree", "yes"));
    CHECK(app.open().save_failed.empty());
    CHECK(app.open().saved());
}

TEST_CASE("answers of a repeat that has shrunk leave the draft") {
    Household app;
    app.agree();
    app.type("people", "2");
    app.act(GoOn{app.node("people")});
    app.act(TypeText{app.open().interview.find("/b/person[2]/age"), "7"});
    app.act(GoOn{app.open().interview.find("/b/person[2]/age")});
    CHECK(app.saved("/b/person[2]/age", "7"));
    app.type("people", "1");
    app.act(FocusQuestion{app.node("moved")});
    CHECK_FALSE(app.saved("/b/person[2]/age", "7"));
}

TEST_CASE("an exclusive choice drops the others") {
    Household app;
    app.pick("agree", "yes");
    app.act(PickDigit{app.node("fears"), '1'});
    app.act(PickDigit{app.node("fears"), '2'});
    app.act(PickDigit{app.node("fears"), '3'});
    CHECK(app.value("fears") == "none");
}

TEST_CASE("refused, don't know and not applicable are offered where the list has no such choice") {
    Household app;
    app.pick("agree", "yes");
    CHECK(missing_offered(app.open().interview, app.node("pets")).size() == 3);
    CHECK(missing_offered(app.open().interview, app.node("mood")).empty());
    CHECK(missing_offered(app.open().interview, app.node("agree")).empty());
    app.act(SayMissing{app.node("pets"), Missing::refused});
    CHECK(app.open().interview.missing(app.node("pets")) == Missing::refused);
    app.act(SayMissing{app.node("pets"), Missing::refused});
    CHECK_FALSE(app.open().interview.missing(app.node("pets")));
}

TEST_CASE("a draft goes on where it was left, with every answer") {
    Household app;
    app.agree();
    app.type("people", "1");
    app.act(GoOn{app.node("people")});
    app.act(Lock{});
    app.unlock();
    app.act(ResumeDraft{app.session().drafts.front().id});
    CHECK(app.value("agree") == "yes");
    CHECK(app.value("people") == "1");
    CHECK(app.on("people"));
}

TEST_CASE("a half-typed number is not lost when the vault locks") {
    Household app;
    app.agree();
    app.type("people", "2");
    app.act(Lock{});
    CHECK(app.saved("/b/people", "2"));
    CHECK(app.worker.log.back() == "lock");
}

TEST_CASE("a draft is deleted only after the person has confirmed") {
    Household app;
    app.act(ShowHome{});
    app.act(AskDelete{app.session().drafts.front().id});
    CHECK(app.worker.drafts.size() == 1);
    app.act(CancelDelete{});
    app.act(ConfirmDelete{});
    CHECK(app.worker.drafts.size() == 1);
    app.act(AskDelete{app.session().drafts.front().id});
    app.act(ConfirmDelete{});
    CHECK(app.worker.drafts.empty());
    CHECK(app.session().drafts.empty());
}

TEST_CASE("an interview with an answer that does not fit cannot be finalised") {
    Household app;
    app.agree();
    app.type("people", "9");
    app.act(ShowReview{});
    CHECK(blocks_finalising(app.open()) == app.node("people"));
    app.act(FinaliseInterview{});
    CHECK(app.worker.sealed.empty());
    app.act(JumpTo{app.node("people")});
    app.act(ClearAnswer{app.node("people")});
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    CHECK(app.worker.sealed.size() == 1);
}

TEST_CASE("the soft prompt counts what is still open, and goes when nothing is") {
    App app(
        form_of("type | name | label | constraint\n"
                "begin_group | g | G | \n"
                "integer | people | How many? | . < 9\n"
                "text | why | Why? | \n"
                "end_group |  |  | "));
    app.begin();
    app.type("people", "9");
    app.act(NextStep{});
    REQUIRE(app.open().prompt);
    CHECK(app.open().prompt->unfitting == 1);
    CHECK(app.open().prompt->unanswered == 1);
    app.type("people", "8");
    app.act(LeaveField{app.node("people")});
    REQUIRE(app.open().prompt);
    CHECK(app.open().prompt->unfitting == 0);
    app.type("why", "So");
    CHECK_FALSE(app.open().prompt);
}

TEST_CASE("a new instance of a repeat has the keyboard at its first question") {
    App app(
        form_of("type | name | label\n"
                "begin_repeat | stay | Stay\n"
                "note | intro | About it\n"
                "text | where | Where?\n"
                "end_repeat |  | "));
    app.begin();
    const fieldfare::schema::NodeId stay = app.open().interview.find("stay");
    const std::uint64_t asked = app.open().focus_request;
    app.act(AddInstance{stay});
    REQUIRE(app.open().interview.children(stay).size() == 2);
    const fieldfare::schema::NodeId added = app.open().interview.children(stay).back();
    CHECK(app.open().focused == app.open().interview.children(added).back());
    CHECK(app.open().focus_request > asked);
}

TEST_CASE("a finalised interview leaves memory and the list of drafts") {
    Household app;
    app.agree();
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    CHECK_FALSE(app.session().open);
    CHECK(app.session().drafts.empty());
    CHECK(app.session().counts.sealed == 1);
    CHECK(app.session().just_finalised);
}

TEST_CASE("when sealing fails the interview stays a draft and is tried again under the same id") {
    Household app;
    app.agree();
    app.worker.refuses_sealing = true;
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    CHECK(app.open().seal_failed.key == "store.disk_full");
    CHECK(app.worker.drafts.size() == 1);
    const std::string id = app.open().submission_id;
    app.worker.refuses_sealing = false;
    app.act(FinaliseInterview{});
    REQUIRE(app.worker.sealed.size() == 1);
    CHECK(app.worker.sealed.front().id == id);
}

TEST_CASE("nothing can be changed while the interview is being sealed") {
    Household app;
    app.agree();
    app.act(ShowReview{});
    app.worker.holds_answers = true;
    app.act(FinaliseInterview{});
    app.act(JumpTo{app.node("agree")});
    app.pick("agree", "no");
    app.act(ShowHome{});
    CHECK(app.session().place == Place::review);
    CHECK(app.value("agree") == "yes");
}

TEST_CASE("submission ids and draft ids are different random UUIDs") {
    Household app;
    app.agree();
    const DraftId draft = app.open().draft;
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    const std::string& id = app.worker.sealed.at(0).id;
    CHECK(id.size() == 36);
    CHECK(id[14] == '4');
    CHECK(std::string("89ab").find(id[19]) != std::string::npos);
    CHECK(id != draft);
}

TEST_CASE("the length of an interview counts only while it is on the screen") {
    Household app;
    app.pass(3 * 60'000);
    app.act(ShowHome{});
    app.pass(4 * 60'000);
    app.act(ResumeDraft{app.open().draft});
    app.pass(60'000);
    CHECK(app.open().milliseconds == 4 * 60'000);
}

TEST_CASE("digits stand for numerals in a list of numerals, and for places elsewhere") {
    App app(form_of(
        "type | name | label\nselect_one n | kids | Kids?\nselect_one c | colour | Colour?",
        "list_name | name | label | code\nn | n0 | 0 | 0\nn | n1 | 1 | 1\nn | n2 | 2 | 2\n"
        "n | n3 | 3 or more | 3\nn | ref | Prefer not to say | -99\nc | red | Red | 1\nc | blue | Blue | 2"));
    app.begin();
    const auto keys = [&](const char* name) {
        return digit_keys(pickables(app.open().interview, app.node(name), 0));
    };
    CHECK(keys("kids") == std::vector{'0', '1', '2', '3', '4'});
    CHECK(keys("colour") == std::vector{'1', '2'});
}

TEST_CASE("the buttons speak the language of the questions where the program knows it") {
    App app(visit_form());
    app.begin();
    const auto& languages = app.open().interview.form().form().languages;
    REQUIRE(languages.size() == 2);
    for (std::size_t i = 0; i < languages.size(); ++i) {
        app.act(SetFormLanguage{i});
        CHECK(interface_language(app.state) ==
              (languages[i].code == "ru" ? InterfaceLanguage::russian : InterfaceLanguage::english));
    }
    app.act(ShowHome{});
    CHECK(interface_language(app.state) == InterfaceLanguage::english);
}

TEST_CASE("switching the language keeps every answer, and the draft remembers it") {
    App app(visit_form());
    app.begin();
    app.pick("office", "police");
    app.act(SetFormLanguage{1});
    CHECK(app.value("office") == "police");
    CHECK(app.worker.drafts.begin()->second.language == 1);
}

TEST_CASE("an interview that the vault could not save is not let go of for another") {
    Household app;
    app.worker.refuses_saves = true;
    app.pick("agree", "yes");
    const DraftId unsaved = app.open().draft;
    app.act(ShowHome{});
    app.act(StartInterview{});
    CHECK(app.open().draft == unsaved);
    CHECK(app.interviewing());
}

TEST_CASE("what stands in a field that was left is judged, though the question still has the keyboard") {
    Household app;
    app.agree();
    app.act(FocusQuestion{app.node("people")});
    app.type("people", "two");
    CHECK_FALSE(app.open().left.contains(app.node("people")));
    app.act(LeaveField{app.node("people")});
    CHECK(app.open().left.contains(app.node("people")));
    CHECK(app.open().typed[app.node("people")].error == fieldfare::schema::AnswerError::not_a_number);
}

TEST_CASE("a rule that can't be worked out is told once in an interview, without its answer") {
    App app(
        form_of("type | name | label | constraint\n"
                "text | a | A | regex(., '(a+)+[0-9]')\n"
                "text | b | B",
                ""));
    app.begin();
    app.type("b", "x");
    CHECK(app.state.notice.key.empty());
    app.type("a", std::string(200, 'a'));
    CHECK(app.state.notice.key == "interview.complaint");
    CHECK(app.state.notice.arguments.empty());
    app.act(DismissNotice{});
    app.type("a", std::string(201, 'a'));
    CHECK(app.state.notice.key.empty());
}

TEST_CASE("the list of interviews counts the answers of an open one as it does those that were put away") {
    App app(visit_form());  // a day and an amount stand there by default, and nobody has seen them
    app.begin();
    app.act(ShowHome{});
    CHECK(app.session().drafts.front().answered == 0);
    app.act(ResumeDraft{app.session().drafts.front().id});
    app.type("wait_minutes", "35");
    app.act(LeaveField{app.node("wait_minutes")});
    app.act(ShowHome{});
    CHECK(app.session().drafts.front().answered == 1);
    const auto listed = app.session().drafts.front().answered;
    app.act(Lock{});
    app.unlock();
    CHECK(app.session().drafts.front().answered == listed);
}

TEST_CASE("an interview whose answers are not in the vault yet is not let go of for another") {
    Household app;
    app.worker.holds_answers = true;
    app.pick("agree", "yes");
    const DraftId draft = app.open().draft;
    app.act(ShowHome{});
    app.act(StartInterview{});
    CHECK(app.open().draft == draft);
    CHECK(app.session().loading);
    SUBCASE("it begins as soon as they are") {
        app.worker.holds_answers = false;
        app.catch_up();
        CHECK(app.open().draft != draft);
        CHECK(app.session().place == Place::interview);
    }
    SUBCASE("where they are refused, the interview is shown again") {
        app.worker.refuses_saves = true;
        app.worker.holds_answers = false;
        app.catch_up();
        CHECK(app.open().draft == draft);
        CHECK(app.session().place == Place::interview);
        CHECK(app.open().save_failed.key == "store.disk_full");
        CHECK_FALSE(app.session().loading);
        app.act(ShowHome{});
        app.act(StartInterview{});
        CHECK(app.open().draft == draft);
        app.worker.refuses_saves = false;
        app.act(SaveAgain{});
        app.act(ShowHome{});
        app.act(StartInterview{});
        CHECK(app.open().draft != draft);
    }
}

TEST_CASE("whoever finds the machine locked reads whether the last answers were saved before") {
    Household app;
    app.pick("agree", "yes");
    app.act(Lock{});
    CHECK_FALSE(std::get<Locked>(app.state.stage).unsaved);
    Household other;
    other.worker.refuses_saves = true;
    other.pick("agree", "yes");
    other.pass(5 * 60'000);
    REQUIRE(std::holds_alternative<Locked>(other.state.stage));
    CHECK(std::get<Locked>(other.state.stage).unsaved);
}

TEST_CASE(
    "what a respondent filled in alone is entered by the screen that hands the machine over, and only so") {
    Household app;
    app.agree();
    const auto at = [&] { return app.open().step.kind; };
    const auto goes_on_to = [&](const char* question) {
        for (int i = 0; i < 20 && !app.on(question); ++i) app.act(NextStep{});
        REQUIRE(app.on(question));
    };
    goes_on_to("moved");
    app.act(PreviousStep{});
    CHECK(at() == StepKind::hand_over);
    app.act(NextStep{});
    CHECK(app.on("mood"));
    app.next();
    REQUIRE(at() == StepKind::hand_back);
    app.act(PreviousStep{});
    CHECK(at() == StepKind::hand_over);

    app.act(ShowReview{});
    app.act(JumpTo{app.node("mood")});
    CHECK(at() == StepKind::hand_over);
    app.act(ShowReview{});
    app.act(JumpTo{app.node("moved")});
    CHECK(app.on("moved"));

    const DraftId draft = app.open().draft;
    app.act(Lock{});
    app.unlock();
    app.act(ResumeDraft{draft});
    REQUIRE(app.session().open);
    CHECK(at() == StepKind::hand_over);  // what is open yet is the respondent's
}
