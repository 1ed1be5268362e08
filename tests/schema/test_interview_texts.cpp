#include "tests/support/scenario.h"

using namespace fieldfare::schema;

namespace {

const char* const two_languages = R"(
    | type         | name | label::English (en) | label::Russian (ru) | hint::English (en) |
    | text         | who  | Name?               | Имя?                |                    |
    | select_one l | q    | Hello ${who}        |                     | For ${who}         |
    | note         | bare |                     |                     |                    |
    choices
    | list_name | name | label::English (en) | label::Russian (ru) |
    | l         | a    | It is ${who}        | Это ${who}          |
    | l         | b    |                     | Б                   |
    settings
    | default_language |
    | Russian (ru)     |
)";

}  // namespace

TEST_CASE("a label falls back from the language to the default, to the first that has one, to the name") {
    Scenario scenario(two_languages);
    scenario.change_language(0);
    CHECK(scenario.label("who") == "Name?");
    CHECK(scenario.choice_labels("q") == "It is |Б");
    scenario.change_language(1);
    CHECK(scenario.label("who") == "Имя?");
    CHECK(scenario.label("q") == "Hello ");
    CHECK(scenario.label("bare") == "bare");
    CHECK(scenario.hint("who") == "");
}

TEST_CASE("answers stand in labels, hints and choice labels") {
    Scenario scenario(two_languages);
    scenario.answer("who", "Zoë");
    CHECK(scenario.label("q") == "Hello Zoë");
    CHECK(scenario.hint("q") == "For Zoë");
    CHECK(scenario.change_language(1).choice_labels("q") == "Это Zoë|Б");
}

TEST_CASE("an expression in a label may hold references of its own") {
    Scenario scenario(R"(
        | type         | name | label                                               |
        | select_one l | q    | Q                                                   |
        | note         | n    | It is ${instance('l')/root/item[name = ${q}]/label}! |
        choices
        | list_name | name | label |
        | l         | a    | Apple |
    )");
    scenario.answer("q", "a");
    CHECK(scenario.label("n") == "It is Apple!");
}

TEST_CASE("in a repeat a label means the question of its own instance") {
    Scenario scenario(R"(
        | type         | name | label              | repeat_count |
        | begin_repeat | r    | Person             | 2            |
        | text         | nick | Nick               |              |
        | integer      | age  | How old is ${nick}? |             |
        | end_repeat   |      |                    |              |
    )");
    scenario.answer("/r[1]/nick", "A").answer("/r[2]/nick", "B");
    CHECK(scenario.label("/r[2]/age") == "How old is B?");
}

TEST_CASE("jr:choice-name answers in the language in use, and what was calculated with it follows") {
    Scenario scenario(R"(
        | type         | name | label::English (en) | label::Russian (ru) | calculation                    |
        | select_one l | q    | Q                   | В                   |                                |
        | calculate    | c    |                     |                     | jr:choice-name(${q}, '${q}')   |
        | note         | n    | It is ${c}          | Это ${c}            |                                |
        choices
        | list_name | name | label::English (en) | label::Russian (ru) |
        | l         | a    | Apple               | Яблоко              |
    )");
    scenario.answer("q", "a");
    CHECK(scenario.value("c") == "Apple");
    CHECK(scenario.change_language(1).value("c") == "Яблоко");
    CHECK(scenario.label("n") == "Это Яблоко");
}
