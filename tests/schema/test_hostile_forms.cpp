#include "schema/form_json.h"
#include "tests/support/scenario_random.h"

using namespace fieldfare::schema;

namespace {

Item row(std::string name, QuestionType type) {
    Item item;
    item.name = std::move(name);
    item.type = type;
    return item;
}

Result<std::shared_ptr<const CompiledForm>> compile(std::vector<Item> items) {
    Form form;
    form.items = std::move(items);
    return CompiledForm::compile(std::make_shared<const Form>(std::move(form)));
}

std::vector<Item> chain(int length, std::string Item::*column, const std::string& before,
                        const std::string& after) {
    std::vector<Item> items{row("c0", QuestionType::integer)};
    for (int i = 1; i <= length; ++i) {
        Item item = row("c" + std::to_string(i),
                        column == &Item::calculation ? QuestionType::calculate : QuestionType::integer);
        item.*column = before + "${c" + std::to_string(i - 1) + "}" + after;
        if (column == &Item::relevant) item.default_value = "1";
        items.push_back(std::move(item));
    }
    return items;
}

}  // namespace

TEST_CASE("a chain of ten thousand calculations is worked off without recursion") {
    Scenario scenario(*compile(chain(10'000, &Item::calculation, "", " + 1")));
    CHECK(scenario.answer("c0", "5").value("c10000") == "10005");
    CHECK(scenario.interview().changed().size() == 10'001);
}

TEST_CASE("a chain of ten thousand relevances is worked off without recursion") {
    Scenario scenario(*compile(chain(10'000, &Item::relevant, "", " > 0")));
    CHECK_FALSE(scenario.relevant("c1"));
    CHECK(scenario.answer("c0", "1").relevant("c10000"));
}

TEST_CASE("a circle of ten thousand rows is named without recursion") {
    auto items = chain(10'000, &Item::calculation, "", " + 1");
    items[0].type = QuestionType::calculate;
    items[0].calculation = "${c10000}";
    const auto result = compile(std::move(items));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().errors.front().message.starts_with("The form depends on itself: c0 → "));
}

TEST_CASE("the deepest expression that is allowed evaluates") {
    std::string text = "1";
    for (int i = 0; i < 66; ++i) text = "if((" + text + ") = 1, 1, 2)";
    std::vector<Item> items{row("q", QuestionType::calculate)};
    items[0].calculation = text;
    CHECK(Scenario(*compile(items)).value("q") == "1");
    items[0].calculation = std::string(199, '(') + "1" + std::string(199, ')');
    CHECK(Scenario(*compile(items)).value("q") == "1");
}

TEST_CASE("paths that wander over a large form cost no more than the form is long") {
    std::vector<Item> items;
    for (int i = 0; i < 10'000; ++i) items.push_back(row("q" + std::to_string(i), QuestionType::text));
    items.back().constraint = "count(/data/*/following::*[1]) > 0 or //*//*/preceding-sibling::*/q1 = 'x'";
    CHECK(compile(std::move(items)).has_value());
}

TEST_CASE("a value that doubles with every row ends at the bound") {
    std::vector<Item> items{row("c0", QuestionType::text)};
    for (int i = 1; i <= 64; ++i) {
        items.push_back(row("c" + std::to_string(i), QuestionType::calculate));
        const std::string before = "${c" + std::to_string(i - 1) + "}";
        items.back().calculation = "concat(" + before + ", " + before + ")";
    }
    Scenario scenario(*compile(items));
    scenario.answer("c0", "x");
    CHECK(scenario.value("c16").size() == 65'536);
    CHECK(scenario.value("c17") == "");
}

TEST_CASE("no garbage in an expression does harm") {
    const std::vector<std::string> pieces{"${a}",       "${r}",        "${x}",      "1",
                                          "'t'",        "(",           ")",         "[",
                                          "]",          "+",           "-",         "*",
                                          "/",          "//",          "..",        ".",
                                          "=",          "<",           " and ",     " or ",
                                          " mod ",      ",",           "|",         "if(",
                                          "count(",     "sum(",        "position(", "indexed-repeat(",
                                          "concat(",    "not(",        "@",         "self::",
                                          "ancestor::", "preceding::", "node()",    "instance('l')/root/item",
                                          "name",       "selected(",   "current()", "regex(",
                                          "date(",      "randomize(",  "once(",     "jr:choice-name(",
                                          "'${s}'",     "substr(",     "ж",         "\xff",
                                          "$",          "{",           "\""};
    SeededRandom random{7};
    int good = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string expression;
        for (std::uint64_t length = 1 + random() % 9; length > 0; --length)
            expression += pieces[random() % pieces.size()];
        Form form = form_of(R"(
            | type         | name   | calculation | relevant |
            | integer      | a      |             |          |
            | select_one l | s      |             |          |
            | begin_repeat | r      |             |          |
            | integer      | x      |             |          |
            | calculate    | y      | 1           |          |
            | end_repeat   |        |             |          |
            choices
            | list_name | name |
            | l         | p    |
        )");
        (random() % 2 == 0 ? form.items[2].children[1].calculation : form.items[0].constraint) = expression;
        const auto compiled = CompiledForm::compile(std::make_shared<const Form>(std::move(form)));
        if (!compiled) continue;
        ++good;
        Scenario scenario(*compiled);
        scenario.add("r");
        scenario.add("r");
        (void)scenario.interview().answer(scenario.node("a"), "3");
        (void)scenario.interview().answer(scenario.node("s"), "p");
    }
    CHECK(good > 200);
}
