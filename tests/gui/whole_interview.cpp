#include "imgui_internal.h"
#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

// Answers the question that has the keyboard as a person would without a mouse, then presses Enter.
void answer_by_keyboard(Screen& ui) {
    const schema::NodeId node = ui.open().focused;
    if (node != schema::no_node && !ui.open().interview.answered(node)) {
        switch (ui.open().interview.item(node).type) {
            case schema::QuestionType::select_one:
            case schema::QuestionType::select_multiple:
                ui.press(ImGuiKey_1);
                break;
            case schema::QuestionType::integer:
                ui.type("2");
                break;
            case schema::QuestionType::text:
                ui.type(ui.open().interview.item(node).name == "coupon_in" ? "7KJ2M0XQ" : "Спасибо");
                break;
            default:
                break;
        }
    }
    const bool multiline =
        node != schema::no_node && ui.open().interview.item(node).appearance == "multiline";
    ui.press(ImGuiKey_Enter, multiline ? ImGuiMod_Ctrl : ImGuiKey_None);
}

}  // namespace

TEST_CASE("the whole bundled questionnaire can be filled in by keyboard alone") {
    Screen ui(app::test::bundled_form());
    ui.begin();
    ui.show();
    for (int i = 0; i < 400 && ui.session().place == app::Place::interview; ++i) {
        answer_by_keyboard(ui);
    }
    REQUIRE(ui.session().place == app::Place::review);
    CHECK(ui.value("open_say") == "Спасибо");
    CHECK(ui.value("n_stays") == "2");
    CHECK(ui.open().prompted.empty());
    for (int i = 0; i < 200 && ui.worker.sealed.empty(); ++i) {
        if (const Widget* seal = ui.find("Запечатать интервью"); seal && seal->focused) {
            ui.press(ImGuiKey_Space);
        } else {
            ui.press(ImGuiKey_Tab);
        }
    }
    REQUIRE_MESSAGE(ui.worker.sealed.size() == 1, ui.contents());
    CHECK(ui.worker.sealed.front().form_id == "mobility_engagement");
    CHECK(ui.session().place == app::Place::home);
}

TEST_CASE("an interview of the visit form can be filled in with the mouse") {
    Screen ui(app::test::visit_form());
    ui.begin();
    ui.act(app::SetFormLanguage{0});
    ui.show();
    ui.click("Next");
    ui.click("On which day was the visit?");
    ui.press(ImGuiKey_A, ImGuiMod_Ctrl);
    ui.type("2024-03-05");
    ui.click("Police station");
    CHECK(ui.sees("5 March 2024"));
    CHECK(ui.value("visit_day") == "2024-03-05");
    ui.click("Everything was settled");
    CHECK(ui.value("result") == "done");
}

TEST_CASE("a click meets its target although the question left by it gets a message") {
    Screen ui(app::test::visit_form());
    ui.begin();
    ui.act(app::SetFormLanguage{0});
    ui.show();
    ui.click("Next");
    ui.click("On which day was the visit?");
    ui.type("no day at all");
    ui.click("Police station");
    CHECK(ui.sees("Please write a date as year-month-day"));
    CHECK(ui.value("office") == "police");
}

TEST_CASE("locking wipes the interview, what was typed, and the widget tree") {
    Screen ui(app::test::form_of("type | name | label\ntext | say | Say"));
    ui.begin();
    ui.show();
    ui.type("неповторимый ответ");
    REQUIRE(ui.value_of("Say") == "неповторимый ответ");
    ui.click("Lock");
    CHECK(std::holds_alternative<app::Locked>(ui.state.stage));
    CHECK_FALSE(ui.sees("неповторимый"));
    for (const auto& [path, text] : ui.scratch().fields) CHECK(text.empty());
    for (const Widget& widget : ui.tree()) CHECK(widget.value.find("неповторимый") == std::string::npos);
}

TEST_CASE("a lock in the middle of a word wipes ImGui's own copy of it, too") {
    Screen ui(app::test::form_of("type | name | label\ntext | say | Say"));
    ui.begin();
    ui.show();
    ui.type("неповторимый ответ");
    const ImVector<char>& text = ImGui::GetCurrentContext()->InputTextState.TextA;
    const auto held = [&] { return std::string_view(text.Data, static_cast<std::size_t>(text.Capacity)); };
    REQUIRE(held().find("неповторимый") != std::string_view::npos);
    ui.act(app::Lock{});
    ui.frame();
    CHECK(held().find("повторимый") == std::string_view::npos);
}

TEST_CASE("a passphrase is wiped from the scratch as soon as it is sent") {
    Screen ui;
    ui.act(app::ProfileFound{});
    ui.show();
    ui.type(ui.worker.passphrase);
    CHECK(std::string_view(ui.scratch().passphrase.data()) == ui.worker.passphrase);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Interviews"));
    for (const char byte : ui.scratch().passphrase) CHECK(byte == '\0');
}

TEST_CASE("a draft is deleted on the screen only after confirming") {
    Screen ui(app::test::visit_form());
    ui.begin();
    ui.act(app::ShowHome{});
    ui.show();
    ui.click("Delete the interview of 23 November 2026");
    CHECK(ui.worker.drafts.size() == 1);
    ui.click("Keep it");
    CHECK(ui.worker.drafts.size() == 1);
    ui.click("Delete the interview of 23 November 2026");
    ui.click("Yes, delete it");
    CHECK(ui.worker.drafts.empty());
}

TEST_CASE("the review leads to a question that still needs an answer") {
    Screen ui(app::test::visit_form());
    ui.begin();
    ui.act(app::SetFormLanguage{0});
    ui.act(app::ShowReview{});
    ui.show();
    CHECK_FALSE(ui.widget("Seal the interview").enabled);
    CHECK(ui.sees("At least one question still needs an answer that fits."));
    ui.click("Show me the question");
    CHECK(ui.sees("Which office did you visit?"));
    CHECK(ui.open().focused == ui.node("office"));
}

TEST_CASE("the first run goes by keyboard and mouse from the study file to the list of interviews") {
    Screen ui(app::test::visit_form());
    ui.act(app::ProfileMissing{});
    ui.show();
    ui.click("Study file");
    ui.type("/media/usb/visit.ffstudy");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value_of("Fingerprint of the study").starts_with("48291   03746   55120"));
    ui.click("The numbers are the same");
    ui.click("Passphrase");
    ui.type("gravel lantern otter");
    CHECK(ui.sees("Fair"));
    ui.click("Use this passphrase");
    ui.click("Passphrase");
    ui.type("gravel lantern otter");
    ui.click("Test it");
    CHECK(ui.sees("Everything is ready"));
    ui.click("I have passed it on, go on");
    CHECK(ui.sees("Start an interview"));
}
