#include "client/app/closing.h"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "tests/support/app_driver.h"

using namespace fieldfare::app;
using namespace fieldfare::app::test;

namespace {

/// Whether the worker has been told to lock, or will be.
bool ends(const FakeWorker& worker) {
    return worker.quit || std::ranges::any_of(worker.waiting, [](const Effect& effect) {
               return std::holds_alternative<LockVault>(effect) || std::holds_alternative<Quit>(effect);
           });
}

/// With a question whose answer counts once its field is left.
struct Pets : App {
    Pets() : App(form_of("type | name | label\ninteger | pets | How many pets?")) { begin(); }
    bool asked_for_end() const { return ends(worker); }
};

/// An interview whose last answer the disk has refused.
struct Unsaved : App {
    bool asked_for_end() const { return ends(worker); }
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
        CHECK(tells_of_unsaved(app.locked()));
    }
    SUBCASE("they could be saved at the last moment") {
        app.worker.refuses_saves = false;
        app.worker.holds_answers = true;
        app.act(Lock{});
        CHECK(tells_of_unsaved(app.locked()));
        app.catch_up();
        CHECK_FALSE(tells_of_unsaved(app.locked()));
        CHECK(app.saved("/pet", "a cat"));
    }
    SUBCASE("it was the last of all that was refused") {
        app.worker.refuses_saves = false;
        app.act(SaveAgain{});
        app.worker.holds_answers = true;
        app.type("pet", "a cat and a dog");
        app.act(Lock{});
        CHECK_FALSE(tells_of_unsaved(app.locked()));
        app.worker.refuses_saves = true;
        app.catch_up();
        CHECK(tells_of_unsaved(app.locked()));
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
    CHECK(tells_of_unsaved(std::get<Locked>(app.state.stage)));
}

TEST_CASE("a save that repeats everything makes good whatever was refused before it, in whatever order") {
    App app(form_of("type | name | label\ntext | pet | Which pet?\ntext | more | More?"));
    app.begin();
    app.worker.holds_answers = true;
    app.type("pet", "a cat");
    app.type("more", "a dog");
    const DraftId draft = app.open().draft;
    const std::uint64_t last = app.open().last_ticket;
    app.act(SaveFailed{draft, last - 1, {"store.disk_full", {}}});
    app.act(Lock{});
    app.act(SaveFailed{draft, last, {"store.disk_full", {}}});
    CHECK(app.state.notice.empty());
    app.act(AnswerSaved{draft, last + 1});
    CHECK_FALSE(tells_of_unsaved(std::get<Locked>(app.state.stage)));
}

TEST_CASE(
    "the window closes once the vault has the last answers, those of a field that nobody has left too") {
    Pets app;
    app.type("pets", "12");
    app.worker.holds_answers = true;
    app.act(CloseWindow{});
    app.act(CloseWindow{});  // whoever clicks twice waits, too
    CHECK_FALSE(app.asked_for_end());
    SUBCASE("saved") {
        app.catch_up();
        CHECK(app.worker.quit);
        CHECK(app.saved("/pets", "12"));
    }
    SUBCASE("and what was typed while it waited") {
        app.type("pets", "123");
        app.catch_up();
        CHECK(app.worker.quit);
        CHECK(app.saved("/pets", "123"));
    }
    SUBCASE("refused: then the person is asked") {
        app.worker.refuses_saves = true;
        app.catch_up();
        CHECK_FALSE(app.worker.quit);
        CHECK(asks_to_close(app.session()));
        app.act(StayOpen{});
        CHECK(app.value("pets") == "12");
    }
    SUBCASE("an earlier save was refused, and everything is saved again: nobody is asked") {
        const std::uint64_t last = app.open().last_ticket;
        app.act(SaveFailed{app.open().draft, last - 1, {"store.disk_full", {}}});
        CHECK(asks_to_close(app.session()));
        app.act(SaveAgain{});
        app.catch_up();
        CHECK_FALSE(asks_to_close(app.session()));
        app.act(CloseWindow{});
        CHECK(app.worker.quit);
    }
}

TEST_CASE("whoever closes the window once there is room again is not asked about what was refused before") {
    Unsaved app;
    app.worker.refuses_saves = false;
    app.act(CloseWindow{});
    CHECK(app.worker.quit);
    CHECK(app.saved("/pet", "a cat"));
}

TEST_CASE("an interview that is being sealed goes with its last answers, and the window waits for the seal") {
    Unsaved app;
    app.worker.holds_answers = true;
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    REQUIRE(app.open().sealing);
    const std::size_t asked = app.worker.waiting.size();
    app.act(SaveAgain{});  // behind the seal it would bring the draft back
    CHECK(app.worker.waiting.size() == asked);
    app.act(CloseWindow{});
    CHECK_FALSE(asks_to_close(app.session()));
    CHECK_FALSE(app.asked_for_end());
    SUBCASE("which comes") {
        app.catch_up();
        CHECK(app.worker.quit);
        CHECK(app.worker.sealed.size() == 1);
    }
    SUBCASE("which fails, as the person reads") {
        app.worker.refuses_sealing = true;
        app.catch_up();
        CHECK_FALSE(app.worker.quit);
        CHECK_FALSE(app.open().seal_failed.empty());
        CHECK_FALSE(asks_to_close(app.session()));
        app.worker.refuses_saves = false;
        app.act(SaveAgain{});
        CHECK(app.open().saved());
        CHECK_FALSE(app.worker.quit);
    }
}

TEST_CASE("whoever locks over a seal reads of lost answers only where the seal fails as well") {
    Unsaved app;
    app.worker.holds_answers = true;
    app.act(ShowReview{});
    app.act(FinaliseInterview{});
    app.act(Lock{});
    CHECK_FALSE(tells_of_unsaved(app.locked()));
    SUBCASE("it comes") {
        app.catch_up();
        CHECK(app.worker.sealed.size() == 1);
        CHECK_FALSE(tells_of_unsaved(app.locked()));
    }
    SUBCASE("it fails") {
        app.worker.refuses_sealing = true;
        app.catch_up();
        CHECK(tells_of_unsaved(app.locked()));
    }
}
