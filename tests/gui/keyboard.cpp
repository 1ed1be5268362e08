#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

void tab_to(Screen& ui, const char* label) {
    for (int i = 0; i < 80 && !ui.widget(label).focused; ++i) ui.press(ImGuiKey_Tab);
    REQUIRE_MESSAGE(ui.widget(label).focused, std::string(label));
}

std::shared_ptr<const schema::CompiledForm> two_texts() {
    return app::test::form_of(
        "type | name | label\n"
        "begin_group | g | G\n"
        "text | first | What?\n"
        "text | last | And?\n"
        "end_group |  | ");
}

}  // namespace

TEST_CASE("a passphrase can be typed at once, and again after a wrong one") {
    Screen ui(app::test::visit_form());
    ui.act(app::ProfileFound{});
    ui.show();
    ui.type("not this one");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("This passphrase does not open the store."));
    ui.type(ui.worker.passphrase);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Start an interview"));
}

TEST_CASE("the first run takes a passphrase and its repetition from the keyboard alone") {
    Screen ui(app::test::visit_form());
    ui.act(app::ProfileMissing{});
    ui.act(app::ChoosePackage{"/media/usb/visit.ffstudy"});
    ui.act(app::ConfirmPackage{});
    ui.show();
    for (int i = 0; i < 2; ++i) {
        ui.type("gravel lantern otter wick");
        ui.press(ImGuiKey_Enter);
    }
    CHECK(ui.sees("Everything is ready"));
}

TEST_CASE("a newer study file can be named at once, and again after another was looked at") {
    Screen ui(app::test::visit_form());
    ui.unlock();
    ui.show();
    for (int i = 0; i < 2; ++i) {
        ui.click("A newer study file…");
        ui.type("/media/usb/newer.ffstudy");
        ui.press(ImGuiKey_Enter);
        CHECK(ui.sees("New: ben"));
        ui.click("Leave everything as it is");
    }
    CHECK(ui.sees("Start an interview"));
}

TEST_CASE("a number counts as soon as its field is left, though the question keeps the keyboard") {
    Screen ui(
        app::test::form_of("type | name | label | relevant\n"
                           "begin_group | g | G | \n"
                           "integer | stays | How many? | \n"
                           "text | more | Which ones? | ${stays} > 0\n"
                           "end_group |  |  | "));
    ui.begin();
    ui.show();
    ui.type("2");
    CHECK_FALSE(ui.sees("Which ones?"));
    ui.press(ImGuiKey_Tab);
    CHECK(ui.open().focused == ui.node("stays"));
    CHECK(ui.value("stays") == "2");
    CHECK(ui.sees("Which ones?"));
}

TEST_CASE("a field that is passed over by Tab is not complained about") {
    Screen ui(
        app::test::form_of("type | name | label | required\n"
                           "integer | stays | How many? | yes\n"));
    ui.begin();
    ui.show();
    ui.press(ImGuiKey_Tab);
    CHECK_FALSE(ui.sees("Please answer this question"));
}

TEST_CASE("whoever comes back to a long text goes on at its end") {
    Screen ui(
        app::test::form_of("type | name | label | appearance\n"
                           "begin_group | g | G | field-list\n"
                           "text | first | First | \n"
                           "text | say | Say something | multiline\n"
                           "end_group |  |  | "));
    ui.begin();
    ui.act(app::TypeText{ui.node("say"), "One"});
    ui.show();
    ui.press(ImGuiKey_Enter);
    REQUIRE(ui.open().focused == ui.node("say"));
    ui.type(" two");
    CHECK(ui.value("say") == "One two");
}

TEST_CASE("a long title leaves the buttons of the languages their room") {
    for (const auto size : {app::TextSize::normal, app::TextSize::larger}) {
        Screen ui(app::test::visit_form());
        ui.worker.study.title = "Everyday life, mobility and civic engagement of people abroad, second wave";
        ui.begin();
        ui.act(app::SetTextSize{size});
        ui.show();
        for (const Widget& widget : ui.tree()) {
            if (widget.label == ui.worker.study.title)
                CHECK(widget.rect.right < ui.widget("English").rect.left);
        }
        CHECK(ui.widget("English").rect.left >= 0);
    }
}

