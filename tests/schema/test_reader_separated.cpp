#include <doctest/doctest.h>

#include "schema/readers/workbook.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Sentences = std::vector<std::string>;

/// "1: a|b" for each row that is not blank; then the errors.
Sentences rows_of(std::string_view bytes, char separator = ',') {
    readers::Faults faults("f");
    const readers::Sheet sheet = readers::read_separated(bytes, separator, "s", faults);
    Sentences out;
    for (const readers::Row& row : sheet.rows) {
        std::string line = std::to_string(row.number) + ":";
        for (const readers::Cell& cell : row.cells)
            line += " " + readers::column_letters(cell.column) + "=" + cell.text;
        out.push_back(line);
    }
    for (const std::string& sentence : sentences(faults.take().errors)) out.push_back(sentence);
    return out;
}

Sentences errors_at(const std::filesystem::path& path) {
    const auto read_form = read_xlsform(path);
    return read_form ? Sentences{} : sentences(read_form.error().errors);
}

}  // namespace

TEST_CASE("fields between commas are read as RFC 4180 says") {
    struct {
        std::string bytes;
        Sentences rows;
    } const cases[] = {
        {"a,b\nc,d\n", {"1: A=a B=b", "2: A=c B=d"}},
        {"a,b\r\nc,d", {"1: A=a B=b", "2: A=c B=d"}},
        {"a\rb\r", {"1: A=a", "2: A=b"}},
        {"\"a,b\",\"c\"\"d\"\n", {"1: A=a,b B=c\"d"}},
        {"\"a\nb\"\nc\n", {"1: A=a\nb", "2: A=c"}},
        {"\"a\r\nb\"\nc\n", {"1: A=a\nb", "2: A=c"}},
        {"a,,c\n,,\n\nd\n", {"1: A=a C=c", "4: A=d"}},
        {"a \"quoted\" word,5\"\n", {"1: A=a \"quoted\" word B=5\""}},
        {"\xEF\xBB\xBFtype,name\n", {"1: A=type B=name"}},
        {"\xEF\xBB\xBF\"type\",name\n", {"1: A=type B=name"}},
        {"  a  ,\u00a0b\u00a0,\" c \"\n", {"1: A=a B=b C=c"}},
        {"", {}},
    };
    for (const auto& each : cases) {
        CAPTURE(each.bytes);
        CHECK(rows_of(each.bytes) == each.rows);
    }
}

TEST_CASE("tabs part the fields of .tsv, and quotes count only where a field begins with one") {
    CHECK(rows_of("a\tb,c\t\"d\te\"\n\"f\"\tg\"h\"\n", '\t') ==
          Sentences{"1: A=a B=b,c C=d\te", "2: A=f B=g\"h\""});
}

