#include <doctest/doctest.h>

#include "schema/withdrawal.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Sentences = std::vector<std::string>;

const std::string survey = "type | name | label\nselect_one l | q | Q";

Sentences choice_errors(const std::string& choices) {
    return errors_of({survey, choices});
}

std::string settings_with(const std::string& header, const std::string& cell) {
    return "form_title | form_id | version | " + header + "\nTest | test | 1 | " + cell;
}

}  // namespace

TEST_CASE("each fault of a choice is told with its place and what to do") {
    struct {
        std::string choices;
        std::string sentence;
    } const faults[] = {
        {"list_name | name | label\nl | a | A\nl | | B",
         "form, choices, row 3, column name: The choice has no name. Give it one, or clear the row."},
        {"list_name | name | label\nl | a | A\nl | b | B\nl | a | C",
         "form, choices, row 4, column name: The list 'l' has the choice 'a' already, in row 2. Rename one "
         "of them, or "
         "write allow_choice_duplicates = yes on the settings sheet if it is meant."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.choices);
        CHECK(choice_errors(each.choices) == Sentences{each.sentence});
    }
}

TEST_CASE("columns of ours that other tools fill otherwise are kept, but no study is built with them") {
    struct {
        std::string choices;
        std::string sentence;
    } const faults[] = {
        {"list_name | name | label | code\nl | a | A | one",
         "form, choices, row 2, column code: A code is a whole number; 'one' is none. Write one, or clear "
         "the cell."},
        {"list_name | name | label | code\nl | a | A | 1.5",
         "form, choices, row 2, column code: A code is a whole number; '1.5' is none. Write one, or clear "
         "the cell."},
        {"list_name | name | label | code\nl | a | A | 99999999999",
         "form, choices, row 2, column code: A code is a whole number; '99999999999' is none. Write one, or "
         "clear the "
         "cell."},
        {"list_name | name | label | code\nl | a | A | 1\nl | b | B | 1.0",
         "form, choices, row 3, column code: The code 1 stands in row 2 of the same list already. Each "
         "choice of a "
         "list needs a code of its own."},
        {"list_name | name | label | code\nl | a | A | -96",
         "form, choices, row 2, column code: The codes -91 to -96 are set by the program, never by an "
         "answer. For an "
         "answer use -97 (not applicable), -98 (don't know), -99 (refused), or a code that is not negative."},
        {"list_name | name | label | pin\nl | a | A | last",
         "form, choices, row 2, column pin: Write yes or no here, not 'last'."},
        {"list_name | name | label | exclusive\nl | a | A | 2",
         "form, choices, row 2, column exclusive: Write yes or no here, not '2'."},
        {"list_name | name | label | image\nl | a | A | a.png",
         "form, choices, row 2, column media::image: Pictures, sound and video in a form are not shown yet. "
         "Say it in "
         "the label, and remove the column."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.choices);
        CHECK(study_faults_of({survey, each.choices}) == Sentences{each.sentence});
    }
    const Form form = form_of({survey, "list_name | name | label | code\nl | a | A | AF-01"});
    CHECK(form.lists.front().choices.front().columns.at("code") == "AF-01");
}

TEST_CASE("a choice of no list is not read, with a warning") {
    CHECK(
        warnings_of({survey, "list_name | name | label\nl | a | A\n | b | B"}) ==
        Sentences{
            "form, choices, row 3, column list_name: The choice belongs to no list, so it is not read. Write "
            "the list's name, or clear the row."});
    CHECK(
        warnings_of({survey, "list name | name | label\nl | a | A\nmy list | b | B"}) ==
        Sentences{
            "form, choices, row 3, column list name: The list's name 'my list' holds spaces, so no question "
            "can name it. Use underscores."});
}

TEST_CASE("the codes of said missing states are taken, the program's own are not") {
    for (int code = -99; code <= -91; ++code) {
        CAPTURE(code);
        const auto faults =
            study_faults_of({survey, "list_name | name | label | code\nl | a | A | " + std::to_string(code)});
        CHECK(faults.empty() == (code <= -97));
    }
}

TEST_CASE("a choice without a label is shown by its name, with a warning") {
    CHECK(warnings_of({survey, "list_name | name | label\nl | a | A\nl | b |"}) ==
          Sentences{"form, choices, row 3, column label: The choice has no label in any language: its name "
                    "'b' is shown "
                    "instead."});
}

TEST_CASE("the same choice twice is taken where the settings allow it") {
    const Form form =
        form_of({survey, "list_name | name | label | region | code\nl | a | A | x | 1\nl | a | A | y | 1",
                 settings_with("allow_choice_duplicates", "yes")});
    CHECK(form.lists.front().choices.size() == 2);
}

TEST_CASE("a list's choices keep their order and extra columns though its rows stand apart") {
    const Form form =
        form_of({survey,
                 "list_name | name | label | region | pin | exclusive\nl | a | A | eu | | \nm | x | X | | "
                 "| \nl | b | B | scau | yes | TRUE"});
    REQUIRE(form.lists.size() == 2);
    const ChoiceList& list = form.lists.front();
    REQUIRE(list.choices.size() == 2);
    CHECK(list.choices[1].name == "b");
    CHECK(list.choices[1].columns.at("region") == "scau");
    CHECK(list.choices[1].pin);
    CHECK(list.choices[1].exclusive);
    CHECK(list.choices[1].row == 4);
}