TEST_CASE("whoever adds an instance of a repeat types into its first question at once") {
    for (const bool by_mouse : {true, false}) {
        Screen ui(
            app::test::form_of("type | name | label | required\n"
                               "begin_repeat | stay | Stay | \n"
                               "text | where | Where? | yes\n"
                               "end_repeat |  |  | "));
        ui.begin();
        ui.show();
        ui.type("Tbilisi");
        if (by_mouse) {
            ui.click("Add: Stay");
        } else {
            for (int i = 0; i < 5 && !ui.widget("Add: Stay").focused; ++i) ui.press(ImGuiKey_Tab);
            ui.press(ImGuiKey_Space);
        }
        CHECK_FALSE(ui.sees("Please answer this question"));
        ui.type("Yerevan");
        const auto drafted = ui.open().interview.draft();
        CHECK(std::ranges::any_of(drafted, [](const auto& entry) { return entry.value == "Yerevan"; }));
        CHECK(std::ranges::any_of(drafted, [](const auto& entry) { return entry.value == "Tbilisi"; }));
    }
}

TEST_CASE(
    "on a button outside of the page Enter presses it, and no key changes the answer that was given last") {
    for (const char* label : {"Lock", "Settings", "Next"}) {
        CAPTURE(std::string(label));
        Screen ui(app::test::bundled_form());
        ui.begin();
        ui.act(app::SetFormLanguage{0});
        ui.show();
        ui.press(ImGuiKey_1);
        REQUIRE(ui.value("consent_part") == "yes");
        tab_to(ui, label);
        for (const ImGuiKey key : {ImGuiKey_2, ImGuiKey_Delete, ImGuiKey_Backspace}) ui.press(key);
        CHECK(ui.value("consent_part") == "yes");
        const app::StepKey before = ui.open().step;
        ui.press(ImGuiKey_Enter);
        if (label == std::string("Lock"))
            CHECK(ui.sees("Unlock"));
        else if (label == std::string("Settings"))
            CHECK(ui.state.settings_shown);
        else
            CHECK((ui.open().blocked || ui.open().prompt || ui.open().step != before));
    }
}

TEST_CASE("on Back, Enter goes back") {
    Screen ui(
        app::test::form_of("type | name | label\nbegin_group | a | A\ntext | first | What?\nend_group |  | \n"
                           "begin_group | b | B\ntext | last | And?\nend_group |  | "));
    ui.begin();
    ui.show();
    const app::StepKey first = ui.open().step;
    ui.type("x");
    ui.press(ImGuiKey_Enter);
    REQUIRE(ui.open().step != first);
    tab_to(ui, "Back");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().step == first);
}

TEST_CASE("what was typed stays when Escape, Backspace or Delete is pressed beside it") {
    Screen ui(two_texts());
    ui.begin();
    ui.show();
    ui.press(ImGuiKey_Enter);  // on to the last
    ui.type("a whole story");
    ui.press(ImGuiKey_Escape);
    CHECK(ui.value("last") == "a whole story");
    ui.press(ImGuiKey_Enter);  // the first question is open: it stays, and says so
    REQUIRE(ui.open().prompt);
    for (const ImGuiKey key : {ImGuiKey_Backspace, ImGuiKey_Delete}) ui.press(key);
    CHECK(ui.value("last").starts_with("a whole stor"));
}

TEST_CASE("one of many languages is chosen from the keyboard alone") {
    Screen ui(app::test::form_of(
        "type | name | label::English (en) | label::German (de) | label::French (fr) | label::Polish (pl)\n"
        "begin_group | g | G | G | G | G\n"
        "text | q | What? | Was? | Quoi? | Co?\n"
        "end_group | | | | |\n"
        "begin_group | h | H | H | H | H\n"
        "text | r | And? | Und? | Et? | I?\n"
        "end_group | | | | |"));
    ui.begin();
    ui.show();
    ui.type("x");
    tab_to(ui, "Language of the questions");
    ui.press(ImGuiKey_Enter);
    ui.press(ImGuiKey_DownArrow);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().language == 1);
    CHECK(ui.sees("Was?"));
}
