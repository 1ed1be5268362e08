#include "tests/support/scenario.h"

using namespace fieldfare::schema;

namespace {

const char* const types = R"(
    | type                | name  | read_only | x_max_length |
    | integer             | whole |           |              |
    | decimal             | part  |           |              |
    | date                | day   |           |              |
    | text                | word  |           | 4            |
    | text                | long  |           |              |
    | text                | fixed | yes       |              |
    | note                | note  |           |              |
    | select_one l        | one   |           |              |
    | select_multiple l   | many  |           |              |
    choices
    | list_name | name | label | exclusive |
    | l         | a    | A     |           |
    | l         | b    | B     |           |
    | l         | none | None  | yes       |
    | l         | dk   | DK    | yes       |
)";

}  // namespace

TEST_CASE("a whole number is stored in its one spelling") {
    Scenario scenario(types);
    for (const auto& [given, stored] : {std::pair{"12", "12"},
                                        {" 7 ", "7"},
                                        {"007", "7"},
                                        {"-0", "0"},
                                        {"-05", "-5"},
                                        {"999999999", "999999999"}})
        CHECK(scenario.answer("whole", given).value("whole") == stored);
}

TEST_CASE("what is no whole number is refused and changes nothing") {
    Scenario scenario(types);
    scenario.answer("whole", "5");
    for (const char* given : {"x", "1.5", "1e3", "+1", "--1", "-", "1 2"})
        CHECK(scenario.refused("whole", given) == AnswerError::not_a_number);
    CHECK(scenario.refused("whole", "2147483648") == AnswerError::out_of_range);
    CHECK(scenario.value("whole") == "5");
}

TEST_CASE("decimals are kept exactly as they were given") {
    Scenario scenario(types);
    for (const char* given : {"0.10", "-3.14159", "100000000000.001", ".5"})
        CHECK(scenario.answer("part", given).value("part") == given);
    CHECK(scenario.refused("part", "1.23456789012345678") == AnswerError::out_of_range);
    for (const char* given : {"1.", "1.2.3", "1e5", ".", "1,5"})
        CHECK(scenario.refused("part", given) == AnswerError::not_a_number);
}

TEST_CASE("a date is a day that exists") {
    Scenario scenario(types);
    CHECK(scenario.answer("day", "2024-02-29").value("day") == "2024-02-29");
    for (const char* given :
         {"2023-02-29", "2024-13-01", "24-01-01", "2024-1-1", "0000-01-01", "2024-02-29T00:00"})
        CHECK(scenario.refused("day", given) == AnswerError::not_a_date);
}

TEST_CASE("text is bounded in characters, not bytes, and holds no control characters") {
    Scenario scenario(types);
    CHECK(scenario.answer("word", "ъыьэ").value("word") == "ъыьэ");
    CHECK(scenario.refused("word", "ъыьэю") == AnswerError::too_long);
    CHECK(scenario.answer("long", "one\n\ttwo").value("long") == "one\n\ttwo");
    CHECK(scenario.refused("long", "bell\a") == AnswerError::not_text);
    CHECK(scenario.refused("long", "\xff") == AnswerError::not_text);
    CHECK(scenario.refused("long", "\xed\xa0\x80") == AnswerError::not_text);
    CHECK(scenario.refused("long", std::string(64 * 1024 + 1, 'x')) == AnswerError::too_long);
}

TEST_CASE("notes and read-only questions take no answers") {
    Scenario scenario(types);
    CHECK(scenario.refused("note", "x") == AnswerError::not_a_question);
    CHECK(scenario.refused("fixed", "x") == AnswerError::not_a_question);
    CHECK(scenario.interview().answer(no_node, "x").error() == AnswerError::not_a_question);
}

TEST_CASE("a select takes what is on offer, each choice once") {
    Scenario scenario(types);
    CHECK(scenario.refused("one", "z") == AnswerError::not_a_choice);
    CHECK(scenario.refused("one", "a b") == AnswerError::not_a_choice);
    CHECK(scenario.refused("many", "a a") == AnswerError::not_a_choice);
    CHECK(scenario.answer("many", "b  a").value("many") == "b a");
    CHECK(scenario.answer("many", "").value("many") == "");
}

TEST_CASE("an exclusive choice clears the others, and they clear it: what was given last stands") {
    Scenario scenario(types);
    CHECK(scenario.answer("many", "a b").answer("many", "a b none").value("many") == "none");
    CHECK(scenario.answer("many", "a none").value("many") == "a");
    CHECK(scenario.answer("many", "none a").value("many") == "none");
    CHECK(scenario.answer("many", "none dk").value("many") == "dk");
}

TEST_CASE("a said missing state takes the answer's place, and an answer takes its") {
    Scenario scenario(types);
    scenario.answer("whole", "5").say("whole", Missing::refused);
    CHECK(scenario.value("whole") == "");
    CHECK(scenario.interview().missing(scenario.node("whole")) == Missing::refused);
    CHECK(scenario.interview().answered(scenario.node("whole")));
    scenario.answer("whole", "6");
    CHECK_FALSE(scenario.interview().missing(scenario.node("whole")).has_value());
}

TEST_CASE("only what a respondent can say is taken as said") {
    Scenario scenario(types);
    CHECK_FALSE(scenario.interview().say_missing(scenario.node("whole"), Missing::not_asked).has_value());
    CHECK_FALSE(scenario.interview().say_missing(scenario.node("note"), Missing::refused).has_value());
}

TEST_CASE("an answer that breaks its constraint is taken and shows as a violation") {
    Scenario scenario(R"(
        | type    | name | constraint         | required |
        | integer | low  |                    |          |
        | integer | high | . > ${low} or . = 0 | yes     |
    )");
    CHECK(scenario.violation("high") == Violation::required);
    scenario.answer("low", "5").answer("high", "3");
    CHECK(scenario.value("high") == "3");
    CHECK(scenario.violation("high") == Violation::constraint);
    scenario.answer("low", "1");
    CHECK(scenario.violation("high") == Violation::none);
    CHECK(scenario.changed() == "/low /high");
}

TEST_CASE("what is said to be missing satisfies required; what is not relevant violates nothing") {
    Scenario scenario(R"(
        | type    | name | relevant | required    |
        | integer | a    |          | yes         |
        | integer | b    | ${a} = 1 | ${a} < 2    |
    )");
    CHECK(first_violation(scenario.interview()) == scenario.node("a"));
    scenario.say("a", Missing::dont_know);
    CHECK(first_violation(scenario.interview()) == no_node);
    scenario.answer("a", "1");
    CHECK(scenario.required("b"));
    CHECK(scenario.violation("b") == Violation::required);
}
