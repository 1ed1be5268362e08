#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/reader_xlsx.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

using Sentences = std::vector<std::string>;

const std::string header = inline_row(1, {"type", "name", "label", "default"});

/// The label of a question whose label cell is this XML.
std::string label_from(const std::string& cell, const std::string& strings = "",
                       const std::string& styles = "", const std::string& properties = "") {
    Xlsx xlsx;
    xlsx.survey = header +
                  "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>text</t></is></c><c r=\"B2\" "
                  "t=\"inlineStr\"><is><t>q</t></is></c>" +
                  cell + "</row>";
    xlsx.strings = strings;
    xlsx.styles = styles;
    xlsx.workbook_properties = properties;
    return item_of(xlsx.form(), "q").label.at(0);
}

Xlsx one_question() {
    Xlsx xlsx;
    xlsx.survey = header + inline_row(2, {"text", "q", "Q"});
    return xlsx;
}

Sentences errors_with_part(const std::string& part, const std::string& bytes) {
    Xlsx xlsx = one_question();
    xlsx.parts[part] = bytes;
    return xlsx.errors();
}

// Formats 1 (date, built in), 2 and 3 (defined here); 0 is General.
const std::string styles =
    "<numFmts><numFmt numFmtId=\"170\" formatCode=\"dd&quot;.&quot;mm\\.yyyy\\ hh:mm\"/><numFmt "
    "numFmtId=\"171\" "
    "formatCode=\"0.0&quot; days&quot;\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
    "numFmtId=\"170\"/><xf numFmtId=\"171\"/></cellXfs>";

}  // namespace

TEST_CASE("strings are read shared, inline, as rich text and with escapes") {
    CHECK(label_from("<c r=\"C2\" t=\"s\"><v>1</v></c>", "<si><t>no</t></si><si><t>Город</t></si>") ==
          "Город");
    CHECK(label_from("<c r=\"C2\" t=\"s\"><v>0</v></c>",
                     "<si><r><t>one </t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">two "
                     "</t></r><r><t>three</t></r>"
                     "<rPh sb=\"0\" eb=\"1\"><t>phonetic</t></rPh></si>") == "one two three");
    CHECK(label_from("<c r=\"C2\" t=\"inlineStr\"><is><r><t>a &amp; </t></r><r><t>b "
                     "&lt;&#x416;&gt;</t></r></is></c>") == "a & b <Ж>");
    CHECK(label_from("<c r=\"C2\" t=\"str\"><f>A1</f><v>calculated</v></c>") == "calculated");
    CHECK(label_from("<c r=\"C2\" t=\"inlineStr\"><is><t>one_x000D_\ntwo</t></is></c>") == "one\ntwo");
}

TEST_CASE("numbers and booleans are read as their author typed them") {
    struct {
        std::string cell;
        std::string text;
    } const cells[] = {
        {"<c r=\"C2\"><v>5</v></c>", "5"},
        {"<c r=\"C2\"><v>5.0</v></c>", "5"},
        {"<c r=\"C2\" t=\"n\"><v>2026112301</v></c>", "2026112301"},
        {"<c r=\"C2\"><v>0.30000000000000004</v></c>", "0.3"},
        {"<c r=\"C2\"><v>1.0E-3</v></c>", "0.001"},
        {"<c r=\"C2\"><v>-1.5</v></c>", "-1.5"},
        {"<c r=\"C2\"><f>1+1</f><v>2</v></c>", "2"},
        {"<c r=\"C2\" t=\"b\"><v>1</v></c>", "TRUE"},
        {"<c r=\"C2\" t=\"b\"><v>0</v></c>", "FALSE"},
    };
    for (const auto& each : cells) {
        CAPTURE(each.cell);
        CHECK(label_from(each.cell) == each.text);
    }
}

