#include <doctest/doctest.h>

#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Sentences = std::vector<std::string>;

const std::string yes_no = "list_name | name | label\nyn | yes | Yes\nyn | no | No";

/// Errors of a survey sheet beside the choices yes and no.
Sentences survey_errors(const std::string& survey) {
    return errors_of({survey, yes_no});
}
Sentences survey_warnings(const std::string& survey) {
    return warnings_of({survey, yes_no});
}

}  // namespace

TEST_CASE("the row types and their aliases are understood as pyxform understands them") {
    struct {
        std::string cell;
        QuestionType type;
    } const types[] = {
        {"text", QuestionType::text},
        {"string", QuestionType::text},
        {"integer", QuestionType::integer},
        {"int", QuestionType::integer},
        {"Decimal", QuestionType::decimal},
        {"date", QuestionType::date},
        {"note", QuestionType::note},
        {"select_one yn", QuestionType::select_one},
        {"select one yn", QuestionType::select_one},
        {"select one from yn", QuestionType::select_one},
        {"select_multiple yn", QuestionType::select_multiple},
        {"select multiple  yn", QuestionType::select_multiple},
        {"select all that apply from yn", QuestionType::select_multiple},
    };
    for (const auto& each : types) {
        CAPTURE(each.cell);
        const Form form = form_of({"type | name | label\n" + std::string(each.cell) + " | q | Q", yes_no});
        CHECK(item_of(form, "q").type == each.type);
        if (item_of(form, "q").list.empty()) continue;
        CHECK(item_of(form, "q").list == "yn");
    }
}

TEST_CASE("each fault of a survey row is told with its place and what to do") {
    struct {
        std::string survey;
        std::string sentence;
    } const faults[] = {
        {"type | name | label\ngeopoint | q | Q",
         "form, survey, row 2, column type: The type 'geopoint' of XLSForm is not supported yet. Ask in "
         "another way, "
         "or remove the row."},
        {"type | name | label\ntxt | q | Q",
         "form, survey, row 2, column type: The type 'txt' is not known. Is it meant to be text?"},
        {"type | name | label\ntelepathy | q | Q",
         "form, survey, row 2, column type: The type 'telepathy' is not known. Known are text, integer, "
         "decimal, date, "
         "note, calculate, select_one, select_multiple, begin_group, end_group, begin_repeat and "
         "end_repeat."},
        {"type | name | label\ndeviceid | q | ",
         "form, survey, row 2, column type: Fieldfare never records 'deviceid': it could tell who answered, "
         "when or "
         "where. Remove the row."},
        {"type | name | label\n | q | Q",
         "form, survey, row 2, column type: The row has no type. Write one, e.g. text or note, or clear the "
         "row."},
        {"type | name | label\ntext | | Q",
         "form, survey, row 2, column name: The question has no name. Give it a short one without spaces."},
        {"type | name | label\ntext | 1st | Q",
         "form, survey, row 2, column name: The name '1st' is not valid. A name begins with a letter or "
         "underscore and "
         "goes on with letters, digits, underscores, hyphens or periods."},
        {"type | name | label\ntext | my name | Q",
         "form, survey, row 2, column name: The name 'my name' is not valid. A name begins with a letter or "
         "underscore "
         "and goes on with letters, digits, underscores, hyphens or periods."},
        {"type | name | label\ntext | a:b | Q",
         "form, survey, row 2, column name: The name 'a:b' is not valid. A name begins with a letter or "
         "underscore and "
         "goes on with letters, digits, underscores, hyphens or periods."},
        {"type | name | label\ntext | meta | Q",
         "form, survey, row 2, column name: The name 'meta' is reserved by XForms. Choose another."},
        {"type | name | label\ntext | q | Q\ntext | q | Q",
         "form, survey, row 3, column name: The name 'q' stands in row 2 already. Give each question, group "
         "and repeat "
         "its own."},
        {"type | name | label\ntext | q |",
         "form, survey, row 2, column label: The question 'q' has neither label nor hint in any language. "
         "Write a "
         "label."},
        {"type | name | label\nselect_one | q | Q",
         "form, survey, row 2, column type: The row names no choice list. Write select_one and the list's "
         "name."},
        {"type | name | label\nselect_one ny | q | Q",
         "form, survey, row 2, column type: The choices sheet has no list 'ny'. Is it meant to be 'yn'?"},
        {"type | name | label\nselect_one colours | q | Q",
         "form, survey, row 2, column type: The choices sheet has no list 'colours'. Add its choices there, "
         "or correct "
         "the name."},
        {"type | name | label\nselect_one yn too | q | Q",
         "form, survey, row 2, column type: There is more than a list's name after select_one: 'yn too'. "
         "Write one "
         "name, without spaces."},
        {"type | name | label\nselect_one yn or_other | q | Q",
         "form, survey, row 2, column type: or_other is not supported yet. Add a choice 'other' to the list, "
         "and after "
         "this row a text question with relevant selected(${…}, 'other')."},
        {"type | name | label\nselect_one_from_file a.csv | q | Q",
         "form, survey, row 2, column type: Choices from a file are not supported yet. Put them on the "
         "choices sheet, "
         "and use choice_filter."},
        {"type | name | label | calculation\ncalculate | q | |",
         "form, survey, row 2, column calculation: The row calculates nothing. Write a calculation, or "
         "x_fill for what "
         "the program fills in."},
        {"type | name | label | parameters\nselect_one yn | q | Q | randomize",
         "form, survey, row 2, column parameters: Parameters are written as key=value, with spaces or commas "
         "between "
         "them; 'randomize' is not."},
        {"type | name | label | parameters\nselect_one yn | q | Q | randomize=maybe",
         "form, survey, row 2, column parameters: randomize is true or false, not 'maybe'."},
        {"type | name | label | parameters\nselect_one yn | q | Q | randomize=true, seed=abc",
         "form, survey, row 2, column parameters: The seed is a number or one question, ${name}; 'abc' is "
         "neither."},
        {"type | name | label | parameters\nselect_one yn | q | Q | seed=1",
         "form, survey, row 2, column parameters: A seed needs randomize=true beside it."},
        {"type | name | label | parameters\nselect_one yn | q | Q | value=a",
         "form, survey, row 2, column parameters: The parameter 'value' is not supported on a row of the "
         "type select_one. Supported "
         "are randomize and seed."},
        {"type | name | label | parameters\ninteger | q | Q | start=1",
         "form, survey, row 2, column parameters: The parameter 'start' is not supported on a row of the "
         "type "
         "integer. "
         "Remove it."},
        {"type | name | label | appearance\ndate | q | Q | month-year",
         "form, survey, row 2, column appearance: Incomplete dates (month-year) are not supported yet. Ask "
         "for month "
         "and year as two questions."},
        {"type | name | label | appearance\nselect_one yn | q | Q | minimal search('towns')",
         "form, survey, row 2, column appearance: search() takes choices from a file, which is not supported "
         "yet. Put "
         "them on the choices sheet, and use choice_filter."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.survey);
        CHECK(survey_errors(each.survey) == Sentences{each.sentence});
    }
}

