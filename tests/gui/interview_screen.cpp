#include "schema/answer_check.h"
#include "tests/support/ui.h"

#include <cmath>

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

struct Bundled : Screen {
    Bundled() : Screen(app::test::bundled_form()) {
        begin();
        act(app::SetFormLanguage{0});
        show();
        REQUIRE(sees("A. Consent and screening"));
    }
    const Widget& option(std::string_view question, std::string_view label) const {
        for (const Widget& widget : tree()) {
            if (widget.label == label && widget.value == question) return widget;
        }
        FAIL(std::string(label), " of ", std::string(question), contents());
        return tree().front();
    }
};

constexpr const char* agree =
    "You have been told who runs this study, what is asked, how answers are encrypted and how to withdraw. "
    "Do you "
    "agree to take part?";

}  // namespace

TEST_CASE("digits pick options of the question that has the keyboard") {
    Bundled ui;
    ui.press(ImGuiKey_1);
    CHECK(ui.value("consent_part") == "yes");
    CHECK(ui.option(agree, "Yes").checked);
    ui.press(ImGuiKey_Keypad2);
    CHECK(ui.value("consent_part") == "no");
}

TEST_CASE("Enter goes on to the next question and takes the keyboard along") {
    Bundled ui;
    ui.press(ImGuiKey_1);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().focused == ui.node("consent_sens"));
    ui.press(ImGuiKey_2);
    CHECK(ui.value("consent_sens") == "no");
    CHECK(ui.value("consent_part") == "yes");
}

TEST_CASE("Space picks the option on which the keyboard stands, and an arrow moves it") {
    Bundled ui;
    ui.press(ImGuiKey_DownArrow);
    ui.press(ImGuiKey_Space);
    CHECK(ui.value("consent_part") == "no");
}

TEST_CASE("Tab goes from question to question") {
    Bundled ui;
    ui.press(ImGuiKey_1);
    ui.press(ImGuiKey_Tab);
    CHECK(ui.open().focused == ui.node("consent_sens"));
    ui.press(ImGuiKey_Tab, ImGuiMod_Shift);
    CHECK(ui.open().focused == ui.node("consent_part"));
}

TEST_CASE("a click picks an option, and the next click another") {
    Bundled ui;
    ui.click("Yes");
    CHECK(ui.value("consent_part") == "yes");
    ui.click("No");
    CHECK(ui.value("consent_part") == "no");
}

TEST_CASE("a required question blocks going on and says so in words") {
    Bundled ui;
    ui.click("Next");
    CHECK(ui.sees("Before you go on, please answer the question marked in red."));
    CHECK(ui.sees("Please answer this question before you go on."));
    CHECK(ui.sees("A. Consent and screening"));
}

TEST_CASE("no message stands at a question before the person has left it") {
    Bundled ui;
    ui.press(ImGuiKey_1);
    ui.click("Invitation code, if you have one (8 characters)");
    ui.type("abc");
    CHECK_FALSE(ui.sees("8 characters: digits and capital letters"));
    ui.press(ImGuiKey_Tab, ImGuiMod_Shift);
    CHECK(ui.sees("8 characters: digits and capital letters"));
}

TEST_CASE("a change of relevance does not move the focused question") {
    // The question above depends on the one below it.
    Screen ui(
        app::test::form_of("type | name | label | relevant\n"
                           "note | early | Shown once colour is red | ${colour}='red'\n"
                           "text | why | Why? | ${colour}='red'\n"
                           "text | filler1 | One\ntext | filler2 | Two\ntext | filler3 | Three\n"
                           "text | filler4 | Four\ntext | filler5 | Five\n"
                           "select_one c | colour | Colour?\n"
                           "text | after | After",
                           "list_name | name | label\nc | red | Red\nc | blue | Blue"));
    ui.begin();
    ui.show();
    ui.click("Blue");
    const float before = ui.widget("Blue").rect.top;
    ui.press(ImGuiKey_1);
    REQUIRE(ui.sees("Why?"));
    CHECK(std::abs(ui.widget("Blue").rect.top - before) < 1.5F);
    CHECK(ui.open().focused == ui.node("colour"));
    ui.press(ImGuiKey_2);
    CHECK_FALSE(ui.sees("Why?"));
    CHECK(std::abs(ui.widget("Blue").rect.top - before) < 1.5F);
}

TEST_CASE("switching the language at any time keeps answers and changes every word") {
    Bundled ui;
    ui.press(ImGuiKey_1);
    ui.click("Русский");
    CHECK(ui.value("consent_part") == "yes");
    CHECK(ui.sees("А. Согласие и отбор"));
    CHECK(ui.sees("Дальше"));
    ui.click("English");
    CHECK(ui.sees("Next"));
}

