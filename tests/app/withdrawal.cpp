#include <algorithm>

#include "tests/support/app_driver.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;
using CodeStep = WithdrawalCode::Step;

namespace {

std::shared_ptr<const schema::CompiledForm> form_with_codes() {
    return compiled(schema::test::read({.survey = "type | name | label\ntext | q | Question?",
                                        .choices = "",
                                        .settings = "form_id | version | x_withdrawal\nf | 1 | yes"}));
}

/// At the review of an interview whose respondent is to get a code.
struct Reviewing : App {
    explicit Reviewing(const std::string& mode = "capi") : App(form_with_codes()) {
        worker.study.mode = mode;
        begin();
        act(ShowReview{});
    }
    CodeStep step() { return open().code.step; }
    bool asked(const std::string& what) { return std::ranges::find(worker.log, what) != worker.log.end(); }
    void gets_code() {
        act(FinaliseInterview{});
        act(ShowCode{});
        REQUIRE(step() == CodeStep::shown);
    }
};

}  // namespace

TEST_CASE("a respondent has noted their code before the interview is sealed") {
    Reviewing app;
    app.act(FinaliseInterview{});
    CHECK(app.session().place == Place::withdrawal);
    CHECK(app.step() == CodeStep::hand_over);
    CHECK_FALSE(app.asked("draw code"));  // the interviewer still looks at the screen
    app.act(ShowCode{});
    CHECK(app.open().code.text == "0CA2-ADJ7-B1MQ-N2WW-RSG1");
    app.act(FinaliseInterview{});
    CHECK_FALSE(app.asked("seal"));
    app.act(CodeNoted{});
    CHECK(app.worker.sealed.size() == 1);
    CHECK_FALSE(app.session().open);
    CHECK(app.session().place == Place::withdrawal);  // the respondent gives the machine back
    app.act(ShowHome{});
    CHECK(app.session().place == Place::home);
    CHECK(app.session().just_finalised);
}

TEST_CASE("while it is sealed the code is on the screen no more") {
    Reviewing app;
    app.gets_code();
    app.worker.holds_answers = true;
    app.act(CodeNoted{});
    CHECK(app.open().sealing);
    CHECK(app.open().code.text.empty());
    app.act(ShowHome{});
    CHECK(app.session().place == Place::withdrawal);
    app.catch_up();
    CHECK(app.worker.sealed.size() == 1);
}

TEST_CASE("a form that gives no codes is sealed from the review") {
    App app(visit_form());
    app.begin();
    app.act(SetFormLanguage{0});
    app.pick("office", "consulate");
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    CHECK(app.worker.sealed.size() == 1);
    CHECK(app.worker.codes_drawn == 0);
}

TEST_CASE("whoever answers alone is shown the code at once, and it is gone with the seal") {
    Reviewing app("self");
    app.act(FinaliseInterview{});
    CHECK(app.step() == CodeStep::shown);
    app.act(CodeNoted{});
    CHECK(app.worker.sealed.size() == 1);
    CHECK_FALSE(app.session().open);
    CHECK(app.session().place == Place::respondents);
}

TEST_CASE("when sealing fails after the code was noted, it is tried again under the same code") {
    Reviewing app;
    app.gets_code();
    app.worker.refuses_sealing = true;
    app.act(CodeNoted{});
    CHECK(app.session().place == Place::review);
    CHECK(app.open().seal_failed.key == "store.disk_full");
    app.worker.refuses_sealing = false;
    app.act(FinaliseInterview{});
    CHECK(app.worker.sealed.size() == 1);
    CHECK(app.worker.codes_drawn == 1);
}

TEST_CASE("an interview that was brought to the seal before is sealed without another code being shown") {
    Reviewing app;
    app.worker.code_stands = true;
    app.act(FinaliseInterview{});
    CHECK(app.step() == CodeStep::hand_over);
    app.act(ShowCode{});
    CHECK(app.worker.sealed.size() == 1);
    CHECK(app.worker.codes_drawn == 0);
    CHECK_FALSE(app.session().open);
    CHECK(app.session().place == Place::withdrawal);
    CHECK(app.session().code_of_before);
}

TEST_CASE("a code that was not noted is wiped, and the next one is another") {
    Reviewing app;
    app.gets_code();
    SUBCASE("by going home") {
        app.act(ShowHome{});
        CHECK(app.open().code.text.empty());
        app.act(ResumeDraft{app.open().draft});
        app.act(ShowReview{});
    }
    SUBCASE("by locking") {
        app.act(Lock{});
        app.unlock();
        app.act(ResumeDraft{app.session().drafts.front().id});
        app.act(ShowReview{});
    }
    CHECK_FALSE(app.asked("seal"));
    app.gets_code();
    CHECK(app.open().code.text == "0CA2-ADJ7-B1MQ-N2WW-RSG2");
}

TEST_CASE("a code that comes when nobody waits for it any more is not shown") {
    Reviewing app;
    app.act(FinaliseInterview{});
    app.worker.holds_answers = true;
    app.act(ShowCode{});
    app.act(ShowHome{});
    app.catch_up();
    CHECK(app.session().place == Place::home);
    CHECK(app.open().code.text.empty());
    CHECK(app.step() == CodeStep::none);
}

TEST_CASE("where no code can be drawn the interview stays a draft, and the reason is said") {
    Reviewing app;
    app.worker.refuses_codes = true;
    app.act(FinaliseInterview{});
    app.act(ShowCode{});
    CHECK(app.session().place == Place::review);
    CHECK(app.open().seal_failed.key == "store.no_randomness");
    CHECK(app.worker.sealed.empty());
}

TEST_CASE("before the code is shown, the interviewer can go back to the review") {
    Reviewing app;
    app.act(FinaliseInterview{});
    app.act(PreviousStep{});
    CHECK(app.session().place == Place::review);
    CHECK(app.step() == CodeStep::none);
    app.act(ShowQuestions{});
    CHECK(app.interviewing());
}
