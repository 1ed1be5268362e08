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
        {"dateTime", QuestionType::date_time},
        {"geopoint", QuestionType::geopoint},
        {"gps", QuestionType::geopoint},
        {"photo", QuestionType::image},
        {"trigger", QuestionType::acknowledge},
        {"barcode", QuestionType::barcode},
        {"range", QuestionType::range},
        {"rank yn", QuestionType::rank},
        {"date", QuestionType::date},
        {"note", QuestionType::note},
        {"select_one yn", QuestionType::select_one},
        {"select one yn", QuestionType::select_one},
        {"select one from yn", QuestionType::select_one},
        {"select_multiple yn", QuestionType::select_multiple},
        {"select_multiple  yn", QuestionType::select_multiple},
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
        {"type | name | label\ntxt | q | Q",
         "form, survey, row 2, column type: The type 'txt' is not known. Is it meant to be text?"},
        {"type | name | label\ntelepathy | q | Q",
         "form, survey, row 2, column type: The type 'telepathy' is not known. Types are, for example, text, "
         "integer, "
         "decimal, date, note, calculate, select_one LIST, select_multiple LIST, begin_group and end_group."},
        {"type | name | label\nDecimal | q | Q",
         "form, survey, row 2, column type: The type 'Decimal' is not known. Types are written in small "
         "letters: "
         "'decimal'."},
        {"type | name | label\ninclude | q | Q",
         "form, survey, row 2, column type: Forms are not put together from several files (include). Copy "
         "the rows of "
         "the other form to here."},
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
        {"type | name | label\nselect_one_from_file a.txt | q | Q",
         "form, survey, row 2, column type: The choices of select_one_from_file stand in a file whose name "
         "ends with "
         ".csv, .xml or .geojson, with no other period in it; 'a.txt' does not."},
        {"type | name | label | choice_filter\nselect_one yn or_other | q | Q | 1 = 1",
         "form, survey, row 2, column choice_filter: A choice_filter does not go with or_other. Add the "
         "choice other "
         "yourself."},
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
         "form, survey, row 2, column parameters: The parameter 'value' means nothing on a row of this type. "
         "It knows "
         "randomize, seed."},
        {"type | name | label | parameters\nimage | q | Q | max-pixels=big",
         "form, survey, row 2, column parameters: max-pixels is a whole number; 'big' is none."},
        {"type | name | label | parameters\nimage | q | Q | max-pixels=9 app=nodots",
         "form, survey, row 2, column parameters: The app 'nodots' is no name of an Android package: it has "
         "no "
         "period."},
        {"type | name | label | parameters\naudio | q | Q | quality=best",
         "form, survey, row 2, column parameters: The quality is voice-only, low or normal, or external; "
         "'best' is "
         "none of them."},
        {"type | name | label | parameters\nrange | q | Q | start=0 end=10 step=0",
         "form, survey, row 2, column parameters: step must not be 0."},
        {"type | name | label | parameters\nrange | q | Q | start=0 end=1 step=0.3 tick_interval=0.5",
         "form, survey, row 2, column parameters: tick_interval must be a multiple of step."},
        {"type | name | label | parameters\ngeoshape | q | Q | incremental=no",
         "form, survey, row 2, column parameters: incremental is true, or is not written; 'no' is neither."},
        {"type | name | label | parameters\naudit | audit | | location-priority=balanced",
         "form, survey, row 2, column parameters: Of location-priority, location-min-interval and "
         "location-max-age all "
         "or none are needed."},
        {"type | name | label | trigger\ntext | a | A | ${b}",
         "form, survey, row 2, column trigger: There is no question ${b}. Correct the name, or add its row."},
        {"type | name | label | required\nbegin_group | g | G | yes\nend_group | | |",
         "form, survey, row 2, column required: A group can't be required. Clear the cell, or write it on a "
         "question "
         "inside."},
        {"type | name | label\ntext | a | Hello ${ b }",
         "form, survey, row 2, column label: '${ b }' names no question. Between ${ and } stands one name, "
         "without "
         "spaces."},
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

TEST_CASE("the same name may stand in two groups, with a warning, but never twice for a repeat") {
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
              "type | name | label\nbegin_group | g | G\nbegin_repeat | r | R\ntext | a | A\nend_repeat | "
              "|\nend_group | |\nbegin_repeat | r | R\ntext | b | B\nend_repeat | |") ==
          Sentences{
              "form, survey, row 7, column name: The name 'r' is that of the repeat in row 3. The name of a "
              "repeat must be the only one of its kind in the form."});
}

