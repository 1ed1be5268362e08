#include "client/app/closing.h"

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

/// An interview whose last answer the disk has refused.
struct Unsaved : App {
    Unsaved() : App(form_of("type | name | label\ntext | pet | Which pet?")) {
        begin();
        worker.refuses_saves = true;
        type("pet", "a cat");
        REQUIRE_FALSE(open().save_failed.empty());
    }
    const Locked& locked() const { return std::get<Locked>(state.stage); }
};

}  // namespace

TEST_CASE("whoever closes the window over answers that are not saved is asked once") {
    Unsaved app;
    app.act(CloseWindow{});
    CHECK_FALSE(app.worker.quit);
    CHECK(asks_to_close(app.session()));
    SUBCASE("and may close all the same") {
        app.act(CloseWindow{});
        CHECK(app.worker.quit);
        CHECK_FALSE(app.worker.open);
    }
    SUBCASE("or stay, and is asked again the next time") {
        app.act(StayOpen{});
        CHECK_FALSE(asks_to_close(app.session()));
        CHECK(app.interviewing());
        app.act(CloseWindow{});
        CHECK_FALSE(app.worker.quit);
    }
    SUBCASE("or save again, whereupon there is nothing to ask, this time or the next") {
        app.worker.refuses_saves = false;
        app.act(SaveAgain{});
        CHECK_FALSE(asks_to_close(app.session()));
        app.worker.refuses_saves = true;
        app.type("pet", "a cat and a dog");
        CHECK_FALSE(asks_to_close(app.session()));
        app.act(CloseWindow{});
        CHECK_FALSE(app.worker.quit);
    }
}

TEST_CASE("where everything is saved nobody is asked before the window closes") {
    Unsaved app;
    app.worker.refuses_saves = false;
    app.act(SaveAgain{});
    app.act(CloseWindow{});
    CHECK(app.worker.quit);
    CHECK(app.saved("/pet", "a cat"));
}

TEST_CASE("the lock never asks, and says afterwards only what is so") {
    Unsaved app;
    SUBCASE("the last answers are lost") {
        app.act(Lock{});
        CHECK(app.locked().unsaved);
    }
    SUBCASE("they could be saved at the last moment") {
        app.worker.refuses_saves = false;
        app.worker.holds_answers = true;
        app.act(Lock{});
        CHECK(app.locked().unsaved);
        app.catch_up();
        CHECK_FALSE(app.locked().unsaved);
        CHECK(app.saved("/pet", "a cat"));
    }
    SUBCASE("it was the last of all that was refused") {
        app.worker.refuses_saves = false;
        app.act(SaveAgain{});
        app.worker.holds_answers = true;
        app.type("pet", "a cat and a dog");
        app.act(Lock{});
        CHECK_FALSE(app.locked().unsaved);
        app.worker.refuses_saves = true;
        app.catch_up();
        CHECK(app.locked().unsaved);
    }
}

TEST_CASE("one save that was refused is not made good by a later one that brings other answers") {
    App app(form_of("type | name | label\ntext | pet | Which pet?\ntext | more | More?"));
    app.begin();
    app.worker.holds_answers = true;
    app.type("pet", "a cat");
    app.type("more", "a dog");
    const DraftId draft = app.open().draft;
    const std::uint64_t last = app.open().last_ticket;
    app.act(Lock{});
    app.act(SaveFailed{draft, last - 1, {"store.disk_full", {}}});
    app.act(AnswerSaved{draft, last});
    CHECK(std::get<Locked>(app.state.stage).unsaved);
}