TEST_CASE("Saved is shown when the vault has confirmed, and not before") {
    Bundled ui;
    CHECK(ui.sees("Saved"));
    ui.worker.holds_answers = true;
    ui.press(ImGuiKey_1);
    CHECK(ui.sees("Saving…"));
    CHECK_FALSE(ui.sees("Saved"));
    ui.catch_up();
    ui.show();
    CHECK(ui.sees("Saved"));
}

TEST_CASE("a save that the disk refuses is told, and can be tried again") {
    Bundled ui;
    ui.worker.refuses_saves = true;
    ui.press(ImGuiKey_1);
    CHECK(ui.sees("Not saved"));
    CHECK(ui.sees("The disk is full."));
    ui.worker.refuses_saves = false;
    ui.click("Save again");
    CHECK(ui.sees("Saved"));
    CHECK_FALSE(ui.sees("The disk is full."));
}

TEST_CASE("a typed number that does not fit shows the form's own message") {
    Screen ui(
        app::test::form_of("type | name | label | constraint | constraint_message\n"
                           "integer | stays | How many? | .>=0 and .<=4 | A whole number from 0 to 4.\n"
                           "text | more | More?"));
    ui.begin();
    ui.show();
    ui.type("9");
    CHECK_FALSE(ui.sees("A whole number from 0 to 4."));
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("A whole number from 0 to 4."));
    CHECK(ui.widget("How many?").invalid);
    CHECK(ui.open().focused == ui.node("more"));
}

TEST_CASE("long text shows how many characters are left, and soft line ends are no part of the answer") {
    Screen ui(
        app::test::form_of("type | name | label | appearance | x_max_length\n"
                           "text | say | Say something | multiline | 300"));
    ui.begin();
    ui.show();
    std::string said;
    for (int i = 0; i < 25; ++i) said += "слово " + std::to_string(i) + ' ';
    ui.type(said);
    CHECK(ui.value("say") == said);
    CHECK(ui.sees("of 300 characters"));
    ui.press(ImGuiKey_Enter);
    ui.type("конец");
    CHECK(ui.value("say") == said + "\nконец");
}

TEST_CASE("Backspace at a soft line end erases the character before it") {
    Screen ui(app::test::form_of("type | name | label | appearance\ntext | say | Say something | multiline"));
    ui.begin();
    ui.show();
    std::string said;
    for (int i = 0; i < 40; ++i) said += "word" + std::to_string(i) + ' ';
    ui.type(said);
    ui.press(ImGuiKey_Home);  // to the beginning of the last line, right behind the soft line end
    ui.press(ImGuiKey_Backspace);
    CHECK(ui.value("say").size() == said.size() - 1);
}

TEST_CASE("a long list gets a search field that knows no capitals") {
    std::string choices = "list_name | name | label";
    for (const char* name : {"Армения", "Грузия", "Казахстан", "Сербия", "Турция", "Черногория", "Германия",
                             "Франция", "Испания", "Италия", "Польша", "Литва", "Латвия", "Эстония"}) {
        choices += std::string("\nc | c") + std::to_string(choices.size()) + " | " + name;
    }
    Screen ui(app::test::form_of("type | name | label\nselect_one c | country | Страна", choices));
    ui.begin();
    ui.show();
    ui.click("Search in the list: Страна");
    ui.type("ГРУЗ");
    CHECK(ui.sees("Грузия"));
    CHECK_FALSE(ui.sees("Армения"));
    ui.press(ImGuiKey_Enter);
    CHECK_FALSE(ui.value("country").empty());
}

TEST_CASE(
    "the respondent is given the machine with a screen of its own and no way to the list of interviews") {
    Screen ui(
        app::test::form_of("type | name | label | x_handover\n"
                           "text | city | City\n"
                           "begin_group | self | Yours | yes\ntext | secret | Secret\nend_group\n"
                           "text | last | Last"));
    ui.begin();
    ui.show();
    ui.type("x");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("The next part is private"));
    CHECK_FALSE(ui.find("Home"));
    ui.click("I have the computer, begin");
    CHECK(ui.sees("Secret"));
    CHECK_FALSE(ui.find("Home"));
    ui.type("y");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Please give the computer back."));
    ui.click("I have the computer back, go on");
    CHECK(ui.sees("Last"));
    CHECK(ui.find("Home"));
}

TEST_CASE("an idle screen draws nothing new: two frames are the same") {
    Bundled ui;
    ui.settle_frames(5);
    const auto count = [] { return ImGui::GetDrawData()->TotalVtxCount; };
    const int before = count();
    const auto log = ui.worker.log.size();
    ui.settle_frames(5);
    CHECK(count() == before);
    CHECK(ui.worker.log.size() == log);
}

TEST_CASE("the question to which Enter goes is on the screen as a whole") {
    Bundled ui;
    for (const char* key : {"consent_part", "consent_sens", "consent_panel", "consent_quote"}) {
        REQUIRE(ui.open().focused == ui.node(key));
        ui.press(ImGuiKey_1);
        ui.press(ImGuiKey_Enter);
    }
    const Widget& last = ui.option("Are you 18 or older?", "Prefer not to say");
    CHECK(last.rect.bottom < last.view.bottom);
}