TEST_CASE("all faults of a form are found in one run") {
    CHECK(survey_errors("type | name | label | x_fill\ngsp | a | A |\ntext | 1 | B |\ncalculate | c | | "
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
        const Form form =
            form_of({"type | name | label | default\ntext | a | A |\ntext | q | Q | " + each.cell});
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

TEST_CASE("a column that can't be meant so is refused at the first row that uses it") {
    struct {
        std::string survey;
        std::string sentence;
    } const faults[] = {
        {"type | name | label | media::film\ntext | a | A | a.png",
         "form, survey, row 2, column media::film: There is no medium 'film'. Media are image, big-image, "
         "audio and "
         "video."},
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
    CHECK(survey_errors("type | name | label | media::film | comment\ntext | a | A | |").empty());
}

TEST_CASE("a column that nobody knows is not read, with a warning; one that is misspelt stops a study") {
    CHECK(survey_warnings(
              "type | name | label | comment\ntext | a | A | x\ntext | b | B | y\ntext | c | C | z") ==
          Sentences{"form, survey, row 2, column comment: This column is not known, so it is not read. Begin "
                    "its name "
                    "with x_ to keep it with the form, or remove it. (2 more rows use it.)"});
    CHECK(study_faults_of({"type | name | label | relevent\ntext | a | A | \ntext | q | Q | 1=1"}) ==
          Sentences{"form, survey, row 3, column relevent: This column is not known, so it is not read. Is "
                    "it meant to "
                    "be relevant?"});
}

TEST_CASE("what the app does not ask and what could tell of the respondent is valid, but not for a study") {
    struct {
        std::string survey;
        std::string sentence;
    } const faults[] = {
        {"type | name | label\ngeotrace | q | Q",
         "form, survey, row 2, column type: Questions of the type geotrace are not asked yet. Ask in another "
         "way, or "
         "remove the row."},
        {"type | name | label\ndeviceid | q | ",
         "form, survey, row 2, column type: Fieldfare never records 'deviceid': it could tell who answered, "
         "when or "
         "where. Remove the row."},
        {"type | name | label\naudit | | ",
         "form, survey, row 2, column type: Fieldfare never records 'audit': it could tell who answered, "
         "when or "
         "where. Remove the row."},
        {"type | name | label\nstart-geopoint | q | ",
         "form, survey, row 2, column type: Fieldfare never records 'start-geopoint': it could tell who "
         "answered, when "
         "or where. Remove the row."},
        {"type | name | label\ntext | a:b | Q",
         "form, survey, row 2, column name: The name 'a:b' holds a colon. Use an underscore."},
        {"type | name | label\nselect_one_from_file towns.csv | q | Q",
         "form: The file 'towns.csv' is not beside the form, or it can't be read. Put it there."},
        {"type | name | label | appearance\ndate | q | Q | month-year",
         "form, survey, row 2, column appearance: Incomplete dates (month-year) are not supported yet. Ask "
         "for month "
         "and year as two questions."},
        {"type | name | label | appearance\nselect_one yn | q | Q | minimal search('towns')",
         "form, survey, row 2, column appearance: search() takes choices from a file, which is not supported "
         "yet. Put "
         "them on the choices sheet, and use choice_filter."},
        {"type | name | label | media::image\ntext | a | A | a.png",
         "form, survey, row 2, column media::image: Pictures, sound and video in a form are not shown yet. "
         "Say it in "
         "the label, and remove the column."},
        {"type | name | label | guidance_hint\nbegin_group | g | G | Look\ntext | a | A\nend_group",
         "form, survey, row 2, column guidance_hint: Guidance of a group or repeat is not shown. Put it on "
         "one of its questions, or into a note."},
    };
    for (const auto& each : faults) {
        CAPTURE(each.survey);
        CHECK(study_faults_of({each.survey, yes_no}) == Sentences{each.sentence});
    }
}

TEST_CASE("a study may ask for times, places, ranges, orders, acknowledgements and codes, with guidance") {
    CHECK(study_faults_of({"type | name | label | guidance_hint\ntime | a | A | G\ndateTime | b | B\n"
                           "geopoint | c | C\nrange | d | D\nrank yn | e | E\nacknowledge | f | F\n"
                           "barcode | g | G",
                           yes_no}) == Sentences{});
}

TEST_CASE("a sheet without its columns or rows is refused") {
    CHECK(errors_of({"name | label\nq | Q"}) ==
          Sentences{
              "form, survey, row 1, column type: The sheet has no column type. Add it to the header row."});
    CHECK(study_faults_of({"type | name | label"}) ==
          Sentences{"form, survey: The sheet holds no questions. Write them below the header row."});
    CHECK(errors_of({""}) == Sentences{"form: There is no sheet named survey, which holds the questions."});
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
