#include <algorithm>

#include "tests/support/canary.h"
#include "tests/support/other_program.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;

TEST_CASE("a passphrase that is pasted out of another program opens the vault, and is not left in memory") {
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
    walker.first_run(canary_passphrase);
    walker.press("app.lock");
    walker.wait_for("unlock.button");
    const OtherProgram keeps_passphrases(display.name(), canary_passphrase);
    walker.press("passphrase.label");
    window.press("ctrl+v");
    window.settle();
    window.press("Return");
    walker.wait_for("home.start");
    window.settle();
    finds_none(program, {canary_passphrase});
}

TEST_CASE("what another program has copied since is what is pasted, not what was copied here before") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    Walker walker(window, display, form, {});
    walker.first_run(canary_passphrase);
    walker.begin_interview();
    window.click("What do you say?");
    window.type(said);
    window.press("ctrl+a");
    window.press("ctrl+c");
    window.settle();
    REQUIRE(window.holds_clipboard());
    const std::string since(said.rbegin(), said.rend());  // as long, so that it may lie at the same place
    const OtherProgram other(display.name(), since);
    window.click("Who are you?");
    window.press("ctrl+v");
    window.wait_until("what the other program has copied", [&](const std::vector<ScreenWidget>& widgets) {
        return std::ranges::any_of(widgets, [&](const ScreenWidget& widget) {
            return widget.label == "Who are you?" && widget.value == since;
        });
    });
}
