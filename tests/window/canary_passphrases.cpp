// A passphrase that was typed, and shown while it was, is looked for in the memory of the program once it is
// not on the screen any more: on each screen that asks for one.
#include "tests/support/canary.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

// The first word of each is long enough to be known by its drawn letters.
const std::string shown = "wqzjxvkqzwvx vqjzkxwq";
const std::string shown_too = "kxqvwzjkxvqz zwkqjxvq";
const std::string shown_again = "vzjqkwxvqjkw xqzvwkjz";

/// With "show" ticked: it stands on the screen, nothing copies it, and the search finds it drawn.
void types_shown(AppWindow& window, Walker& walker, const std::string& field, const std::string& text) {
    walker.press("passphrase.show");
    walker.press(field);
    window.type(text);
    window.settle();
    finds_each(window.process(), {text});
    window.press("ctrl+a");
    window.press("ctrl+c");
    window.press("ctrl+x");
    window.settle();
    CHECK_FALSE(window.holds_clipboard());
    window.press("End");
}

void enter(AppWindow& window, Walker& walker, const std::string& next) {
    window.press("Return");
    walker.wait_for(next);
    window.settle();
}

/// The same, of one that the screen does not show.
void enter_hidden(AppWindow& window, Walker& walker, const std::string& field, const std::string& text,
                  const std::string& next) {
    walker.press(field);
    window.type(text);
    enter(window, walker, next);
}

}  // namespace

TEST_CASE(
    "no passphrase that is chosen on the first run or in the settings is left in memory, though it was "
    "shown") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});

    // The first run, left in the middle and begun again.
    walker.wait_for("first_run.same");
    walker.press("first_run.same");
    walker.wait_for("passphrase.use");
    types_shown(window, walker, "passphrase.label", shown_again);
    window.let_minutes_pass(5);
    walker.wait_for("passphrase.forgotten");
    window.settle();
    finds_none(program, {shown_again});
    types_shown(window, walker, "passphrase.label", shown);
    walker.press("passphrase.show");  // and hidden again before it is used
    window.settle();
    walker.press("passphrase.label");
    enter(window, walker, "passphrase.repeat");
    types_shown(window, walker, "passphrase.label", shown);
    enter(window, walker, "first_run.enrolled_done");
    finds_none(program, {shown, shown_again});
    walker.press("first_run.enrolled_done");
    walker.wait_for("home.start");

    // A new one, given up half-way, then carried through.
    walker.press("app.settings");
    walker.press("settings.passphrase");
    walker.wait_for("changing.intro");
    enter_hidden(window, walker, "destroying.current", shown, "token.choose");
    types_shown(window, walker, "changing.label", shown_again);
    walker.press("app.cancel");
    walker.wait_for("home.start");
    window.settle();
    finds_none(program, {shown, shown_again});
    walker.press("app.settings");
    walker.press("settings.passphrase");
    walker.wait_for("changing.intro");
    enter_hidden(window, walker, "destroying.current", shown, "token.choose");
    types_shown(window, walker, "changing.label", shown_too);
    enter(window, walker, "changing.repeat_intro");
    types_shown(window, walker, "changing.label", shown_too);
    enter(window, walker, "changing.done");
    finds_none(program, {shown, shown_too, shown_again});
    walker.press("settings.done");

    // One that destroys.
    walker.press("app.settings");
    walker.press("settings.destroying");
    walker.wait_for("destroying.limits");
    enter_hidden(window, walker, "destroying.current", shown_too, "destroying.choose_intro");
    types_shown(window, walker, "destroying.label", shown_again);
    enter(window, walker, "destroying.repeat_intro");
    types_shown(window, walker, "destroying.label", shown_again);
    enter(window, walker, "destroying.set");
    finds_none(program, {shown, shown_too, shown_again});
}

TEST_CASE(
    "a passphrase half typed is gone from memory after five minutes, and one that recovers a vault once it "
    "has") {
    Researcher researcher(canary_form());
    researcher.supervised_by("maria", canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.first_run(canary_passphrase);
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    walker.press("passphrase.label");
    window.type(other_passphrase);
    window.settle();
    window.let_minutes_pass(5);
    walker.wait_for("passphrase.forgotten");
    window.settle();
    finds_none(program, {canary_passphrase, other_passphrase});

    const auto gets_answer = [&] {
        walker.press("unlock.forgotten");
        walker.press("recovery.ask");
        walker.wait_for("recovery.choose");
        window.settle();
        std::string digits;
        for (const ScreenWidget& widget : window.widgets())
            if (widget.label == "Numbers of the request" && !widget.value.empty()) digits = widget.value;
        const auto answer = researcher.folder() / "home/answer.ffanswer";
        fs::remove(answer);
        REQUIRE(researcher.answer("maria", researcher.folder() / "profile/request.ffrecover", digits,
                                  answer) == 0);
        walker.press("recovery.choose");
        window.wait_for("answer.ffanswer");
        window.settle();
        window.click("answer.ffanswer");
        walker.wait_for("recovery.choose_intro");
        window.settle();
    };
    gets_answer();
    types_shown(window, walker, "recovery.passphrase", shown);
    window.let_minutes_pass(5);
    walker.wait_for("unlock.button");
    window.settle();
    finds_none(program, {shown});

    gets_answer();
    types_shown(window, walker, "recovery.passphrase", shown_too);
    enter(window, walker, "recovery.repeat_intro");
    types_shown(window, walker, "recovery.passphrase", shown_too);
    enter(window, walker, "recovery.done");
    finds_none(program, {canary_passphrase, other_passphrase, shown, shown_too});
}

TEST_CASE("a passphrase that was typed for the rescue of a damaged vault is not left in memory") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, on_own_laptop(researcher));
        Walker walker(window, display, form, {});
        walker.first_run(canary_passphrase);
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    {
        // The page on which the study file lies.
        std::fstream database(researcher.folder() / "profile/vault.db",
                              std::ios::in | std::ios::out | std::ios::binary);
        database.seekp(6 * 4096 + 1000);
        database.write("rotten", 6);
        REQUIRE(database);
    }
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    if (const auto why = why_not_searchable(program); !why.empty()) {
        skipped(why);
        return;
    }
    Walker walker(window, display, form, {});
    walker.wait_for("unlock.button");
    enter_hidden(window, walker, "passphrase.label", canary_passphrase, "rescue.show");
    finds_none(program, {canary_passphrase});
    walker.press("rescue.show");
    walker.wait_for("rescue.button");
    walker.press("passphrase.label");
    window.type(other_passphrase);
    window.settle();
    SUBCASE("and the rescue was left") {
        walker.press("rescue.back");
        walker.wait_for("unlock.button");
    }
    SUBCASE("and nobody came back for five minutes") {
        window.let_minutes_pass(5);
        walker.wait_for("passphrase.forgotten");
    }
    SUBCASE("and was wrong") {
        enter(window, walker, "store.wrong_passphrase");
    }
    SUBCASE("and the study file is wanted as well") {
        window.press("ctrl+a");
        window.type(canary_passphrase);
        enter(window, walker, "rescue.study_intro");
    }
    window.settle();
    finds_none(program, {canary_passphrase, other_passphrase});
}