TEST_CASE("the columns of ours refuse what they do not know") {
    struct {
        std::string survey;
        std::string sentence;
    } const faults[] = {
        {"type | name | x_fill\ncalculate | q | shoe-size",
         "form, survey, row 2, column x_fill: 'shoe-size' is nothing that the program can fill in. Known are "
         "form-version, study, wave, mode, language, random-31-bit, random-arm, duration-bucket."},
        {"type | name | x_fill\ncalculate | q | random-arm one",
         "form, survey, row 2, column x_fill: random-arm needs two arms or more: random-arm control treat."},
        {"type | name | x_fill\ncalculate | q | random-arm one one",
         "form, survey, row 2, column x_fill: random-arm names an arm twice."},
        {"type | name | x_fill\ncalculate | q | wave two",
         "form, survey, row 2, column x_fill: wave takes nothing after it. Remove 'two'."},
        {"type | name | label | x_fill\ntext | q | Q | wave",
         "form, survey, row 2, column x_fill: This column means nothing on a row of the type text. Clear the "
         "cell."},
        {"type | name | label | x_max_length\ntext | q | Q | many",
         "form, survey, row 2, column x_max_length: The longest text is a whole number of characters from 1 "
         "to 65536; "
         "'many' is not."},
        {"type | name | label | x_max_length\ntext | q | Q | 0",
         "form, survey, row 2, column x_max_length: The longest text is a whole number of characters from 1 "
         "to 65536; "
         "'0' is not."},
        {"type | name | label | x_max_length\ninteger | q | Q | 5",
         "form, survey, row 2, column x_max_length: This column means nothing on a row of the type integer. "
         "Clear the "
         "cell."},
        {"type | name | label | x_handover\ntext | q | Q | yes",
         "form, survey, row 2, column x_handover: This column means nothing on a row of the type text. Clear "
         "the "
         "cell."},
        {"type | name | label | x_arm\ntext | q | Q | perhaps",
         "form, survey, row 2, column x_arm: Write yes or no here, not 'perhaps'."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.survey);
        CHECK(survey_errors(each.survey) == Sentences{each.sentence});
    }
}