TEST_CASE("a space in a choice's name is refused where answers are parted by spaces") {
    const std::string choices = "list_name | name | label\nl | a b | A";
    CHECK(errors_of({"type | name | label\nselect_multiple l | q | Q", choices}) ==
          Sentences{"form, survey, row 2, column type: The choice 'a b' of the list 'l' (row 2 of the "
                    "choices) holds a "
                    "space, which parts the answers of a select_multiple. Use underscores."});
}

TEST_CASE("a missing choices sheet is told at each question that needs it") {
    CHECK(errors_of({survey}) ==
          Sentences{"form, survey, row 2, column type: The choices sheet has no list 'l'. Add "
                    "its choices there, or correct the name."});
}

TEST_CASE("settings are read, extra columns kept, and form_id falls back to the file's name") {
    const Form form = form_of({"type | name | label\ntext | q | Q", "", settings_with("x_min_k", "5")});
    CHECK(form.settings.form_title == "Test");
    CHECK(form.settings.form_id == "test");
    CHECK(form.settings.version == "1");
    CHECK(form.settings.extra.at("x_min_k") == "5");
    CHECK(warnings_of({"type | name | label\ntext | q | Q", "", ""}) ==
          Sentences{
              "form, settings, column form_id: The form has no form_id; it is called 'form' after its file. "
              "Give "
              "it one that stays when the file is renamed.",
              "form, settings, column version: The form has no version. Give it one and raise it with each "
              "change, e.g. 2026112301."});
}

TEST_CASE("settings that mean nothing here, unknown ones and second rows bring a warning") {
    const std::string one = "type | name | label\ntext | q | Q";
    CHECK(warnings_of({one, "", settings_with("public_key", "MIIB")}) ==
          Sentences{"form, settings, row 2, column public_key: Answers of a study are always sealed to its "
                    "recipients: "
                    "this key is not used there."});
    CHECK(warnings_of({one, "", settings_with("colour", "red")}) ==
          Sentences{
              "form, settings, row 2, column colour: This column is not known, so it is not read. Begin its "
              "name with x_ to keep it with the form, or remove it."});
    CHECK(errors_of({one, "", settings_with("version", "2")}) ==
          Sentences{"form, settings, row 1, column version: The columns C ('version') and D ('version') mean "
                    "the same. "
                    "Rename or remove one of them."});
    CHECK(
        warnings_of({one, "", "form_id | version\na | 1\nb | 2"}) ==
        Sentences{
            "form, settings, row 3: The settings stand in one row, row 2, so this one is not read. Move what "
            "stands here into it, or remove this row."});
    CHECK(warnings_of({one, "", settings_with("allow_choice_duplicates", "sometimes")}) ==
          Sentences{"form, settings, row 2, column allow_choice_duplicates: Write yes or no here, not "
                    "'sometimes'. It "
                    "is taken for no."});
}

TEST_CASE("settings of other tools are kept for the XForm") {
    const Form form =
        form_of({"type | name | label\ntext | q | Q", "",
                 "form_id | version | style | name | attribute::xyz | submission_url\nf | 1 | pages | "
                 "poll | 5 | https://a.example"});
    CHECK(form.settings.root == "poll");
    CHECK(form.settings.odk ==
          std::map<std::string, std::string>{{"style", "pages"}, {"submission_url", "https://a.example"}});
    CHECK(form.settings.root_attributes == std::vector<Attribute>{{"xyz", "5"}});
}

TEST_CASE("whether respondents get a code to withdraw with is said by yes or no, and by nothing else") {
    const std::string one = "type | name | label\ntext | q | Q";
    CHECK_FALSE(offers_withdrawal(form_of({one, "", settings_with("x_min_k", "5")})));
    CHECK(offers_withdrawal(form_of({one, "", settings_with("x_withdrawal", "yes")})));
    CHECK(offers_withdrawal(form_of({one, "", settings_with("x_withdrawal", "TRUE")})));
    CHECK_FALSE(offers_withdrawal(form_of({one, "", settings_with("x_withdrawal", "no")})));
    CHECK(errors_of({one, "", settings_with("x_withdrawal", "sometimes")}) ==
          Sentences{"form, settings, row 2, column x_withdrawal: Write yes or no here, not 'sometimes': yes "
                    "gives each respondent a code with which to take the interview back."});
}

TEST_CASE("metadata that the settings forbid is refused by name") {
    CHECK(study_faults_of({"type | name | label\nstart | s |\ntext | q | Q", "",
                           settings_with("x_forbid_metadata", "start end deviceid")}) ==
          Sentences{"form, survey, row 2, column type: The settings forbid 'start' (x_forbid_metadata): it "
                    "could tell "
                    "who answered, when or where. Remove the row."});
}
