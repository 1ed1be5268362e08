#include <doctest/doctest.h>

#include <tuple>

#include "client/researcher/csv_row.h"
#include "client/researcher/csv_tables.h"
#include "tests/support/researcher_forms.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using researcher::CsvTables;
using schema::ItemKind;
using schema::Missing;
using schema::QuestionType;

namespace {

/// The header and the rows of each file for one submission to `form`.
std::vector<std::string> exported(const FormText& text, std::vector<schema::SubmissionNode> answers) {
    const CsvTables tables(text.shared());
    schema::Submission submission;
    submission.id = "u1";
    submission.version = "7";
    submission.language = "ru";
    submission.day = "2026-11-23";
    submission.answers = std::move(answers);
    std::vector<std::string> rows(tables.tables().size());
    tables.append(submission, {"dev", "bat", 3}, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = tables.tables()[i].header + rows[i];
    return rows;
}

const std::string start = "KEY,DAY,LANGUAGE,VERSION,DEVICE,BATCH,RECORD";
const std::string provenance = "u1,2026-11-23,ru,7,dev,bat,3";

FormText with_list(QuestionType type) {
    FormText text;
    text.form.lists = {
        {"l", {FormText::choice("a", 1), FormText::choice("b", 2), FormText::choice("ref", -99)}}};
    text.form.items = {FormText::question(type, "q", "l")};
    return text;
}

}  // namespace

TEST_CASE("a CSV field is quoted exactly when it must be") {
    const std::pair<std::string, std::string> cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"a,b", "\"a,b\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"cr\rhere", "\"cr\rhere\""},
        {" edge", "\" edge\""},
        {"edge\t", "\"edge\t\""},
        {"semi;colon", "semi;colon"},
        {"Ғалым", "Ғалым"},
        {"\"", "\"\"\"\""},
    };
    for (const auto& [text, field] : cases) CHECK(researcher::csv_field(text) == field);
}

TEST_CASE("a typed text never begins a formula") {
    for (const char* text : {"=1+1", "+7", "-5", "@SUM(A1)", "\tx", "\rx"})
        CHECK(researcher::guarded(text) == "'" + std::string(text));
    for (const char* text : {"", "a=b", "5-3", "'=1", " =1"}) CHECK(researcher::guarded(text) == text);
}

TEST_CASE(
    "a typed text begins no formula where a spreadsheet separates by semicolons, tabs or lines, either") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"x;=1+1", "x;'=1+1"},   {"x\n=1+1", "x\n'=1+1"}, {"x\r\n@a", "x\r\n'@a"}, {"x;\t=1", "x;\t'=1"},
        {"x; -1;y", "x; '-1;y"}, {"x;\"=1", "x;\"'=1"},   {"a;b;c", "a;b;c"},      {"x;y=1", "x;y=1"},
    };
    for (const auto& [text, field] : cases) CHECK(researcher::guarded(text) == field);
}

TEST_CASE("plain numbers are told from formulas") {
    for (const char* text : {"0", "-12", "3.5", "-0.25"}) CHECK(researcher::is_plain_number(text));
    for (const char* text : {"", "-", ".", "1.", ".5", "1.2.3", "1e5", "+7", "-=1", "--1"})
        CHECK_FALSE(researcher::is_plain_number(text));
}

TEST_CASE("a select_one is exported as its code") {
    CHECK(exported(with_list(QuestionType::select_one), {value("q", "b")})[0] ==
          start + ",q\n" + provenance + ",2\n");
}

TEST_CASE("a choice coded as a missing state is exported as that state") {
    CHECK(exported(with_list(QuestionType::select_one), {value("q", "ref")})[0] ==
          start + ",q\n" + provenance + ",-99\n");
    CHECK(exported(with_list(QuestionType::select_multiple), {value("q", "ref")})[0] ==
          start + ",q__a,q__b,q__miss\n" + provenance + ",-99,-99,-99\n");
}

TEST_CASE("a select_one missing for any reason carries the reason's code") {
    for (const Missing state : {Missing::refused, Missing::not_asked, Missing::skipped, Missing::by_design})
        CHECK(exported(with_list(QuestionType::select_one), {missing("q", state)})[0] ==
              start + ",q\n" + provenance + "," + std::to_string(static_cast<int>(state)) + "\n");
}