TEST_CASE("dates are told by their style and read as ISO 8601") {
    struct {
        std::string cell;
        std::string text;
    } const cells[] = {
        {"<c r=\"C2\" s=\"1\"><v>46349</v></c>", "2026-11-23"},
        {"<c r=\"C2\" s=\"1\"><v>61</v></c>", "1900-03-01"},
        {"<c r=\"C2\" s=\"1\"><v>59</v></c>", "1900-02-28"},
        {"<c r=\"C2\" s=\"1\"><v>60</v></c>", "1900-02-28"},  // a day that never was
        {"<c r=\"C2\" s=\"2\"><v>46349.396527777775</v></c>", "2026-11-23T09:31:00"},
        {"<c r=\"C2\" s=\"2\"><v>0.5</v></c>", "12:00:00"},
        {"<c r=\"C2\" s=\"3\"><v>46349</v></c>", "46349"},
        {"<c r=\"C2\" s=\"0\"><v>46349</v></c>", "46349"},
        {"<c r=\"C2\" t=\"d\"><v>2026-11-23</v></c>", "2026-11-23"},
    };
    for (const auto& each : cells) {
        CAPTURE(each.cell);
        CHECK(label_from(each.cell, "", styles) == each.text);
    }
    CHECK(label_from("<c r=\"C2\" s=\"1\"><v>44887</v></c>", "", styles, "<workbookPr date1904=\"1\"/>") ==
          "2026-11-23");
}

TEST_CASE("gaps between cells and rows keep their places") {
    Xlsx xlsx;
    xlsx.survey =
        header + "<row r=\"2\" spans=\"1:4\"/><row r=\"7\">" +
        "<c r=\"A7\" t=\"inlineStr\"><is><t>text</t></is></c><c r=\"B7\" "
        "t=\"inlineStr\"><is><t>q</t></is></c>"
        "<c r=\"C7\" s=\"1\"/><c r=\"D7\"><v>4</v></c><c r=\"XFD7\" s=\"1\"/></row><row r=\"1048576\"/>";
    CHECK(xlsx.errors() ==
          Sentences{"form.xlsx, survey, row 7, column label: The question 'q' has neither label nor "
                    "hint in any language. Write a label."});
    xlsx.survey =
        "<row><c t=\"inlineStr\"><is><t>type</t></is></c><c t=\"inlineStr\"><is><t>name</t></is></c><c "
        "t=\"inlineStr\"><is><t>label</t></is></c></row>"
        "<row><c t=\"inlineStr\"><is><t>text</t></is></c><c t=\"inlineStr\"><is><t>q</t></is></c><c "
        "t=\"inlineStr\"><is><t>Q</t></is></c></row>";
    CHECK(xlsx.form().items.front().row == 2);
}

TEST_CASE("hidden rows belong to the form, with a warning") {
    Xlsx xlsx;
    xlsx.survey =
        header + inline_row(2, {"text", "a", "A"}) + inline_row(3, {"text", "b", "B"}, " hidden=\"1\"");
    const auto read_form = xlsx.read();
    REQUIRE(read_form);
    CHECK(read_form->form.items.size() == 2);
    CHECK(sentences(read_form->warnings).front() ==
          "form.xlsx, survey, row 3: This row is hidden and belongs to the form all the same (1 hidden in "
          "this sheet). "
          "Delete rows that are not meant.");
}

TEST_CASE("elements may carry a prefix, sheets any spelling of their name") {
    Xlsx xlsx = one_question();
    xlsx.survey_name = " Survey ";
    xlsx.parts["xl/worksheets/one.xml"] =
        "<x:worksheet xmlns:x=\"x\"><x:sheetData><x:row r=\"1\"><x:c "
        "t=\"inlineStr\"><x:is><x:t>type</x:t></x:is></x:c>"
        "<x:c t=\"inlineStr\"><x:is><x:t>name</x:t></x:is></x:c><x:c "
        "t=\"inlineStr\"><x:is><x:t>label</x:t></x:is></x:c>"
        "</x:row><!-- <row> --><x:row r=\"2\"><x:c t=\"inlineStr\"><x:is><x:t>text</x:t></x:is></x:c><x:c "
        "t=\"inlineStr\"><x:is><x:t>q</x:t></x:is></x:c><x:c t=\"inlineStr\"><x:is><x:t>a > "
        "b</x:t></x:is></x:c></x:row>"
        "</x:sheetData></x:worksheet>";
    CHECK(item_of(xlsx.form(), "q").label == Text{"a > b"});
}

TEST_CASE("a misspelt sheet is recognised") {
    Xlsx xlsx = one_question();
    xlsx.survey_name = "surveys";
    xlsx.choices = inline_row(1, {"list_name", "name"});
    CHECK(xlsx.errors() ==
          Sentences{"form.xlsx: There is no sheet named survey, which holds the questions. Is the "
                    "sheet 'surveys' meant to be it?"});
}

