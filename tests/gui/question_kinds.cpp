#include <cmath>

#include "tests/support/form_of_items.h"
#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;
using app::test::form_of;
using app::test::group;
using app::test::item;
using app::test::list;
using app::test::range;
using schema::QuestionType;

namespace {

// One page with these questions, on the screen.
struct Page : Screen {
    explicit Page(std::vector<schema::Item> questions, std::vector<schema::ChoiceList> lists = {})
        : Screen(form_of({group("page", std::move(questions))}, std::move(lists))) {
        begin();
        show();
    }
    /// The labels of a rank's choices from first to last.
    std::string order() const {
        std::string labels;
        for (const Widget& widget : tree())
            if (widget.role == Role::list_item) labels += widget.value + ' ' + widget.label + ' ';
        return labels;
    }
};

schema::Item with_words(schema::Item range) {
    range.itemset = {"instance('words')/root/item", "name", "label"};
    return range;
}

// A list whose choices stand at numbers of a range.
schema::ChoiceList words(const std::vector<std::pair<std::string, std::string>>& choices) {
    schema::ChoiceList made{"words", {}};
    for (const auto& [number, label] : choices) {
        schema::Choice choice;
        choice.name = number;
        choice.label = {label};
        made.choices.push_back(choice);
    }
    return made;
}

struct RankPage : Page {
    RankPage()
        : Page({item("rank", QuestionType::rank, "things"), item("after", QuestionType::text)},
               {list("things", {"work", "home", "money"})}) {}
};

}  // namespace

TEST_CASE("a time is typed, and stands there as it was understood once it is left") {
    Page ui({item("time", QuestionType::time), item("after", QuestionType::text)});
    ui.type("9.05 pm");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value("time") == "21:05:00.000");
    CHECK(ui.value_of("Time") == "21:05");
    CHECK(ui.open().focused == ui.node("after"));
}

TEST_CASE("a time that cannot be read says how one is written") {
    Page ui({item("time", QuestionType::time), item("after", QuestionType::text)});
    ui.type("25:00");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Please write a time as hours:minutes, for example 21:05."));
    CHECK(ui.widget("Time").invalid);
    CHECK(ui.value_of("Time") == "25:00");
}

TEST_CASE("a date with a time is shown in words") {
    Page ui({item("moment", QuestionType::date_time), item("after", QuestionType::text)});
    ui.type("5.3.2024 21:05");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("5 March 2024, 21:05"));
    CHECK(ui.value_of("Moment") == "2024-03-05 21:05");
}

TEST_CASE("a place is shown in words, so that latitude and longitude are not swapped") {
    Page ui({item("place", QuestionType::geopoint), item("after", QuestionType::text)});
    ui.type("-33,87 151,21");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value("place") == "-33.87 151.21");
    CHECK(ui.sees("33.87° S, 151.21° E"));
}

TEST_CASE("a place that is none on earth says what is expected") {
    Page ui({item("place", QuestionType::geopoint), item("after", QuestionType::text)});
    ui.type("137.62 55.75");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Latitude goes from -90 to 90"));
}

TEST_CASE("a long range is typed, with its bounds in sight, and refuses what lies outside") {
    Page ui({range("share", "0", "100", "1"), item("after", QuestionType::text)});
    CHECK(ui.sees("A whole number from 0 to 100"));
    ui.type("101");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Please write a whole number from 0 to 100."));
    CHECK(ui.value("share").empty());
    ui.click("Share");
    ui.press(ImGuiKey_A, ImGuiMod_Ctrl);
    ui.type("99");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value("share") == "99");
    CHECK_FALSE(ui.sees("Please write a whole number"));
}

TEST_CASE("a range in fractions says its steps") {
    Page ui({range("share", "0", "100", "2.5"), item("after", QuestionType::text)});
    CHECK(ui.sees("A number from 0 to 100, in steps of 2.5"));
    ui.type("7");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Please write a number from 0 to 100 in steps of 2.5."));
}

