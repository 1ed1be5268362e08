#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

constexpr const char* destroying = "marzipan eleven saddles";

void type_line(Screen& ui, std::string_view text) {
    ui.type(text);
    ui.press(ImGuiKey_Enter);
}

void open_settings(Screen& ui) {
    ui.unlock();
    ui.show();
    ui.click("Settings");
    ui.click("A passphrase that destroys…");
}

}  // namespace

TEST_CASE("a passphrase that destroys is set from the keyboard alone, and the screen says what it can't do") {
    Screen ui(app::test::visit_form());
    open_settings(ui);
    CHECK(ui.sees("It does not reach copies"));
    CHECK(ui.sees("Sealed interviews stay on this machine."));
    type_line(ui, ui.worker.passphrase);
    type_line(ui, destroying);
    type_line(ui, destroying);
    CHECK(ui.sees("It is set."));
    CHECK(ui.worker.destroying == destroying);
}

TEST_CASE("where the study wants sealed interviews destroyed as well, the screen says so") {
    Screen ui(app::test::visit_form());
    ui.worker.study.destroys_sealed = true;
    open_settings(ui);
    CHECK(ui.sees("This study wants sealed interviews destroyed as well."));
}

TEST_CASE("whether a passphrase that destroys is set shows nowhere in the settings") {
    Screen with(app::test::visit_form());
    with.worker.destroying = destroying;
    open_settings(with);
    CHECK(with.sees("If one was set, it is replaced."));
    type_line(with, with.worker.passphrase);
    CHECK(with.sees("Have none"));
}

TEST_CASE("while the next try has to wait, the lock screen counts down and takes no passphrase") {
    Screen ui(app::test::visit_form());
    ui.worker.wait_seconds = 5;
    ui.act(app::ProfileFound{});
    ui.show();
    type_line(ui, "wrong");
    CHECK(ui.sees("Seconds until the next one: 5"));
    type_line(ui, ui.worker.passphrase);
    CHECK(ui.sees("Unlock"));
    ui.pass(4'000);
    ui.show();
    CHECK(ui.sees("Seconds until the next one: 1"));
    ui.pass(1'000);
    ui.show();
    CHECK_FALSE(ui.sees("Seconds until"));
    ui.press(ImGuiKey_Enter);  // what was typed meanwhile still stands there
    CHECK(ui.sees("Start an interview"));
}