TEST_CASE("begin and end rows that do not fit name the row of their partner") {
    struct {
        std::string survey;
        std::string sentence;
    } const faults[] = {
        {"type | name | label\nbegin_group | g | G\ntext | q | Q",
         "form, survey, row 2, column type: The begin_group 'g' is never closed. Add a row end_group after "
         "its last "
         "question."},
        {"type | name | label\ntext | q | Q\nend_repeat | |",
         "form, survey, row 3, column type: This end_repeat closes nothing: every begin row above it is "
         "closed "
         "already. Remove it, or add the begin_repeat that it belongs to."},
        {"type | name | label\nbegin group | g | G\ntext | q | Q\nend repeat | |",
         "form, survey, row 4, column type: This end_repeat meets the begin_group 'g' of row 2. Write "
         "end_group, or "
         "close that one first."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.survey);
        CHECK(survey_errors(each.survey) == Sentences{each.sentence});
    }
}

TEST_CASE("an end row that names another begin row brings a warning") {
    CHECK(
        survey_warnings("type | name | label\nbegin_group | g | G\ntext | q | Q\nend_group | h |") ==
        Sentences{
            "form, survey, row 4, column name: This end_group names 'h' but closes 'g' of row 2. Correct or "
            "clear the name, or close that one first."});
}

TEST_CASE("groups nested without end are refused") {
    const auto nested = [](int depth) {
        std::string survey = "type | name | label\n";
        for (int i = 0; i < depth; ++i) survey += "begin_group | g" + std::to_string(i) + " | G\n";
        survey += "text | q | Q\n";
        for (int i = 0; i < depth; ++i) survey += "end_group | |\n";
        return survey_errors(survey);
    };
    CHECK(nested(200).empty());
    CHECK(nested(201) ==
          Sentences{"form, survey, row 202, column type: Groups stand in groups more than 200 deep here. "
                    "Bring the form into a flatter shape."});
    CHECK(nested(20000).size() == 1);
}

TEST_CASE("the same name may stand in two groups, with a warning, but never for a repeat") {
    const std::string in_groups =
        "type | name | label\nbegin_group | g | G\ntext | q | Q\nend_group | |\nbegin_group | h | H\ntext | "
        "q | "
        "Q\nend_group | |";
    CHECK(survey_errors(in_groups).empty());
    CHECK(
        survey_warnings(in_groups) ==
        Sentences{"form, survey, row 6, column name: The name 'q' stands in row 3 too, in another group: no "
                  "expression can name either of them."});
    CHECK(survey_errors(
              "type | name | label\nbegin_group | g | G\ntext | q | Q\nend_group | |\nbegin_repeat | q | "
              "R\ntext | a | A\nend_repeat | |") ==
          Sentences{"form, survey, row 5, column name: The name 'q' stands in row 3 already. The name of a "
                    "repeat must "
                    "be the only one of its kind in the form."});
}

TEST_CASE("all faults of a form are found in one run") {
    CHECK(survey_errors("type | name | label | x_fill\ngps | a | A |\ntext | 1 | B |\ncalculate | c | | "
                        "x\nend_group | | |\n"
                        "select_one no_such | d | D |")
              .size() == 5);
}

TEST_CASE("names may be of any alphabet") {
    const Form form =
        form_of({"type | name | label\ntext | город | Город\ntext | ქალაქი | Q\ntext | _a-b.c1 | Q"});
    CHECK(form.items.size() == 3);
    CHECK(form.items[0].name == "город");
}

TEST_CASE("smart quotes and non-breaking spaces become plain ones in expressions, never in labels") {
    const Form form =
        form_of({"type | name | label | relevant\ntext | q | “Да”\u00a0— нет | \n"
                 "text\u00a0| r\u00a0 | R |\u00a0${q} = ‘a\u00a0b’\u200b"});
    CHECK(item_of(form, "q").label == Text{"“Да”\u00a0— нет"});
    CHECK(item_of(form, "r").relevant == "${q} = 'a b'");
}

TEST_CASE("required and read_only take yes, no and expressions") {
    const Form form =
        form_of({"type | name | label | required | read_only\ntext | a | A | yes | TRUE\ntext | b | B | "
                 "no | false\ntext | c | C | ${a} = 'x' | true()"});
    CHECK(item_of(form, "a").required == "true()");
    CHECK(item_of(form, "a").read_only == "true()");
    CHECK(item_of(form, "b").required.empty());
    CHECK(item_of(form, "b").read_only.empty());
    CHECK(item_of(form, "c").required == "${a} = 'x'");
}

TEST_CASE("a default that is an expression is made plain, one that is a value stays as typed") {
    struct {
        std::string cell, kept;
    } const defaults[] = {
        {"5", "5"},
        {"2026-11-23", "2026-11-23"},
        {"Tbilisi (“old” town)", "Tbilisi (“old” town)"},
        {"today()", "today()"},
        {"concat(‘a’,\u00a0‘b’)", "concat('a', 'b')"},
        {"${a}\u00a0+ 1", "${a} + 1"},
    };
    for (const auto& each : defaults) {
        CAPTURE(each.cell);
        const Form form = form_of({"type | name | label | default\ntext | q | Q | " + each.cell});
        CHECK(item_of(form, "q").default_value == each.kept);
    }
}

