#include "tests/support/form_of_items.h"
#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;
using app::test::form_of;
using app::test::group;
using app::test::item;
using app::test::list;
using schema::QuestionType;

namespace {

// A page with a list of towns, and a question after it.
struct Towns : Screen {
    explicit Towns(int count, QuestionType type = QuestionType::select_one)
        : Screen(form_of({group("page", {item("town", type, "towns"), item("after", QuestionType::text)})},
                         {towns(count)})) {
        begin();
        show();
    }
    static schema::ChoiceList towns(int count) {
        std::vector<std::string> names;
        for (int i = 1; i <= count; ++i) names.push_back("town" + std::to_string(i));
        return list("towns", names);
    }
    std::size_t options() const {
        return static_cast<std::size_t>(std::ranges::count_if(tree(), [](const Widget& widget) {
            return widget.role == Role::radio || widget.role == Role::checkbox;
        }));
    }
};

constexpr const char* search = "Search in the list: Town";

}  // namespace

TEST_CASE("of ten thousand choices only some are drawn, and it is said how many are not") {
    Towns ui(10'000);
    CHECK(ui.options() == 20);
    CHECK(ui.sees("9980 more. Type a few letters above to find them."));
    CHECK(ui.find("After"));
}

TEST_CASE("a list that is looked through is drawn as a whole") {
    Towns ui(249);
    CHECK(ui.options() == 249);
    CHECK_FALSE(ui.sees("more. Type"));
}

TEST_CASE("a frame with ten thousand choices makes no labels while nothing changes") {
    Towns ui(10'000);
    const std::uint64_t made = ui.scratch().choices.made();
    ui.settle_frames(20);
    CHECK(ui.scratch().choices.made() == made);
    ui.pick("town", "town7");
    ui.show();
    CHECK(ui.scratch().choices.made() > made);
}

TEST_CASE("a very long list begins with its search, and Enter picks the first that matches") {
    Towns ui(10'000);
    REQUIRE(ui.widget(search).focused);
    ui.type("TOWN9999");
    CHECK(ui.options() == 1);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value("town") == "town9999");
    CHECK(ui.open().focused == ui.node("after"));
    CHECK(ui.widget("After").focused);
    CHECK(ui.widget("After").rect.bottom < ui.widget("After").view.bottom);
}

TEST_CASE("an answer from far down a long list stands above its first choices") {
    Towns ui(10'000);
    ui.type("town9999");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.widget("Town9999").checked);
    CHECK(ui.widget("Town9999").rect.top < ui.widget("Town1").rect.top);
    ui.act(app::ShowReview{});
    ui.act(app::JumpTo{ui.node("town")});
    ui.show();
    CHECK(ui.widget("Town9999").focused);
}

TEST_CASE("Enter on a search that finds nothing keeps what was typed and goes nowhere") {
    Towns ui(50);
    ui.type("village");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.sees("Nothing in the list matches."));
    CHECK(ui.value_of(search) == "village");
    CHECK(ui.open().focused == ui.node("town"));
}

TEST_CASE("Enter on an empty search goes on") {
    Towns ui(50);
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().focused == ui.node("after"));
}

TEST_CASE("whoever may choose several goes on searching after each") {
    Towns ui(50, QuestionType::select_multiple);
    ui.type("town31");
    ui.press(ImGuiKey_Enter);
    ui.type("town44");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.value("town") == "town31 town44");
    ui.press(ImGuiKey_Enter);
    CHECK(ui.open().focused == ui.node("after"));
}

TEST_CASE("labels of a list follow the answers that they quote and the language") {
    Screen ui(
        app::test::form_of("type | name | label::English (en) | label::Russian (ru)\n"
                           "begin_group | g | G | Г\n"
                           "text | who | Who? | Кто?\n"
                           "select_one c | has | Has what? | Что есть?\n"
                           "end_group |  |  | ",
                           "list_name | name | label::English (en) | label::Russian (ru)\n"
                           "c | a | House of ${who} | Дом: ${who}\nc | b | Nothing | Ничего"));
    ui.begin();
    ui.act(app::SetFormLanguage{0});
    ui.show();
    ui.type("Anna");
    CHECK(ui.sees("House of Anna"));
    ui.act(app::SetFormLanguage{1});
    ui.show();
    CHECK(ui.sees("Дом: Anna"));
}

TEST_CASE("a list that another answer filters is drawn and searched as it stands now") {
    schema::Item town = item("town", QuestionType::select_one, "towns");
    town.choice_filter = "not(${near} = 'town1') or name = 'town1'";
    Screen ui(form_of({group("page", {item("near", QuestionType::select_one, "few"), town})},
                      {list("few", {"town1", "town2"}), Towns::towns(50)}));
    ui.begin();
    ui.show();
    CHECK(ui.sees("Town50"));
    ui.pick("near", "town1");
    ui.show();
    CHECK_FALSE(ui.sees("Town50"));
}

TEST_CASE("locking wipes the labels that were kept") {
    Towns ui(50);
    ui.type("town3");
    ui.click("Lock");
    CHECK(ui.scratch().choices.empty());
}
