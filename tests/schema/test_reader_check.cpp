#include <doctest/doctest.h>

#include "schema/interview.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Sentences = std::vector<std::string>;

const std::filesystem::path assets = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets";

Findings check(const Sheets& sheets) {
    FormFolder folder;
    folder.file("survey.csv", csv_of(sheets.survey));
    if (!sheets.choices.empty()) folder.file("choices.csv", csv_of(sheets.choices));
    folder.file("settings.csv", csv_of(sheets.settings));
    return check_xlsform(folder.path());
}

}  // namespace

TEST_CASE("the forms that come with the program are without errors") {
    for (const char* name : {"questionnaire", "questionnaire/mobility_engagement.xlsx", "forms/visit"}) {
        CAPTURE(std::string(name));
        CHECK(sentences(check_xlsform(assets / name).errors) == Sentences{});
    }
}

TEST_CASE("the check of the visit diary tells only what its Russian lacks") {
    CHECK(sentences(check_xlsform(assets / "forms/visit").warnings) ==
          Sentences{"visit: The language 'Russian (ru)' has 46 of 47 texts (97 %); for the others the "
                    "default language "
                    "is shown."});
}

TEST_CASE("the check of a form tells what reading, compiling and lint find, each with its place") {
    const Findings findings =
        check({"type | name | label | relevant | x_extension\ntext | a | A | ${b} = 1 | sgic\ntext | c | C | "
               "(1 = 1 |"});
    CHECK(sentences(findings.errors) ==
          Sentences{"form, survey, row 2, column relevant: '${b}' names no row of the survey sheet. Correct "
                    "the name, "
                    "or add the row.",
                    "form, survey, row 3, column relevant: The expression has a ( that is never closed."});
    CHECK(sentences(check({"type | name | label | x_extension\ntext | a | A | sgic"}).warnings) ==
          Sentences{"form, survey, row 2, column x_extension: The row waits for the extension 'sgic' and is "
                    "not shown "
                    "until that is built."});
}

TEST_CASE("what is valid XLSForm but nothing for a study is a warning that says so") {
    const Findings findings = check(
        {"type | name | label | relevant\ngeotrace | a | A |\ntext | c | C | no-such()\nstart | s | |"});
    CHECK(findings.errors.empty());
    CHECK(sentences(findings.warnings) ==
          Sentences{
              "form, survey, row 3, column relevant: A study can't be built with it: There is no function "
              "“no-such” (at character 1).",
              "form, survey, row 2, column type: A study can't be built with it: Questions of the type "
              "geotrace "
              "are not asked yet. Ask in another way, or remove the row.",
              "form, survey, row 4, column type: A study can't be built with it: Fieldfare never records "
              "'start': it could tell who answered, when or where. Remove the row."});
}

TEST_CASE("a picture is attached, and nobody is asked to sign or draw") {
    CHECK(check({"type | name | label | appearance | parameters\nimage | a | A | | max-pixels=1000\naudio | "
                 "b | B | |\n"
                 "video | c | C | |\nfile | d | D | |\ntext | e | E | draw |"})
              .warnings.empty());
    const auto findings =
        check({"type | name | label | appearance | parameters\n"
               "image | a | A | signature | max-pixels=1000\n"
               "image | b | B | draw | max-pixels=1000\n"
               "image | c | C | annotate | max-pixels=1000"});
    CHECK(
        sentences(findings.warnings) ==
        Sentences{
            "form, survey, row 2, column appearance: A study can't be built with it: Nobody can sign on the "
            "screen yet (signature). Ask for a picture, or remove the row.",
            "form, survey, row 3, column appearance: A study can't be built with it: Nobody can draw on the "
            "screen yet (draw). Ask for a picture, or remove the row.",
            "form, survey, row 4, column appearance: A study can't be built with it: Nobody can draw on a "
            "picture yet (annotate). Ask for the picture as it is."});
}

TEST_CASE("a calculation that is a name alone brings a warning") {
    Sheets sheets;
    sheets.survey =
        "type | name | label | calculation\ninteger | age | Age |\n"
        "calculate | same | | age\ncalculate | twice | | ${age} * 2";
    CHECK(sentences(check(sheets).warnings) == Sentences{"form, survey, row 3, column calculation: 'age' "
                                                         "alone is always empty. Write ${age} for a row, or "
                                                         "quotes around a text."});
}

TEST_CASE("the visit diary can be filled in: sums, piped texts, fallback of labels") {
    auto read_form = read_xlsform(assets / "forms/visit");
    REQUIRE(read_form);
    auto compiled = CompiledForm::compile(std::make_shared<const Form>(std::move(read_form->form)));
    REQUIRE(compiled);
    Surroundings surroundings;
    surroundings.random = [] { return std::uint64_t{7}; };
    surroundings.today = "2026-11-23";
    surroundings.now = "2026-11-23T12:00:00.000+01:00";
    Interview interview = Interview::start(*compiled, surroundings);
    const auto answer = [&](const std::string& name, const char* value) {
        CAPTURE(name);
        CHECK(interview.answer(interview.find(name), value).has_value());
    };
    CHECK(interview.value(interview.find("visit_day")) == "2026-11-23");
    answer("visit_day", "2026-11-20");
    answer("office", "consulate");
    CHECK(interview.choices(interview.find("purpose")).size() == 4);
    answer("wait_minutes", "2000");
    CHECK(interview.violation(interview.find("wait_minutes")) == Violation::constraint);
    CHECK(interview.constraint_message(interview.find("wait_minutes"), 0) ==
          "From 0 to 1440 minutes, which is one day; you wrote 2000.");
    answer("wait_minutes", "90");
    answer("result", "done");
    const NodeId payment = interview.find("payment");
    while (interview.children(payment).size() < 2) REQUIRE(interview.add_instance(payment));
    answer(interview.path_of(payment) + "[1]/amount", "35.50");
    answer(interview.path_of(payment) + "[2]/amount", "4.5");
    CHECK(interview.value(interview.find("total_paid")) == "40");
    CHECK(interview.read_only(interview.find("total_paid")));
    CHECK(interview.label(interview.find("again"), 0) ==
          "You waited 90 minutes and paid 40 euros. Do you have to come back?");
    CHECK(interview.label(interview.find("remark"), 1) ==
          "Is there anything that others should know before such a visit?");
}

TEST_CASE("a form that can't be read is not compiled") {
    const Findings findings = check({"type | name | label | relevant\nnonsense | a | A | ((("});
    CHECK(findings.errors.size() == 1);
}
