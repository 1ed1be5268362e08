#include "schema/submission.h"

#include "tests/support/scenario_random.h"

using namespace fieldfare::schema;

namespace {

const char* const survey = R"(
    | type              | name  | relevant  | x_arm | x_extension | repeat_count | calculation |
    | integer           | age   |           |       |             |              |             |
    | text              | job   | ${age} > 17 |     |             |              |             |
    | begin_group       | g     |           |       |             |              |             |
    | select_one l      | one   |           |       |             |              |             |
    | select_multiple l | many  |           |       |             |              |             |
    | note              | hello |           |       |             |              |             |
    | decimal           | share |           |       |             |              |             |
    | end_group         |       |           |       |             |              |             |
    | integer           | n     |           |       |             |              |             |
    | begin_repeat      | r     |           |       |             | ${n}         |             |
    | date              | day   |           |       |             |              |             |
    | end_repeat        |       |           |       |             |              |             |
    | text              | later |           |       | sgic        |              |             |
    | calculate         | sum   |           |       |             |              | ${age} + ${n} |
    choices
    | list_name | name | label | code |
    | l         | a    | A     | 1    |
    | l         | b    | B     | 2    |
    | l         | ref  | Ref   | -99  |
)";

tl::expected<Submission, SubmissionError> read(const std::string& json) {
    return submission_from_json(json, form_of(survey));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

Scenario answered() {
    Scenario scenario(survey);
    scenario.answer("age", "30").answer("one", "ref").answer("many", "b a").answer("share", "0.50");
    scenario.answer("n", "2").answer("/r[2]/day", "2024-02-29").say("job", Missing::refused).see("/r[1]/day");
    return scenario;
}

}  // namespace

TEST_CASE("a record holds values and missing states as two trees, keys in order") {
    CHECK(
        answered().submission() ==
        R"({"answers":{"age":30,"g":{"many":["b","a"],"one":"ref","share":"0.50"},"n":2,"r":[{},{"day":"2024-02-29"}],)"
        R"("sum":"32"},"day":"2026-11-23","form":"test","id":"11111111-2222-4333-8444-555555555555","lang":"",)"
        R"("missing":{"job":-99,"r":[{"day":-95},{}]},"version":"1"})");
}

TEST_CASE("a record read back is the submission that was written") {
    const auto again = read(answered().submission());
    REQUIRE(again);
    CHECK(*again == answered().finalised());
}

TEST_CASE("every question ends with a value or a reason, never both and never neither") {
    Scenario scenario(survey);
    scenario.answer("age", "10").see("one");
    const std::string json = scenario.submission();
    CHECK(json.find(R"("missing":{"g":{"many":-94,"one":-95,"share":-94},"job":-96,"n":-94,"sum":-96})") !=
          std::string::npos);
}

TEST_CASE("a non-relevant question is left out of the values, and its answer goes no further") {
    Scenario scenario(survey);
    scenario.answer("age", "30").answer("job", "spy").answer("age", "10");
    CHECK(scenario.value("job") == "spy");
    CHECK(scenario.submission().find("spy") == std::string::npos);
}

TEST_CASE("a record of another form or version is told apart from a damaged one") {
    const std::string json = answered().submission();
    CHECK(read(replaced(json, R"("form":"test")", R"("form":"other")")).error() ==
          SubmissionError::other_form);
    CHECK(read(replaced(json, R"("version":"1")", R"("version":"2")")).error() ==
          SubmissionError::other_form);
}

TEST_CASE("values and states that the form does not know are refused") {
    const std::string json = answered().submission();
    for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"("one":"ref")", R"("one":"zzz")"},
             {R"("many":["b","a"])", R"("many":["b","b"])"},
             {R"("many":["b","a"])", R"("many":[])"},
             {R"("many":["b","a"])", R"("many":"b a")"},
             {R"("age":30)", R"("age":"30")"},
             {R"("age":30)", R"("age":3000000000)"},
             {R"("age":30)", R"("age":30,"agf":1)"},
             {R"("share":"0.50")", R"("share":"0.5e1")"},
             {R"("2024-02-29")", R"("2023-02-29")"},
             {R"("job":-99)", R"("job":-90)"},
             {R"("job":-99)", R"("job":null)"},
             {R"("job":-99,)", ""},
             {R"("job":-99)", R"("age":-99,"job":-99)"},
             {R"("r":[{"day":-95},{}])", R"("r":[{"day":-95}])"},
             {R"("r":[{},{"day":"2024-02-29"}])", R"("r":{})"},
             {R"("id":"11111111-2222-4333)", R"("id":"11111111-2222-1333)"},
             {R"("day":"2026-11-23")", R"("day":"2026-11-31")"},
             {R"("lang":"")", R"("lang":7)"},
         }) {
        INFO(std::string(to));
        const auto again = read(replaced(json, from, to));
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error() == SubmissionError::wrong_shape);
    }
}