TEST_CASE("a select_multiple is one column a choice, 1 or 0") {
    CHECK(exported(with_list(QuestionType::select_multiple), {value("q", "b")})[0] ==
          start + ",q__a,q__b,q__miss\n" + provenance + ",0,1,\n");
}

TEST_CASE("a select_multiple that was not asked has -96 in every split column, never 0") {
    CHECK(exported(with_list(QuestionType::select_multiple), {missing("q", Missing::not_asked)})[0] ==
          start + ",q__a,q__b,q__miss\n" + provenance + ",-96,-96,-96\n");
}

TEST_CASE("an ordinary choice beside a missing one is not thrown away") {
    CHECK(exported(with_list(QuestionType::select_multiple), {value("q", "a ref")})[0] ==
          start + ",q__a,q__b,q__miss\n" + provenance + ",1,0,-99\n");
}

TEST_CASE("a number that looks like a missing code is told from one by its twin column") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::integer, "n")};
    CHECK(exported(text, {value("n", "-99")})[0] == start + ",n,n__miss\n" + provenance + ",-99,\n");
    CHECK(exported(text, {missing("n", Missing::refused)})[0] ==
          start + ",n,n__miss\n" + provenance + ",-99,-99\n");
}

TEST_CASE("texts are guarded and quoted, numbers in calculations are not") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::text, "t"),
                       FormText::question(QuestionType::calculate, "c"),
                       FormText::question(QuestionType::decimal, "d")};
    CHECK(exported(text,
                   {value("t", "=cmd|' /C calc'!A0, \"x\"\n-1"), value("c", "-5"), value("d", "-0.5")})[0] ==
          start + ",t,t__miss,c,c__miss,d,d__miss\n" + provenance +
              ",\"'=cmd|' /C calc'!A0, \"\"x\"\"\n'-1\",,-5,,-0.5,\n");
}

TEST_CASE("a rank is exported as names in order, and as a code for each place") {
    CHECK(exported(with_list(QuestionType::rank), {value("q", "b a ref")})[0] ==
          start + ",q,q__1,q__2,q__3,q__miss\n" + provenance + ",b a ref,2,1,-99,\n");
}

TEST_CASE("a rank of fewer choices than its list has leaves the last places empty") {
    CHECK(exported(with_list(QuestionType::rank), {value("q", "b a")})[0] ==
          start + ",q,q__1,q__2,q__3,q__miss\n" + provenance + ",b a,2,1,,\n");
}

TEST_CASE("a rank that is missing has the reason in every place") {
    CHECK(exported(with_list(QuestionType::rank), {missing("q", Missing::skipped)})[0] ==
          start + ",q,q__1,q__2,q__3,q__miss\n" + provenance + ",,-95,-95,-95,-95\n");
}

TEST_CASE("choices that come from an instance are one column of names, guarded like a text") {
    for (const QuestionType type :
         {QuestionType::select_one, QuestionType::select_multiple, QuestionType::rank}) {
        FormText text;
        text.form.items = {FormText::question(type, "q")};
        text.form.items.front().itemset = {"instance('places')/root/item", "name", "label"};
        CHECK(exported(text, {value("q", "=a")})[0] == start + ",q,q__miss\n" + provenance + ",'=a,\n");
        CHECK(exported(text, {missing("q", Missing::refused)})[0] ==
              start + ",q,q__miss\n" + provenance + ",,-99\n");
    }
}

TEST_CASE("a range is exported as a number") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::range, "r")};
    CHECK(exported(text, {value("r", "-2.5")})[0] == start + ",r,r__miss\n" + provenance + ",-2.5,\n");
    CHECK(exported(text, {missing("r", Missing::dont_know)})[0] ==
          start + ",r,r__miss\n" + provenance + ",-98,-98\n");
}

TEST_CASE("an acknowledgement is exported as 1 or nothing") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::acknowledge, "a")};
    CHECK(exported(text, {value("a", "OK")})[0] == start + ",a,a__miss\n" + provenance + ",1,\n");
    CHECK(exported(text, {missing("a", Missing::skipped)})[0] ==
          start + ",a,a__miss\n" + provenance + ",,-95\n");
}

