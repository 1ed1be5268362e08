#include "tests/support/scenario.h"

using namespace fieldfare::schema;

TEST_CASE("a question whose relevance is false is not relevant, and its answer is kept but empty to others") {
    Scenario scenario(R"(
        | type      | name | relevant     | calculation |
        | integer   | age  |              |             |
        | text      | job  | ${age} > 17  |             |
        | calculate | copy |              | ${job}      |
    )");
    CHECK_FALSE(scenario.relevant("job"));
    scenario.answer("age", "20").answer("job", "baker");
    CHECK(scenario.value("copy") == "baker");
    scenario.answer("age", "12");
    CHECK(scenario.value("job") == "baker");
    CHECK(scenario.value("copy") == "");
}

TEST_CASE("relevance is inherited") {
    Scenario scenario(R"(
        | type        | name  | relevant    |
        | text        | a     |             |
        | begin_group | outer | ${a} = 'x'  |
        | begin_group | inner |             |
        | text        | q     |             |
        | text        | r     | ${q} != ''  |
        | end_group   |       |             |
        | end_group   |       |             |
    )");
    CHECK_FALSE(scenario.relevant("q"));
    scenario.answer("a", "x").answer("q", "1");
    CHECK(scenario.relevant("r"));
    scenario.answer("a", "y");
    CHECK_FALSE(scenario.relevant("q"));
    CHECK_FALSE(scenario.relevant("r"));
}

TEST_CASE("an answer changes what depends on it, each once, and nothing else") {
    Scenario scenario(R"(
        | type      | name | calculation     |
        | integer   | a    |                 |
        | integer   | b    |                 |
        | calculate | sum  | ${a} + ${b}     |
        | calculate | next | ${sum} + 1      |
        | calculate | other| ${b} * 2        |
    )");
    scenario.answer("b", "3").answer("a", "4");
    CHECK(scenario.value("next") == "8");
    CHECK(scenario.changed() == "/a /sum /next");
}

TEST_CASE("a repeat has as many instances as its repeat_count says, at all times") {
    Scenario scenario(R"(
        | type         | name   | repeat_count | calculation     |
        | integer      | n      |              |                 |
        | begin_repeat | person | ${n}         |                 |
        | integer      | age    |              |                 |
        | calculate    | next   |              | ${age} + 1      |
        | end_repeat   |        |              |                 |
        | calculate    | total  |              | sum(${age})     |
    )");
    CHECK(scenario.instances("person") == 0);
    scenario.answer("n", "2").answer("/person[1]/age", "10").answer("/person[2]/age", "20");
    CHECK(scenario.value("total") == "30");
    CHECK(scenario.value("/person[2]/next") == "21");
    scenario.answer("n", "1");
    CHECK(scenario.value("total") == "10");
    CHECK_FALSE(scenario.exists("/person[2]"));
    CHECK_FALSE(scenario.add("person"));
}
