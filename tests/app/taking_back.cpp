#include "client/app/taking_back.h"

#include <algorithm>

#include "tests/support/app_driver.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare;
using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

std::shared_ptr<const schema::CompiledForm> form_with_codes() {
    return compiled(schema::test::read({.survey = "type | name | label\ntext | q | Question?",
                                        .choices = "",
                                        .settings = "form_id | version | x_withdrawal\nf | 1 | yes"}));
}

struct TakingBackApp : App {
    TakingBackApp() : App(form_with_codes()) { unlock(); }
    bool asked() { return std::ranges::find(worker.log, "seal withdrawal") != worker.log.end(); }
};

constexpr const char* code = "0CA2-ADJ7-B1MQ-N2WW-RSG3";

}  // namespace

TEST_CASE("a respondent's code is sealed from home, and home says so until something else is done") {
    TakingBackApp app;
    app.act(ShowTakeBack{});
    CHECK(app.session().place == Place::take_back);
    app.act(TakeBack{code});
    CHECK(app.worker.withdrawn == std::vector<std::string>{code});
    CHECK(app.session().place == Place::home);
    CHECK(app.session().news.key == "home.taken_back");
    app.act(ShowSync{});
    CHECK(app.session().news.empty());
}

TEST_CASE("a refused code stays to be mended, with the reason") {
    TakingBackApp app;
    app.act(ShowTakeBack{});
    app.act(TakeBack{""});
    CHECK(app.session().place == Place::take_back);
    REQUIRE(app.session().taking_back);
    CHECK(app.session().taking_back->why.key == "take_back.wrong_shape");
    CHECK_FALSE(app.session().taking_back->busy);
    app.act(TakeBack{code});
    CHECK(app.session().place == Place::home);
}

TEST_CASE("a code is sealed once, however often its button is pressed, and the screen stays until it is") {
    TakingBackApp app;
    app.act(ShowTakeBack{});
    app.worker.holds_answers = true;
    app.act(TakeBack{code});
    app.act(TakeBack{code});
    app.act(ShowHome{});
    CHECK(app.session().place == Place::take_back);
    app.catch_up();
    CHECK(app.worker.withdrawn.size() == 1);
    CHECK(app.session().place == Place::home);
}

TEST_CASE("codes are asked for at home only, and only where the form gives some") {
    SUBCASE("a form without codes") {
        App app(visit_form());
        app.unlock();
        CHECK_FALSE(offers_taking_back(app.session()));
        app.act(ShowTakeBack{});
        CHECK(app.session().place == Place::home);
    }
    SUBCASE("within an interview") {
        TakingBackApp app;
        app.begin();
        app.act(ShowTakeBack{});
        CHECK(app.session().place == Place::interview);
        app.act(TakeBack{code});
        CHECK_FALSE(app.asked());
    }
}

TEST_CASE("who goes home before pressing has sealed nothing") {
    TakingBackApp app;
    app.act(ShowTakeBack{});
    app.act(ShowHome{});
    CHECK(app.session().place == Place::home);
    CHECK_FALSE(app.session().taking_back);
    app.act(TakeBack{code});
    CHECK_FALSE(app.asked());
}