TEST_CASE("a record that would not be written so is refused") {
    const std::string json = answered().submission();
    for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"("age":30)", R"("age": 30)"},
             {R"("age":30)", R"("age":30,"age":30)"},
             {R"("version":"1")", R"("version":"1","x":1)"},
             {R"("many":["b","a"])", R"("many":["b a"])"},
             {R"("one":"ref")", R"("one":"\u0072ef")"},
             {R"({"answers")", R"( {"answers")"},
         }) {
        INFO(std::string(to));
        const auto again = read(replaced(json, from, to));
        REQUIRE_FALSE(again.has_value());
        CHECK(again.error() == SubmissionError::not_json);
    }
}

TEST_CASE("hostile bytes are refused in bounded time and memory") {
    CHECK(read("").error() == SubmissionError::not_json);
    CHECK(read("[]").error() == SubmissionError::not_json);
    CHECK(read("{}").error() == SubmissionError::wrong_shape);
    CHECK(read(std::string(1'000'000, '[')).error() == SubmissionError::not_json);
    CHECK(read(std::string((std::size_t{1} << 20) + 1, ' ')).error() == SubmissionError::not_json);
    CHECK(read("{\"answers\":\"\xff\"}").error() == SubmissionError::not_json);
    CHECK(
        read(
            R"({"answers":{},"day":"2026-11-23","form":"test","id":"","lang":"","missing":{},"version":"1"})")
            .error() == SubmissionError::wrong_shape);
}

TEST_CASE("a record cut short or changed anywhere is refused, or is another good record of the form") {
    const std::string json = answered().submission();
    for (std::size_t size = 0; size < json.size(); ++size)
        CHECK_FALSE(read(json.substr(0, size)).has_value());
    const Form form = form_of(survey);
    for (std::size_t at = 0; at < json.size(); ++at) {
        for (const int bit : {0x01, 0x10, 0x80}) {
            std::string other = json;
            other[at] = static_cast<char>(other[at] ^ bit);
            const auto again = submission_from_json(other, form);
            if (again) CHECK(to_json(*again, form) == other);
        }
    }
}

TEST_CASE("a submission that can be withdrawn carries the hash of its code as the last member") {
    Submission submission = answered().finalised();
    const std::string without = to_json(submission, form_of(survey));
    CHECK(without.find("withdrawal") == std::string::npos);
    CHECK(withdrawal_in(without).empty());
    submission.withdrawal = std::string(62, 'a') + "09";
    const std::string with = to_json(submission, form_of(survey));
    CHECK(with ==
          without.substr(0, without.size() - 1) + ",\"withdrawal\":\"" + submission.withdrawal + "\"}");
    CHECK(withdrawal_in(with) == submission.withdrawal);
    const auto again = read(with);
    REQUIRE(again);
    CHECK(*again == submission);
}

TEST_CASE("a hash of another shape or in another place is no submission's") {
    Submission submission = answered().finalised();
    const std::string hash = std::string(62, 'a') + "09";
    submission.withdrawal = hash;
    const std::string good = to_json(submission, form_of(survey));
    for (const std::string& other :
         {hash.substr(1), hash + "0", std::string(64, 'A'), std::string(64, 'g'), std::string()})
        CHECK_FALSE(read(replaced(good, hash, other)));
    const std::string member = ",\"withdrawal\":\"" + hash + "\"";
    CHECK_FALSE(read(replaced(good, member, member + member)));
    CHECK_FALSE(read(replaced(good, "\"withdrawal\":\"" + hash + "\"", "\"withdrawal\":7")));
    const std::string moved = replaced(good, member, "");
    CHECK_FALSE(read(replaced(moved, "{\"answers\"", "{" + member.substr(1) + ",\"answers\"")));
}

TEST_CASE("an answer that looks like a withdrawal's hash is none") {
    Scenario scenario(survey);
    const std::string hash(64, 'a');
    scenario.answer("age", "30").answer("job", ",\"withdrawal\":\"" + hash + "\"}");
    CHECK(withdrawal_in(scenario.submission()).empty());
    CHECK(withdrawal_in(",\"withdrawal\":\"" + hash + "\"}") == hash);
    CHECK(withdrawal_in("{\"answers\":{\"x\":1,\"withdrawal\":\"" + hash + "\"}}").empty());
    CHECK(withdrawal_in("{\"version\":\"1,\\\"withdrawal\\\":\\\"" + hash + "\"}").empty());
    CHECK(withdrawal_in("").empty());
}