TEST_CASE("a repeat without an instance still says what it is about") {
    Screen ui(
        app::test::form_of("type | name | label\n"
                           "begin_repeat | payment | Payment\n"
                           "integer | amount | How much?\n"
                           "end_repeat |  | "));
    ui.begin();
    ui.show();
    ui.click("Remove: Payment 1");
    REQUIRE(ui.widget("Add: Payment").enabled);
    CHECK(ui.widget("Payment").role == Role::heading);
}

TEST_CASE("the review says in which instance of a repeat a question is open") {
    Screen ui(
        app::test::form_of("type | name | label\n"
                           "begin_repeat | stay | Stay\n"
                           "text | where | Where?\n"
                           "end_repeat |  | "));
    ui.begin();
    ui.act(app::AddInstance{ui.node("stay")});
    ui.act(app::ShowReview{});
    ui.show();
    CHECK(ui.find("Stay 1 of 2: Where?"));
    ui.click("Stay 2 of 2: Where?");
    CHECK(ui.open().focused != schema::no_node);
}

TEST_CASE("the question that blocks going on is on the screen with its message") {
    for (const auto size : {app::TextSize::normal, app::TextSize::large, app::TextSize::larger}) {
        for (int fillers = 0; fillers < 6; ++fillers) {
            std::string survey =
                "type | name | label | required\n"
                "begin_group | g | G | \n"
                "select_one c | first | First? | \n";
            for (int i = 0; i < fillers; ++i)
                survey += "text | filler" + std::to_string(i) + " | Filler | \n";
            survey +=
                "select_one c | last | Last? | yes\n"
                "text | after | After | \ntext | more | More | \ntext | most | Most | \n"
                "end_group |  |  | ";
            Screen ui(app::test::form_of(
                survey, "list_name | name | label\nc | a | Ash\nc | b | Birch\nc | o | Oak"));
            ui.begin();
            ui.act(app::SetTextSize{size});
            ui.show();
            ui.click("To the review");
            const Widget& message = ui.widget("Please answer this question before you go on.");
            CAPTURE(fillers);
            CAPTURE(static_cast<int>(size));
            CHECK(message.rect.bottom <= message.view.bottom);
            CHECK(ui.open().focused == ui.node("last"));
        }
    }
}

TEST_CASE("a message stands right under the field that it speaks of") {
    Screen ui(app::test::form_of("type | name | label\ndate | day | Day?\ntext | after | After"));
    ui.begin();
    ui.show();
    ui.type("never");
    ui.press(ImGuiKey_Enter);
    const float room = ui.widget("Please write a date as year-month-day, for example 2024-03-05.").rect.top -
                       ui.widget("Day?").rect.bottom;
    CHECK(room < 20);
}

TEST_CASE(
    "of a pasted book as much is taken as an answer can have, which is told at once and outlasts a lock") {
    for (const char* appearance : {"", "multiline"}) {
        CAPTURE(std::string(appearance));
        Screen ui(
            app::test::form_of("type | name | label | appearance\n"
                               "text | say | Say something | " +
                               std::string(appearance)));
        ui.begin();
        ui.show();
        std::string book;
        while (book.size() < 100'000) book += "птица летит\n";
        ui.type("Вот: ");
        ImGui::SetClipboardText(book.c_str());
        ui.press(ImGuiKey_V, ImGuiMod_Ctrl);
        const std::string kept = ui.value("say");
        CHECK(kept.size() <= schema::max_value_bytes);
        CHECK(kept.size() > schema::max_value_bytes - 8);
        CHECK(kept.starts_with("Вот: птица"));
        CHECK(ui.sees("An answer can be no longer than this."));
        CHECK(ui.saved("/say", kept));
        ui.act(app::Lock{});
        CHECK(ui.worker.drafts.begin()->second.entries["/say"].value == kept);
    }
}

TEST_CASE("a field takes no more than its answer may have, so that what stands there is what is kept") {
    for (const char* appearance : {"", "multiline"}) {
        CAPTURE(std::string(appearance));
        Screen ui(
            app::test::form_of("type | name | label | appearance | x_max_length\n"
                               "text | say | Say something | " +
                               std::string(appearance) + " | 10"));
        ui.begin();
        ui.show();
        ui.type("птица летит далеко");
        CHECK(ui.value("say") == "птица лети");
        CHECK(ui.sees("10 of 10 characters"));
        ui.press(ImGuiKey_Home);
        ui.type("x");
        CHECK(ui.value("say") == "птица лети");
        ui.press(ImGuiKey_Delete);
        ui.type("yz");
        CHECK(ui.value("say") == "yтица лети");
    }
}