TEST_CASE("what can't be understood is told with its row and column") {
    CHECK(rows_of("a\nb,\"c\n") ==
          Sentences{"1: A=a",
                    "f, s, row 2, column B: The cell begins with a double quote that is never "
                    "closed. Close it, or double it (\"\"\") if it belongs to the text."});
    CHECK(
        rows_of("\"a\" b,c\n") ==
        Sentences{
            "1: A=a B=c",
            "f, s, row 1, column A: There is text after the closing double quote of the cell. Write a quote "
            "inside a quoted cell twice (\"\")."});
    CHECK(rows_of("a\nb,\xE9t\xE9\n").back() ==
          "f, s, row 2, column B: The text is not UTF-8, or holds control characters. Save the file as UTF-8 "
          "and type "
          "the cell again.");
    CHECK(rows_of("a\0b\n" + std::string(1, '\0')).back().ends_with("type the cell again."));
    CHECK(rows_of(std::string(200'000, 'a')) ==
          Sentences{"f, s, row 1, column A: The cell holds more than 128 KiB of text. Shorten it."});
}

TEST_CASE("rows and columns without end are refused") {
    CHECK(rows_of(std::string(20'000, ',')) ==
          Sentences{"f, s, row 1: The row has more than 16,384 columns. Remove the empty ones."});
    CHECK(rows_of(std::string(1'000'001, '\n')) ==
          Sentences{"f, s, row 1000001: The sheet has more than 1,000,000 rows. Shorten it."});
}

TEST_CASE("a form may be a folder of .csv, of .tsv, of both, or of .csv with semicolons") {
    FormFolder folder;
    folder.file("survey.tsv", "type\tname\tlabel\nselect_one l\tq\tQ\n");
    folder.file("choices.csv", "list_name;name;label\nl;a;A, or B\n");
    folder.file("settings.csv", "form_id,version\nf,1\n");
    const auto read_form = read_xlsform(folder.path());
    REQUIRE(read_form);
    CHECK(read_form->form.lists.front().choices.front().label == Text{"A, or B"});
}

TEST_CASE("folders and files that are no form are refused in a sentence") {
    FormFolder folder;
    CHECK(errors_at(folder.path()) ==
          Sentences{"form: There is no sheet named survey, which holds the questions."});
    CHECK(errors_at(folder.path() / "absent.xlsx") ==
          Sentences{"absent.xlsx: There is no such file or folder."});
    CHECK(errors_at(folder.file("survey.csv", "type\n")) ==
          Sentences{"survey.csv: There is no sheet named survey, which holds the questions."});
    CHECK(errors_at("/dev/null") ==
          Sentences{"null: This is neither a file nor a folder. Give an .xlsx file or a folder of sheets."});
    folder.file("survey.tsv", "type\n");
    CHECK(errors_at(folder.path()) == Sentences{"form, survey: The folder holds this sheet as .csv and as "
                                                ".tsv. Remove the one that is not meant."});
    std::filesystem::remove(folder.path() / "survey.tsv");
    folder.file("survey.csv", "\xFF\xFEt\0y\0");
    CHECK(errors_at(folder.path()) ==
          Sentences{"form, survey: The file of this sheet is UTF-16. Save it as UTF-8."});
}

TEST_CASE("entities are valid, but no study is built with them") {
    FormFolder folder;
    folder.file("survey.csv", "type,name,label\ntext,q,Q\n");
    folder.file("entities.csv", "list_name,label\n");
    CHECK(check_form(folder.path()).not_for_studies.empty());
    folder.file("entities.csv", "list_name,label\ntrees,a\n");
    CHECK(sentences(check_form(folder.path()).not_for_studies) ==
          Sentences{"form, entities: Entities are neither created nor updated here. Remove the sheet."});
}

TEST_CASE("a form may be a lone .csv whose first column names the sheets") {
    FormFolder folder;
    const auto read_form = read_xlsform(folder.file(
        "form.csv",
        "survey,,,\n,type,name,label\n,select_one l,q,Q\n\nchoices\n,list name,name,label\n,l,a,A\n"));
    REQUIRE(read_form);
    CHECK(item_of(read_form->form, "q").list == "l");
    CHECK(item_of(read_form->form, "q").row == 2);
    CHECK(read_form->form.lists.front().choices.size() == 1);
    CHECK(read_form->form.settings.form_id == "form");
}

TEST_CASE("a form may be written as Markdown tables") {
    FormFolder folder;
    const auto read_form =
        read_xlsform(folder.file("form.md",
                                 "# A form\n\n| survey |\n|        | type         | name | label |\n"
                                 "|---|---|---|---|\n|        | select_one l | q | A \\| B |  # a remark\n"
                                 "text\n| choices |\n| | list_name | name | label |\n| | l | a | A |\n"));
    REQUIRE(read_form);
    CHECK(item_of(read_form->form, "q").label == Text{"A | B"});
    CHECK(read_form->form.lists.front().choices.size() == 1);
}

TEST_CASE("a sheet with a fault in each of very many rows tells a thousand and says so") {
    std::string survey = "type,name,label\n";
    for (int i = 0; i < 5000; ++i) survey += "nonsense" + std::to_string(i) + ",q,Q\n";
    FormFolder folder;
    folder.file("survey.csv", survey);
    const auto errors = errors_at(folder.path());
    CHECK(errors.size() == 1001);
    CHECK(errors.back() ==
          "form: There is more of this kind. Mend these 1000 first, then check the form again.");
}

TEST_CASE("a sheet with more headers or languages than any form needs is refused") {
    const auto wide = [](int count, const std::string& header) {
        std::string survey = "type,name,label", row = "text,q,Q";
        for (int i = 0; i < count; ++i) {
            survey += "," + header + std::to_string(i);
            row += ",x";
        }
        FormFolder folder;
        folder.file("survey.csv", survey + "\n" + row + "\n");
        return errors_at(folder.path()).front();
    };
    CHECK(wide(1000, "x_") ==
          "form, survey, row 1: The sheet has more than 1,000 columns, which no form needs. Remove "
          "what does not belong to it.");
    CHECK(wide(101, "label::L") ==
          "form, survey, row 1, column label::L99: The form has more than 100 languages. Remove some.");
}
