#include "tests/support/scenario.h"

using namespace fieldfare::schema;

namespace {

const char* const filled = R"(
    | type      | name   | x_fill                   | calculation      | relevant           | x_arm |
    | calculate | ver    | form-version             | ''               |                    |       |
    | calculate | study  | study                    | ''               |                    |       |
    | calculate | wave   | wave                     | ''               |                    |       |
    | calculate | mode   | mode                     | ''               |                    |       |
    | calculate | lang   | language                 | ''               |                    |       |
    | calculate | seed   | random-31-bit            | ''               |                    |       |
    | calculate | arm    | random-arm control treat | ''               |                    |       |
    | calculate | length | duration-bucket          | ''               |                    |       |
    | calculate | next   |                          | (${seed} * 7919 + 1) mod 2147483647 |   |     |
    | integer   | a      |                          |                  | ${arm} = 'control' | yes   |
    | integer   | b      |                          |                  | ${arm} = 'treat'   | yes   |
    | calculate | dice   |                          | once(random())   |                    |       |
)";

const Answer& answer_in(const std::vector<SubmissionNode>& nodes, std::string_view name) {
    for (const SubmissionNode& node : nodes)
        if (node.name == name) return std::get<Answer>(node.content);
    throw std::runtime_error("not in the submission");
}

}  // namespace

TEST_CASE("the program fills in what it knows at the start") {
    Scenario scenario(filled);
    CHECK(scenario.value("ver") == "1");
    CHECK(scenario.value("study") == "study1");
    CHECK(scenario.value("wave") == "2");
    CHECK(scenario.value("mode") == "capi");
    CHECK(scenario.value("next") != "");
    CHECK(scenario.value("lang") == "");
}

TEST_CASE("what is drawn lies in its range, and every arm comes up about as often") {
    int control = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        Scenario scenario(filled, seed);
        const double drawn = std::stod(scenario.value("seed"));
        CHECK((drawn >= 1 && drawn <= 2147483646));
        control += scenario.value("arm") == "control" ? 1 : 0;
        CHECK(scenario.relevant("a") != scenario.relevant("b"));
    }
    CHECK((control > 150 && control < 250));
}

TEST_CASE("what was drawn stays drawn when the interview is resumed") {
    Scenario scenario(filled);
    const Scenario again = scenario.resumed();
    for (const char* name : {"seed", "arm", "next", "dice"}) CHECK(again.value(name) == scenario.value(name));
}

TEST_CASE("language and length are filled in when the interview is finalised") {
    Scenario scenario(filled);
    const auto bucket = [&](int minutes) {
        return answer_in(scenario.finalised(minutes).answers, "length").value;
    };
    CHECK(bucket(0) == "<5");
    CHECK(bucket(5) == "5-10");
    CHECK(bucket(19) == "10-20");
    CHECK(bucket(40) == "20-40");
    CHECK(bucket(41) == ">40");
}

TEST_CASE("the arm that was not drawn is missing by design") {
    Scenario scenario(filled);
    const char* other = scenario.value("arm") == "control" ? "b" : "a";
    CHECK(answer_in(scenario.finalised().answers, other).missing == Missing::by_design);
}
