#include "schema/shuffle.h"
#include "tests/support/scenario.h"

using namespace fieldfare::schema;

namespace {

const char* const cascade = R"(
    | type                   | name    | choice_filter         |
    | select_one region      | region  |                       |
    | select_one country     | country | region = ${region}    |
    | select_one city        | city    | country = ${country}  |
    choices
    | list_name | name  | label | region | country |
    | region    | north | N     |        |         |
    | region    | south | S     |        |         |
    | country   | a     | A     | north  |         |
    | country   | b     | B     | north  |         |
    | country   | c     | C     | south  |         |
    | city      | a1    | A1    |        | a       |
    | city      | c1    | C1    |        | c       |
)";

}  // namespace

TEST_CASE("a filtered list offers what fits the answers now") {
    Scenario scenario(cascade);
    CHECK(scenario.choices("country") == "");
    scenario.answer("region", "north");
    CHECK(scenario.choices("country") == "a b");
    CHECK(scenario.refused("country", "c") == AnswerError::not_a_choice);
    CHECK(scenario.choices("region") == "north south");
}

TEST_CASE("an answer that is no longer on offer is taken back, down the whole cascade") {
    Scenario scenario(cascade);
    scenario.answer("region", "north").answer("country", "a").answer("city", "a1");
    scenario.answer("region", "south");
    CHECK(scenario.value("country") == "");
    CHECK(scenario.value("city") == "");
    CHECK(scenario.changed() == "/region /country /city");
}

TEST_CASE("a question whose list changed counts as changed once its list was looked at") {
    Scenario scenario(cascade);
    (void)scenario.choices("country");
    scenario.answer("region", "south");
    CHECK(scenario.changed() == "/region /country");
}

TEST_CASE("of a multiple choice only what left the list is taken back") {
    Scenario scenario(R"(
        | type              | name | choice_filter        |
        | select_multiple l | all  |                      |
        | select_multiple l | some | selected(${all}, name) |
        choices
        | list_name | name | label |
        | l         | a    | A     |
        | l         | b    | B     |
        | l         | c    | C     |
    )");
    scenario.answer("all", "c a b");
    CHECK(scenario.choices("some") == "a b c");
    scenario.answer("some", "b c").answer("all", "c");
    CHECK(scenario.value("some") == "c");
}

TEST_CASE("a seed gives the order that ODK's engines give") {
    // Park-Miller worked by hand: 42 · 16807 mod (2^31 - 1) = 705894, then 1126542223.
    std::vector<int> items{1, 2, 3, 4, 5, 6};
    shuffle(items, 42);
    CHECK(items == std::vector{1, 6, 3, 2, 4, 5});
    ParkMiller random(42);
    CHECK(random.next() == doctest::Approx(705893.0 / 2147483646.0));
    CHECK(random.next() == doctest::Approx(1126542222.0 / 2147483646.0));
}

TEST_CASE("seeds outside the generator's range are brought into it") {
    const auto order = [](double seed) {
        std::vector<int> items{1, 2, 3, 4, 5, 6, 7, 8};
        shuffle(items, seed);
        return items;
    };
    CHECK(order(0) == order(2147483646));
    CHECK(order(-42) == order(2147483646 - 42));
    CHECK(order(2147483647.0 + 42) == order(42));
    CHECK(order(42.9) == order(42));
}

TEST_CASE("a shuffled list keeps its order, and pinned choices stay last in the list's order") {
    Scenario scenario(R"(
        | type         | name | parameters                    |
        | integer      | seed |                               |
        | select_one l | q    | randomize=true, seed=${seed}  |
        | select_one l | free | randomize=true                |
        choices
        | list_name | name | label | pin |
        | l         | a    | A     |     |
        | l         | ref  | Ref   | yes |
        | l         | b    | B     |     |
        | l         | c    | C     |     |
        | l         | dk   | DK    | yes |
    )");
    scenario.answer("seed", "4");
    CHECK(scenario.choices("q") == "c b a ref dk");
    const std::string drawn = scenario.choices("free");
    CHECK(drawn.ends_with(" ref dk"));
    scenario.answer("q", "a");
    CHECK(scenario.choices("free") == drawn);
    CHECK(scenario.resumed().choices("free") == drawn);
    CHECK(scenario.resumed().choices("q") == "c b a ref dk");
}

TEST_CASE("a filter can look at several columns and at what is around the question") {
    Scenario scenario(R"(
        | type         | name | choice_filter                                        | repeat_count |
        | begin_repeat | r    |                                                      | 2            |
        | integer      | size |                                                      |              |
        | select_one l | q    | (w >= ${size} and kind = 'x') or name = 'always'     |              |
        | end_repeat   |      |                                                      |              |
        choices
        | list_name | name   | label | w | kind |
        | l         | one    | 1     | 1 | x    |
        | l         | two    | 2     | 2 | x    |
        | l         | three  | 3     | 3 | y    |
        | l         | always | A     |   |      |
    )");
    scenario.answer("/r[1]/size", "2").answer("/r[2]/size", "1");
    CHECK(scenario.choices("/r[1]/q") == "two always");
    CHECK(scenario.choices("/r[2]/q") == "one two always");
}

TEST_CASE(
    "two questions that take each other's choices are no circle, and one answer leaves the other its own") {
    Scenario scenario(R"(
        | type         | name | choice_filter  |
        | select_one l | a    | name != ${b}   |
        | select_one l | b    | name != ${a}   |
        choices
        | list_name | name |
        | l         | x    |
        | l         | y    |
    )");
    CHECK(scenario.choices("b") == "x y");
    scenario.answer("a", "x");
    CHECK(scenario.choices("b") == "y");
    scenario.answer("b", "y");
    CHECK(scenario.choices("a") == "x");
    CHECK(scenario.value("a") == "x");
}

TEST_CASE("an answer that was taken back comes back with its choices, until somebody answers anew") {
    const auto form = compiled(R"(
        | type              | name | choice_filter      |
        | text              | a    |                    |
        | select_multiple l | b    | column = ${a}      |
        | rank l            | c    | column = ${a}      |
        choices
        | list_name | name | column |
        | l         | x    | one    |
        | l         | y    | one    |
        | l         | z    | two    |
    )");
    Scenario scenario(form);
    scenario.answer("a", "one").answer("b", "y x").answer("c", "y x");
    scenario.answer("a", "two");
    CHECK(scenario.value("b") == "");
    CHECK(scenario.value("c") == "");  // nobody has ranked what is on offer now
    CHECK(scenario.resumed().answer("a", "one").value("b") == "y x");
    scenario.answer("a", "one");
    CHECK(scenario.value("b") == "y x");
    CHECK(scenario.value("c") == "y x");
    scenario.answer("a", "two").answer("b", "z").answer("a", "one");
    CHECK(scenario.value("b") == "");
}
