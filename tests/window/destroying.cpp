#include <fstream>

#include "tests/support/window_study.h"

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
            window.wait_until("a wrong passphrase to be answered", [&](const auto& widgets) {
                return counted(researcher) == tries && std::ranges::none_of(widgets, [](const auto& widget) {
                           return widget.label.starts_with("Unlocking takes");
                       });
            });
            window.settle();
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
    AppWindow window(display, in_profile(researcher, {}));
    Walker walker(window, display, form, {});
    walker.wait_for("unlock.button");
    walker.press("passphrase.label");
    window.type(destroying);
    window.press("Return");
    walker.wait_for("first_run.read");
    walker.close();
    CHECK(window.wait_for_end() == 0);
}