TEST_CASE("header aliases and spellings lead to the same form") {
    const Form plain =
        form_of({"type | name | label | relevant | calculation | constraint_message | read_only\n"
                 "text | q | Q | true() | 1 | M | yes"});
    const Form aliased =
        form_of({"Type | NAME | caption | relevance | Calculate | Constraint Message | readonly\n"
                 "text | q | Q | true() | 1 | M | yes"});
    const Form bound =
        form_of({"type | name | label | bind::relevant | bind::calculate | bind::jr:constraintMsg | "
                 "bind::readonly\ntext | q | Q | true() | 1 | M | yes"});
    CHECK(plain == aliased);
    CHECK(plain == bound);
    const Form old = form_of(
        {"type | name | label | bind:relevant | bind:calculate | bind:jr:constraintMsg | bind:readonly\n"
         "text | q | Q | true() | 1 | M | yes"});
    CHECK(plain == old);
}

TEST_CASE("a column that is unknown or not supported is refused at the first row that uses it") {
    struct {
        std::string survey;
        std::string sentence;
    } const faults[] = {
        {"type | name | label | relevent\ntext | a | A | \ntext | q | Q | 1=1",
         "form, survey, row 3, column relevent: This column is not known. Is it meant to be relevant?"},
        {"type | name | label | comment\ntext | a | A | x\ntext | b | B | y\ntext | c | C | z",
         "form, survey, row 2, column comment: This column is not known. Begin its name with x_ to keep it, "
         "or remove "
         "it. (2 more rows use it.)"},
        {"type | name | label | trigger\ntext | a | A | ${a}",
         "form, survey, row 2, column trigger: Triggers are not supported yet. Use a calculation that names "
         "the "
         "question, and remove the column."},
        {"type | name | label | media::image::English (en)\ntext | a | A | a.png",
         "form, survey, row 2, column media::image::English (en): Pictures, sound and video in a form are "
         "not supported "
         "yet. Say it in the label, and remove the column."},
        {"type | name | label | instance::odk:tag\ntext | a | A | t",
         "form, survey, row 2, column instance::odk:tag: Attributes of the instance (instance::) are not "
         "supported. "
         "Remove the column."},
        {"type | name | label | bind::odk:length\ntext | a | A | 5",
         "form, survey, row 2, column bind::odk:length: This attribute of the bind (bind::) is not "
         "supported. Use the "
         "column of XLSForm that says the same."},
        {"type | name | label | relevant::English (en)\ntext | a | A | 5",
         "form, survey, row 2, column relevant::English (en): This column has no translations. Write one "
         "column "
         "relevant."},
        {"type | name | label | relevant | relevance\ntext | a | A | 1 | 1",
         "form, survey, row 1, column relevance: The columns D ('relevant') and E ('relevance') mean the "
         "same. Rename "
         "or remove one of them."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.survey);
        CHECK(survey_errors(each.survey) == Sentences{each.sentence});
    }
    CHECK(
        survey_errors("type | name | label | media::image | comment | trigger\ntext | a | A | | |").empty());
}

TEST_CASE("a sheet without its columns or rows is refused") {
    CHECK(errors_of({"name | label\nq | Q"}) ==
          Sentences{
              "form, survey, row 1, column type: The sheet has no column type. Add it to the header row."});
    CHECK(errors_of({"type | name | label"}) ==
          Sentences{"form, survey: The sheet holds no questions. Write them below the header row."});
    CHECK(errors_of({""}) ==
          Sentences{"form, survey: The sheet is empty. Its first row names the columns: type, name, label."});
}

TEST_CASE("columns that mean nothing on a row bring a warning") {
    CHECK(
        survey_warnings(
            "type | name | label | choice_filter | required\ntext | a | A | b = 1 | \nnote | n | N | | "
            "yes\nnote | m | M | | no") ==
        Sentences{
            "form, survey, row 2, column choice_filter: This column means nothing on a row of the type text. "
            "Clear the cell.",
            "form, survey, row 3, column required: This column means nothing on a row of the type note. "
            "Clear "
            "the cell."});
}

TEST_CASE("disabled rows and remarks are left out") {
    const Form form =
        form_of({"type | name | label | disabled | hint\ntext | a | A | yes | \ntext | b | B | no | \n | "
                 "| | | a remark"});
    CHECK(form.items.size() == 1);
    CHECK(form.items[0].name == "b");
}