TEST_CASE("the only sheet of a workbook is the survey, whatever its name") {
    Xlsx xlsx = one_question();
    xlsx.survey_name = "Sheet1";
    const auto read_form = xlsx.read();
    REQUIRE(read_form);
    CHECK(read_form->form.items.size() == 1);
    CHECK(sentences(read_form->warnings).at(2) ==
          "form.xlsx, Sheet1: The only sheet of the file is taken for the survey. Call it survey.");
}

TEST_CASE("what stands below 60 blank rows or behind 20 blank headers is left out, with a warning") {
    Xlsx xlsx;
    xlsx.survey = inline_row(1, {"type", "name", "label"}) + inline_row(2, {"text", "a", "A"}) +
                  inline_row(63, {"text", "b", "B"}) + inline_row(125, {"text", "c", "C"});
    const auto read_form = xlsx.read();
    REQUIRE(read_form);
    CHECK(read_form->form.items.size() == 2);
    CHECK(sentences(read_form->warnings).front() ==
          "form.xlsx, survey, row 125: More than 60 blank rows stand above this one, so it and all below are "
          "not "
          "read. Delete the blank rows.");
}

TEST_CASE("cells that show an error or have no value are refused with their place") {
    Xlsx xlsx;
    xlsx.survey = header +
                  "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>text</t></is></c><c r=\"B2\" "
                  "t=\"inlineStr\"><is><t>q</t></is></c><c r=\"C2\" t=\"e\"><v>#REF!</v></c><c "
                  "r=\"D2\"><f>NOW()</f></c></row>";
    const auto errors = xlsx.errors();
    REQUIRE(errors.size() == 3);
    CHECK(errors[0] ==
          "form.xlsx, survey, row 2, column C: The cell shows the error '#REF!'. Mend its formula, or type "
          "the value.");
    CHECK(errors[1] ==
          "form.xlsx, survey, row 2, column D: The formula has no stored value. Open the file in a "
          "spreadsheet program and save it.");
}

TEST_CASE("characters that XML or text may not hold are refused with their row") {
    Xlsx xlsx = one_question();
    xlsx.survey = header + inline_row(2, {"text", "q", "a\xFF\xFE"});
    CHECK(xlsx.errors().front() ==
          "form.xlsx, survey, row 2, column C: The text is not UTF-8, or holds control "
          "characters. Save the file as UTF-8 and type the cell again.");
    xlsx.survey = header + inline_row(2, {"text", "q", "a&#xD800;&#1;"});
    CHECK(xlsx.errors().front() ==
          "form.xlsx, survey, row 2, column C: The text is not UTF-8, or holds control "
          "characters. Save the file as UTF-8 and type the cell again.");
}

TEST_CASE("damaged parts are refused by name") {
    const std::string damaged = " of the file is damaged. Save the form as .xlsx again.";
    CHECK(errors_with_part("xl/workbook.xml", "<workbook><sheets>") ==
          Sentences{"form.xlsx: The part 'xl/workbook.xml'" + damaged});
    CHECK(errors_with_part("xl/worksheets/one.xml", "<worksheet><sheetData><row r=\"1\">") ==
          Sentences{"form.xlsx: The part 'xl/worksheets/one.xml'" + damaged});
    CHECK(errors_with_part("xl/worksheets/one.xml",
                           "<worksheet><sheetData><row r=\"1\"><c></row></sheetData></worksheet>") ==
          Sentences{"form.xlsx, survey, row 1: The sheet is damaged here. Save the form as .xlsx again."});
    CHECK(errors_with_part("xl/worksheets/one.xml",
                           "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" "
                           "t=\"s\"><v>7</v></c></row></sheetData></worksheet>") ==
          Sentences{"form.xlsx, survey, row 1: The sheet is damaged here. Save the form as .xlsx again."});
    CHECK(errors_with_part("xl/worksheets/one.xml",
                           "<worksheet><sheetData><row r=\"2\"/><row r=\"1\"/></sheetData></worksheet>") ==
          Sentences{"form.xlsx, survey, row 3: The sheet is damaged here. Save the form as .xlsx again."});
    CHECK(errors_with_part("_rels/.rels", "") ==
          Sentences{"form.xlsx: The file is no .xlsx workbook. Save the form as .xlsx."});
}

