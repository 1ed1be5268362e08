#include <fstream>

#include "tests/support/canary.h"
#include "tests/support/files_below.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";
constexpr const char* destroying = "marzipan eleven saddles";
const std::filesystem::path visit_form = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const std::filesystem::path screenshots =
    std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/destroying";

/// How many wrong passphrases the program has written down.
int counted(const Researcher& researcher) {
    std::ifstream file(researcher.folder() / "profile/tries");
    int tries = 0;
    return file >> tries ? tries : 0;
}

}  // namespace

TEST_CASE(
    "a passphrase that destroys is set and typed at the real window, and the way to a study begins anew") {
    Researcher researcher(visit_form);
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.first_run(passphrase);
        walker.press("app.settings");
        walker.wait_for("settings.destroying");
        walker.screenshot("settings");
        walker.press("settings.destroying");
        walker.wait_for("destroying.replaced");
        window.settle();
        walker.screenshot("what-it-does");
        window.type(passphrase);  // its field has the keyboard
        window.press("Return");
        walker.wait_for("destroying.remove");
        window.type("thrush rowan october ferrys");
        window.press("Return");
        walker.wait_for("destroying.too_alike");
        window.settle();
        walker.screenshot("too-alike");
        window.type(destroying);
        window.press("Return");
        walker.wait_for("destroying.use");
        window.settle();
        walker.screenshot("once-more");
        window.type(destroying);
        window.press("Return");
        walker.wait_for("destroying.set");
        window.settle();
        walker.screenshot("set");
        walker.press("settings.done");
        walker.press("app.lock");
        walker.wait_for("unlock.button");
        for (int tries = 1; tries <= 3; ++tries) {
            window.settle();
            window.type("not this one");
            window.press("Return");
            window.wait_until("a wrong passphrase to be tried",
                              [&](const auto&) { return counted(researcher) == tries; });
            window.settle();  // what it shows now is from after the try was counted
            window.wait_until("a wrong passphrase to be answered", [&](const auto& widgets) {
                return std::ranges::none_of(
                    widgets, [](const auto& widget) { return widget.label.starts_with("Unlocking takes"); });
            });
        }
        const auto waits = [](const auto& widgets) {
            return std::ranges::any_of(
                widgets, [](const auto& widget) { return widget.label.starts_with("Too many tries"); });
        };
        window.wait_until("the wait to begin", waits);
        walker.screenshot("waiting");
        window.wait_until("the wait to end", [&](const auto& widgets) { return !waits(widgets); });
        window.type(destroying);
        window.press("Return");
        walker.wait_for("first_run.read");
        window.settle();
        walker.screenshot("empty");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    // Nor does the study file come back with which the program is started.
    AppWindow window(display, in_profile(researcher, researcher.study()));
    Walker walker(window, display, form, {});
    walker.wait_for("unlock.button");
    walker.press("passphrase.label");
    window.type(destroying);
    window.press("Return");
    walker.wait_for("first_run.read");
    walker.close();
    CHECK(window.wait_for_end() == 0);
}

TEST_CASE("after the passphrase that destroys nothing that was typed is in memory or in any file") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const pid_t program = window.process();
    const auto why = why_not_searchable(program);
    if (!why.empty()) MESSAGE("skipped: the search of its memory: ", why);
    Walker walker(window, display, form, {});
    walker.texts = canary_texts;
    walker.first_run(canary_passphrase);
    walker.press("app.settings");
    walker.press("settings.destroying");
    walker.wait_for("destroying.replaced");
    window.settle();
    window.type(canary_passphrase);
    window.press("Return");
    walker.wait_for("destroying.remove");
    window.type(other_passphrase);
    window.press("Return");
    walker.wait_for("destroying.use");
    window.settle();
    window.type(other_passphrase);
    window.press("Return");
    walker.wait_for("destroying.set");
    walker.press("settings.done");

    // One interview is sealed, and another is open when the program is locked.
    for (const bool sealed : {true, false}) {
        walker.press("home.start");
        walker.wait_for("interview.to_review");
        walker.fill_interview();
        if (sealed) walker.finalise();
    }
    walker.press("review.back");
    walker.wait_for("interview.to_review");
    window.settle();
    if (why.empty()) finds_each(program, canary_answers);
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    walker.press("passphrase.label");
    window.type(other_passphrase);
    window.press("Return");
    walker.wait_for("first_run.read");
    window.settle();
    if (why.empty()) finds_none(program, all_canaries());
    CHECK(files_with_any(researcher.folder(), all_canaries()) == std::vector<std::string>{});
    CHECK(std::filesystem::is_empty(researcher.folder() / "home"));
    CHECK(std::filesystem::is_empty(researcher.folder() / "tmp"));
    walker.close();
    CHECK(window.wait_for_end() == 0);
}
