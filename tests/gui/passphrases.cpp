#include <algorithm>

#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

constexpr const char* mine = "gravel lantern otter wick";
constexpr const char* half = "gravel lant";
constexpr std::int64_t minute = 60'000;

std::string typed(Screen& ui) {
    return ui.scratch().passphrase.data();
}

struct FirstRun : Screen {
    FirstRun() : Screen(app::test::visit_form()) {
        act(app::ProfileMissing{});
        act(app::ChoosePackage{"/media/usb/visit.ffstudy"});
        act(app::ConfirmPackage{});
        show();
    }
};

/// At the lock screen of a damaged vault, its passphrase tried.
struct Damaged : Screen {
    Damaged() : Screen(app::test::visit_form()) {
        worker.damaged = true;
        act(app::ProfileFound{});
        act(app::TryPassphrase{app::Passphrase(mine)});
        show();
    }
};

}  // namespace

TEST_CASE("what is half typed of a passphrase is gone after five minutes, and one may type at once again") {
    Screen ui(app::test::visit_form());
    ui.act(app::ProfileFound{});
    ui.show();
    ui.act(app::PersonActive{});
    ui.type(half);
    REQUIRE(typed(ui) == half);
    ui.pass(5 * minute);
    ui.show();
    CHECK(std::ranges::all_of(ui.scratch().passphrase, [](char c) { return c == '\0'; }));
    CHECK(ui.sees("the passphrase that was being typed was forgotten"));
    ui.type(mine);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Start an interview"));
}

TEST_CASE("a passphrase that is shown stays so long, and is hidden again when it is forgotten") {
    FirstRun ui;
    ui.click("Show what I type");
    ui.click("Passphrase");
    ui.act(app::PersonActive{});
    ui.type(half);
    ui.pass(5 * minute - 1);
    ui.show();
    CHECK(typed(ui) == half);
    ui.pass(1);
    ui.show();
    CHECK(typed(ui).empty());
    CHECK_FALSE(ui.widget("Show what I type").checked);
}

TEST_CASE("a passphrase can neither be copied nor cut out of its field, shown or not") {
    FirstRun ui;
    ImGui::SetClipboardText("what stood there");
    const auto tries_all = [&] {
        ui.press(ImGuiKey_A, ImGuiMod_Ctrl);
        ui.press(ImGuiKey_C, ImGuiMod_Ctrl);
        ui.press(ImGuiKey_Insert, ImGuiMod_Ctrl);
        ui.press(ImGuiKey_X, ImGuiMod_Ctrl);
        CHECK(typed(ui) == mine);
        ui.press(ImGuiKey_Delete, ImGuiMod_Shift);
        CHECK(std::string_view(ImGui::GetClipboardText()) == "what stood there");
    };
    SUBCASE("hidden") {
        ui.type(mine);
        tries_all();
    }
    SUBCASE("shown") {
        ui.click("Show what I type");
        ui.click("Passphrase");
        ui.type(mine);
        tries_all();
    }
    // Elsewhere one copies as ever.
    ImGui::SetClipboardText("and this");
    CHECK(std::string_view(ImGui::GetClipboardText()) == "and this");
}

TEST_CASE("a passphrase can be pasted, as from a program that keeps passphrases") {
    FirstRun ui;
    ImGui::SetClipboardText(mine);
    ui.press(ImGuiKey_V, ImGuiMod_Ctrl);
    CHECK(typed(ui) == mine);
}

TEST_CASE("the rescue of a damaged store is a screen of its own, which nobody takes for the lock") {
    Damaged ui;
    const std::string lock = ui.scratch().screen;
    ui.type(half);
    ui.click("Rescue what can be read…");
    CHECK(ui.sees("The locked store is damaged: rescue what can be read"));
    CHECK_FALSE(ui.sees("Unlock"));
    CHECK(ui.scratch().screen != lock);
    CHECK(typed(ui).empty());  // it was typed for something else
    CHECK_FALSE(ui.state.passphrase_typed);
    ui.type(half);
    ui.click("Back");
    CHECK(ui.scratch().screen == lock);
    CHECK(typed(ui).empty());
}

TEST_CASE("each step of a rescue begins with an empty field and at the top of its screen") {
    Damaged ui;
    ui.worker.studies_wanted = 1;
    ui.click("Rescue what can be read…");
    const std::string ask = ui.scratch().screen;
    ui.type(mine);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("The rescue needs the study file"));
    CHECK(ui.scratch().screen != ask);
}