TEST_CASE("a short range lies in one row, picked by mouse, digit or arrow") {
    Page ui({range("pain", "0", "10", "1"), item("after", QuestionType::text)});
    CHECK(ui.widget("0").role == Role::radio);
    CHECK(ui.widget("0").rect.top == ui.widget("10").rect.top);
    CHECK(ui.widget("0").rect.right < ui.widget("10").rect.left);
    ui.press(ImGuiKey_7);
    CHECK(ui.value("pain") == "7");
    CHECK(ui.widget("7").checked);
    ui.click("10");
    CHECK(ui.value("pain") == "10");
    ui.press(ImGuiKey_LeftArrow);
    ui.press(ImGuiKey_Space);
    CHECK(ui.value("pain") == "9");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().focused == ui.node("after"));
}

TEST_CASE("the words of a short range stand below its numbers, and a number is called with its words") {
    Page ui({with_words(range("safe", "0", "10", "1")), item("after", QuestionType::text)},
            {words({{"0", "Not at all"}, {"5", "Neither safe nor unsafe"}, {"10", "Completely"}})});
    const Widget& first = ui.widget("0 – Not at all");
    const Widget& last = ui.widget("10 – Completely");
    CHECK(first.role == Role::radio);
    CHECK(first.rect.top == last.rect.top);
    CHECK(ui.widget("Not at all").rect.top >= first.rect.bottom);
    CHECK(ui.widget("Not at all").rect.left == first.rect.left);
    CHECK(std::abs(ui.widget("Completely").rect.right - last.rect.right) < 1.5F);
    CHECK(ui.widget("Neither safe nor unsafe").rect.right <= ui.widget("Completely").rect.left);
    ui.press(ImGuiKey_5);
    CHECK(ui.value("safe") == "5");
    CHECK(ui.widget("5 – Neither safe nor unsafe").checked);
}

TEST_CASE("where words have no room beside each other, the numbers stand below each other with them") {
    Page ui({with_words(range("agree", "1", "5", "1")), item("after", QuestionType::text)},
            {words({{"1", "I disagree with all of this as strongly as can be, and always did"},
                    {"2", "I rather disagree with this, though some of it may be true after all"},
                    {"3", "I neither agree nor disagree, or have not made up my mind about it yet"}})});
    const Widget& one = ui.widget("1 – I disagree with all of this as strongly as can be, and always did");
    CHECK(one.rect.bottom <= ui.widget("4").rect.top);
    CHECK(one.rect.left == ui.widget("4").rect.left);
    ui.press(ImGuiKey_DownArrow);
    ui.press(ImGuiKey_Space);
    CHECK(ui.value("agree") == "2");
    ui.press(ImGuiKey_4);
    CHECK(ui.value("agree") == "4");
}

TEST_CASE("a long range says in words what its numbers mean") {
    Page ui({with_words(range("share", "0", "100", "1")), item("after", QuestionType::text)},
            {words({{"100", "Everything"}, {"0", "Nothing"}})});
    CHECK(ui.sees("0 – Nothing · 100 – Everything"));
}

TEST_CASE("an acknowledgement is a box to tick") {
    Page ui({item("read", QuestionType::acknowledge), item("after", QuestionType::text)});
    CHECK(ui.widget("OK").role == Role::checkbox);
    ui.press(ImGuiKey_Space);
    CHECK(ui.value("read") == "OK");
    CHECK(ui.widget("OK").checked);
    ui.click("OK");
    CHECK(ui.value("read").empty());
}

TEST_CASE("a code is scanned by a reader that types and presses Enter") {
    Page ui({item("code", QuestionType::barcode), item("after", QuestionType::text)});
    ui.type("4006381333931");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value("code") == "4006381333931");
    CHECK(ui.open().focused == ui.node("after"));
}

TEST_CASE("the order in which a rank is first shown is not ticked as right") {
    RankPage ui;
    CHECK(ui.order() == "1 Work 2 Home 3 Money ");
    CHECK_FALSE(ui.widget("This order is right").checked);
    CHECK(ui.value("rank").empty());
}

TEST_CASE("arrows move a ranked choice, and the order becomes the answer") {
    RankPage ui;
    CHECK_FALSE(ui.widget("Up: Work").enabled);
    CHECK_FALSE(ui.widget("Down: Money").enabled);
    ui.click("Up: Money");
    CHECK(ui.order() == "1 Work 2 Money 3 Home ");
    CHECK(ui.value("rank") == "work money home");
    CHECK(ui.widget("This order is right").checked);
    ui.click("Down: Work");
    CHECK(ui.value("rank") == "money work home");
}