TEST_CASE("times and places are exported as they are, a typed code with a guard") {
    const std::tuple<QuestionType, const char*, const char*> rows[] = {
        {QuestionType::time, "21:05:00.000", "21:05:00.000"},
        {QuestionType::date_time, "2024-03-05T21:05:00.000+04:00", "2024-03-05T21:05:00.000+04:00"},
        {QuestionType::geopoint, "-12 3", "-12 3"},
        {QuestionType::geopoint, "-12.5 -3.25 140 5", "-12.5 -3.25 140 5"},
        {QuestionType::geotrace, "-1 2; 3 4", "-1 2; 3 4"},
        {QuestionType::barcode, "=1+1", "'=1+1"},
        {QuestionType::barcode, "-12 3", "'-12 3"},
        {QuestionType::calculate, "-12 3", "-12 3"},
        {QuestionType::calculate, "-12 +3", "'-12 +3"},
    };
    for (const auto& [type, answer, field] : rows) {
        CAPTURE(answer);
        FormText text;
        text.form.items = {FormText::question(type, "q")};
        CHECK(exported(text, {value("q", answer)})[0] ==
              start + ",q,q__miss\n" + provenance + "," + field + ",\n");
    }
}

TEST_CASE("a missing text is empty, with the reason beside it") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::text, "t")};
    CHECK(exported(text, {missing("t", Missing::skipped)})[0] ==
          start + ",t,t__miss\n" + provenance + ",,-95\n");
}

TEST_CASE("what a submission does not hold counts as not asked") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::text, "t"),
                       FormText::question(QuestionType::note, "shown")};
    CHECK(exported(text, {})[0] == start + ",t,t__miss\n" + provenance + ",,-96\n");
}

TEST_CASE("each repeat has a file of its own, joined by PARENT_KEY, to any depth") {
    FormText text;
    text.form.items = {FormText::holding(
        ItemKind::group, "d",
        {FormText::holding(ItemKind::repeat, "stay",
                           {FormText::question(QuestionType::integer, "months"),
                            FormText::holding(ItemKind::repeat, "visit",
                                              {FormText::question(QuestionType::integer, "days")})})})};
    const auto visit = [](const char* days) { return std::vector{value("days", days)}; };
    using Instances = std::vector<std::vector<schema::SubmissionNode>>;
    const Instances stays = {{value("months", "3"), {"visit", Instances{visit("1"), visit("2")}}},
                             {value("months", "5"), {"visit", Instances{visit("9")}}}};
    const auto files = exported(text, {{"d", std::vector<schema::SubmissionNode>{{"stay", stays}}}});
    REQUIRE(files.size() == 3);
    CHECK(files[0] == start + "\n" + provenance + "\n");
    CHECK(files[1] == "KEY,PARENT_KEY,months,months__miss\nu1/d/stay[1],u1,3,\nu1/d/stay[2],u1,5,\n");
    CHECK(files[2] ==
          "KEY,PARENT_KEY,days,days__miss\nu1/d/stay[1]/visit[1],u1/d/stay[1],1,\n"
          "u1/d/stay[1]/visit[2],u1/d/stay[1],2,\nu1/d/stay[2]/visit[1],u1/d/stay[2],9,\n");
}

TEST_CASE("no two columns of a file have the same name, letter case aside") {
    FormText text;
    text.form.items = {FormText::question(QuestionType::integer, "x"),
                       FormText::holding(ItemKind::group, "g",
                                         {FormText::question(QuestionType::integer, "X"),
                                          FormText::question(QuestionType::integer, "key")})};
    CHECK(CsvTables(text.shared()).tables()[0].header ==
          start + ",x,x__miss,g-X,g-X__miss,g-key,key__miss\n");
}

TEST_CASE("a repeat's name can't lead its file anywhere else") {
    FormText text;
    text.form.items = {FormText::holding(ItemKind::repeat, "../../etc/passwd", {}),
                       FormText::holding(ItemKind::repeat, "Survey", {}),
                       FormText::holding(ItemKind::repeat, "survey", {})};
    const CsvTables tables(text.shared());
    CHECK(tables.tables()[1].file == "survey-______etc_passwd.csv");
    CHECK(tables.tables()[2].file == "survey-Survey.csv");
    CHECK(tables.tables()[3].file == "survey-survey~2.csv");
}
