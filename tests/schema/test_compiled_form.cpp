#include "tests/support/scenario.h"

using namespace fieldfare::schema;

TEST_CASE("a form that depends on itself is refused with the circle spelled out") {
    CHECK(errors_of(R"(
        | type      | name | calculation |
        | calculate | a    | ${b} + 1    |
        | calculate | b    | ${c} + 1    |
        | calculate | c    | ${a} + 1    |
    )") == "survey, row 2, column calculation: The form depends on itself: a → b → c → a.\n");
}

TEST_CASE("a question that its own relevance reads is a circle of one") {
    CHECK(errors_of(R"(
        | type    | name | relevant  |
        | integer | a    | ${a} > 1  |
    )") == "survey, row 2, column relevant: The form depends on itself: a → a.\n");
}

TEST_CASE("a circle through relevance and calculation is found") {
    CHECK(errors_of(R"(
        | type        | name | relevant | calculation |
        | begin_group | g    | ${x} = 1 |             |
        | integer     | q    |          |             |
        | end_group   |      |          |             |
        | calculate   | x    |          | ${q} + 1    |
    )") == "survey, row 2, column relevant: The form depends on itself: g → x → g.\n");
}

TEST_CASE("the last question of a repeat may ask for one more instance") {
    CHECK(errors_of(R"(
        | type         | name | repeat_count                                     |
        | begin_repeat | r    | count-selected(join(' ', ${more})) + 1           |
        | text         | more |                                                  |
        | end_repeat   |      |                                                  |
    )") == "");
}

TEST_CASE("a constraint that reads its own question, and once(), are no circles") {
    CHECK(errors_of(R"(
        | type      | name | constraint | calculation    |
        | integer   | a    | ${a} > 0   |                |
        | integer   | b    | . > 0      |                |
        | calculate | c    |            | once(random()) |
    )") == "");
}

TEST_CASE("every error is found in one run, with its place") {
    CHECK(
        errors_of(R"(
        | type            | name | label     | relevant  | constraint    | calculation |
        | text            | a    | Hi ${who} | ${nobody} | . = frob(.)   |             |
        | text            | a    |           |           | regex(., '(') |             |
        | select_one nope | s    |           | 1 +       |               |             |
        | calculate       | c    |           |           |               |             |
        | text            | 1st  |           |           |               |             |
        choices
        | list_name | name | label |
        | yn        | yes  | Yes   |
        | yn        | yes  | Sure  |
        | yn        | a b  | Both  |
    )") ==
        "choices, row 3, column name: The choice “yes” stands twice in the list “yn”.\n"
        "choices, row 4, column name: “a b” cannot be a choice's name: it must not hold spaces.\n"
        "survey, row 3, column name: The name “a” stands twice in the same group.\n"
        "survey, row 4, column type: There is no choice list “nope” on the choices sheet.\n"
        "survey, row 6, column name: “1st” cannot be a name: it must begin with a letter or an underscore "
        "and hold "
        "only letters, digits, “-”, “.” and “_”.\n"
        "survey, row 2, column relevant: ${nobody} names no row of the survey sheet.\n"
        "survey, row 2, column label: ${who} names no row of the survey sheet.\n"
        "survey, row 2, column constraint: There is no function “frob” (at character 5).\n"
        "survey, row 3, column constraint: The regular expression is not valid: missing closing "
        "parenthesis.\n"
        "survey, row 4, column relevant: The expression ends where a value is expected (at character 4).\n");
}

TEST_CASE("a reference that could mean two questions is refused, the rows being named") {
    CHECK(
        errors_of(R"(
        | type        | name | relevant |
        | begin_group | g    |          |
        | text        | a    |          |
        | end_group   |      |          |
        | begin_group | h    |          |
        | text        | a    |          |
        | end_group   |      |          |
        | text        | b    | ${a} = 1 |
    )") ==
        "survey, row 8, column relevant: ${a} could mean any of the rows 3, 6; give them different names.\n");
}

TEST_CASE("a path that leads nowhere is refused") {
    CHECK(errors_of(R"(
        | type | name | relevant          |
        | text | a    |                   |
        | text | b    | /data/nothing = 1 |
    )") == "survey, row 3, column relevant: The path /child::data/child::nothing leads to nothing in this "
           "form.\n");
}

TEST_CASE("a name alone, a text without its quotes mostly, is empty; in a longer expression it is refused") {
    CHECK(errors_of("| type | name | calculation |\n| calculate | a | yes |\n") == "");
    CHECK(
        errors_of("| type | name | calculation |\n| calculate | a | yes + 1 |\n").find("leads to nothing") !=
        std::string::npos);
}

TEST_CASE("faults in a second language's label name its column") {
    CHECK(errors_of(R"(
        | type | name | label::English (en) | label::Russian (ru) |
        | text | a    | Hello               | Привет ${x}         |
    )") == "survey, row 2, column label::Russian (ru): ${x} names no row of the survey sheet.\n");
}

TEST_CASE("groups nest two hundred deep and no deeper") {
    const auto nested = [](int depth) {
        Form form;
        std::vector<Item>* into = &form.items;
        for (int i = 0; i < depth; ++i) {
            Item group;
            group.kind = ItemKind::group;
            group.name = "g" + std::to_string(i);
            into->push_back(group);
            into = &into->back().children;
        }
        Item question;
        question.name = "q";
        into->push_back(question);
        return CompiledForm::compile(std::make_shared<const Form>(form));
    };
    CHECK(nested(199).has_value());
    CHECK_FALSE(nested(1000).has_value());
}