TEST_CASE("the tick says that the order is right as it stands, and takes it back") {
    RankPage ui;
    ui.click("This order is right");
    CHECK(ui.value("rank") == "work home money");
    ui.click("This order is right");
    CHECK(ui.value("rank").empty());
}

TEST_CASE(
    "a rank is put in order by keyboard alone: a digit is a place, and the keyboard follows its choice") {
    RankPage ui;
    REQUIRE(ui.widget("Work").focused);
    ui.press(ImGuiKey_3);
    CHECK(ui.value("rank") == "home money work");
    CHECK(ui.widget("Work").focused);
    ui.press(ImGuiKey_UpArrow);
    CHECK(ui.widget("Money").focused);
    ui.press(ImGuiKey_RightArrow);
    REQUIRE(ui.widget("Up: Money").focused);
    ui.press(ImGuiKey_Space);
    CHECK(ui.value("rank") == "money home work");
    CHECK(ui.widget("Up: Money").focused);
    ui.press(ImGuiKey_Space);  // it is first already
    CHECK(ui.value("rank") == "money home work");
}

TEST_CASE("Tab passes a rank by in two steps, Enter goes on from it") {
    RankPage ui;
    ui.press(ImGuiKey_Tab);
    REQUIRE(ui.widget("This order is right").focused);
    ui.press(ImGuiKey_Space);
    CHECK(ui.value("rank") == "work home money");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().focused == ui.node("after"));
}

TEST_CASE("guidance is folded away until it is asked for") {
    schema::Item question = item("city", QuestionType::text);
    question.guidance_hint = {"As it is called today."};
    schema::Item note = item("intro", QuestionType::note);
    note.guidance_hint = {"Read it aloud."};
    Page ui({note, question, item("after", QuestionType::text)});
    CHECK_FALSE(ui.sees("As it is called today."));
    CHECK_FALSE(ui.find("More: After"));
    ui.click("More: City");
    CHECK(ui.sees("As it is called today."));
    CHECK_FALSE(ui.sees("Read it aloud."));
    ui.click("More: Intro");
    CHECK(ui.sees("Read it aloud."));
    ui.click("Less: City");
    CHECK_FALSE(ui.sees("As it is called today."));
}

TEST_CASE("a required answer that does not fit is not called missing") {
    schema::Item code = item("code", QuestionType::barcode);
    code.required = "yes";
    code.constraint = "string-length(.) = 8";
    Page ui({code, item("after", QuestionType::text)});
    ui.press(ImGuiKey_Enter);
    CHECK(ui.widget("An answer is needed").role == Role::alert);
    ui.click("Code");
    ui.type("123");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.widget("An answer is needed").role == Role::text);
    CHECK(ui.sees("This answer does not fit."));
}

TEST_CASE("guidance unfolds by keyboard") {
    schema::Item question = item("city", QuestionType::text);
    question.guidance_hint = {"As it is called today."};
    Page ui({question, item("after", QuestionType::text)});
    ui.press(ImGuiKey_Tab, ImGuiMod_Shift);
    REQUIRE(ui.widget("More: City").focused);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("As it is called today."));
}

TEST_CASE("every kind of question keeps within the window, in either language and at every text size") {
    for (const auto language : {app::InterfaceLanguage::english, app::InterfaceLanguage::russian}) {
        for (const auto size : {app::TextSize::normal, app::TextSize::large, app::TextSize::larger}) {
            Page ui({item("rank", QuestionType::rank, "things"), range("pain", "0", "10", "1"),
                     range("share", "0", "5000", "500"), item("read", QuestionType::acknowledge),
                     item("moment", QuestionType::date_time), item("place", QuestionType::geopoint)},
                    {list("things", {"work", "home", "money"})});
            ui.state.preferences = {language, size};
            ui.show();
            for (const Widget& widget : ui.tree()) {
                CAPTURE(widget.label);
                CHECK_FALSE(widget.clipped);
                CHECK(widget.rect.left >= 0);
                CHECK(widget.rect.right <= 1024);
            }
        }
    }
}