TEST_CASE("an entity bomb is refused before it is parsed") {
    const std::string bomb =
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>";
    CHECK(errors_with_part("xl/worksheets/one.xml", bomb + "<worksheet>&b;</worksheet>") ==
          Sentences{"form.xlsx: The part 'xl/worksheets/one.xml' of the file is damaged. Save the form as "
                    ".xlsx again."});
    CHECK(errors_with_part("xl/workbook.xml", bomb + "<workbook>&b;</workbook>") ==
          Sentences{
              "form.xlsx: The part 'xl/workbook.xml' of the file is damaged. Save the form as .xlsx again."});
}

TEST_CASE("XML a million elements deep is refused or read without harm") {
    std::string deep = header + "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is>";
    for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
    deep += "<t>text</t>";
    for (int i = 0; i < 1'000'000; ++i) deep += "</a>";
    Xlsx xlsx;
    xlsx.survey = deep + "</is></c></row>";
    CHECK(xlsx.errors().size() <= 1);
}

TEST_CASE("a zip bomb is refused by the sizes that it states") {
    CHECK(errors_with_part("xl/worksheets/one.xml",
                           "<worksheet>" + std::string(257u << 20, ' ') + "</worksheet>") ==
          Sentences{
              "form.xlsx: The file unpacks to more than 256 MiB, which no form needs. Remove empty rows and "
              "columns that carry only formatting."});
}

TEST_CASE("one shared string named many times does not fill the memory") {
    Xlsx xlsx;
    xlsx.strings = "<si><t>" + std::string(100'000, 'a') + "</t></si>";
    xlsx.survey = header;
    for (int row = 2; row < 3000; ++row)
        xlsx.survey += "<row r=\"" + std::to_string(row) + "\"><c r=\"C" + std::to_string(row) +
                       "\" t=\"s\"><v>0</v></c></row>";
    const auto errors = xlsx.errors();
    CHECK(
        std::count(
            errors.begin(), errors.end(),
            "form.xlsx, survey, row 1344, column C: The sheet holds more than 5,000,000 cells or 128 MiB of "
            "text, which no form needs. Remove what does not belong to the form.") == 1);
}

TEST_CASE("files of other kinds are refused by their first bytes, with what to do") {
    FormFolder folder;
    const auto refusal = [&](const std::string& bytes) {
        const auto read_form = read_xlsform(folder.file("form.xlsx", bytes));
        REQUIRE_FALSE(read_form);
        return sentences(read_form.error().errors).front();
    };
    const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    std::string encrypted = ole;
    for (char c : std::string("EncryptedPackage")) encrypted += {c, '\0'};
    CHECK(refusal(ole) ==
          "form.xlsx: This is an .xls file of the old kind. Open it in a spreadsheet program and save "
          "it as .xlsx.");
    CHECK(refusal(encrypted) ==
          "form.xlsx: The file is protected by a password. Save it as .xlsx without one.");
    CHECK(refusal("") == "form.xlsx: The file is empty or can't be read.");
    CHECK(refusal("type,name\n") ==
          "form.xlsx: This is no .xlsx file. Save the form as .xlsx, or give a folder with "
          "survey, choices and settings as .csv or .tsv.");
    CHECK(refusal("PK\x03\x04 broken") ==
          "form.xlsx: The file is damaged or no .xlsx file. Save it as .xlsx again.");
}

TEST_CASE("an encrypted zip is refused as such") {
    Xlsx xlsx = one_question();
    xlsx.encryption = ZIP_EM_AES_256;
    CHECK(xlsx.errors() ==
          Sentences{"form.xlsx: The part '_rels/.rels' of the file is protected by a password. Save "
                    "the form as .xlsx again."});
}

TEST_CASE("a workbook cut off anywhere is refused in a sentence") {
    FormFolder folder;
    const auto path = one_question().write(folder);
    std::ifstream in(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t length = 0; length < bytes.size(); length += 7) {
        const auto read_form =
            read_xlsform(folder.file("cut.xlsx", std::string_view(bytes).substr(0, length)));
        REQUIRE_FALSE(read_form);
        CHECK(read_form.error().errors.size() == 1);
    }
}

TEST_CASE("a workbook with any byte altered is read or refused, never more") {
    FormFolder folder;
    const auto path = one_question().write(folder);
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const char before = bytes[at];
        bytes[at] = static_cast<char>(before ^ 0x55);
        const auto read_form = read_xlsform(folder.file("altered.xlsx", bytes));
        if (!read_form) CHECK_FALSE(read_form.error().errors.empty());
        bytes[at] = before;
    }
}
