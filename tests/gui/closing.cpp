#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

constexpr const char* question = "Not saved. Close all the same?";

struct Unsaved : Screen {
    Unsaved()
        : Screen(
              app::test::form_of("type | name | label\ninteger | pets | How many pets?\ntext | say | Say")) {
        begin();
        show();
        worker.refuses_saves = true;
        act(app::TypeText{node("say"), "a cat"});
        show();
        REQUIRE(sees("Not saved"));
    }
};

}  // namespace

TEST_CASE("the window's close button over unsaved answers leads to a question, on whatever screen one is") {
    Unsaved ui;
    SUBCASE("the interview") {}
    SUBCASE("the review") {
        ui.act(app::ShowReview{});
    }
    SUBCASE("home") {
        ui.act(app::ShowHome{});
    }
    SUBCASE("the settings") {
        ui.act(app::ShowSettings{});
    }
    ui.act(app::CloseWindow{});
    ui.show();
    CHECK(ui.sees(question));
    CHECK(ui.sees("The disk is full."));
    CHECK_FALSE(ui.worker.quit);
    SUBCASE("yes") {
        ui.click("Close all the same");
        CHECK(ui.worker.quit);
    }
    SUBCASE("no") {
        ui.click("Stay");
        CHECK_FALSE(ui.sees(question));
        CHECK_FALSE(ui.worker.quit);
    }
    SUBCASE("when they can be saved after all") {
        ui.worker.refuses_saves = false;
        ui.click("Save again");
        CHECK_FALSE(ui.sees(question));
        CHECK_FALSE(ui.worker.quit);
        CHECK(ui.saved("/say", "a cat"));
    }
}

TEST_CASE("a number that is just being typed on a full disk is asked about before the window closes") {
    Screen ui(app::test::form_of("type | name | label\ninteger | pets | How many pets?"));
    ui.begin();
    ui.show();
    ui.worker.refuses_saves = true;
    ui.type("12");
    REQUIRE_FALSE(ui.sees("Not saved"));
    ui.act(app::CloseWindow{});
    ui.show();
    CHECK(ui.sees(question));
    CHECK_FALSE(ui.worker.quit);
    ui.click("Stay");
    CHECK(ui.value_of("How many pets?") == "12");
}

TEST_CASE("a number that is just being typed is still there for whoever stays") {
    Unsaved ui;
    ui.type("12");
    ui.act(app::CloseWindow{});
    ui.show();
    ui.click("Stay");
    CHECK(ui.value_of("How many pets?") == "12");
}
