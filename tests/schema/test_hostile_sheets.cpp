#include <algorithm>

#include "schema/compiled_form.h"
#include "schema/form_json.h"
#include "tests/support/reader_xlsx.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

// Sheets that no author writes: what is refused is refused in a sentence, and soon.

namespace {

using Sentences = std::vector<std::string>;

Sentences first(Sentences sentences, std::size_t count = 1) {
    sentences.resize(std::min(sentences.size(), count));
    return sentences;
}

Sentences errors_of_files(const std::string& survey, const std::string& choices = "",
                          const std::string& settings = "form_id\nf\n") {
    FormFolder folder;
    folder.file("survey.tsv", survey);
    if (!choices.empty()) folder.file("choices.tsv", choices);
    folder.file("settings.tsv", settings);
    const auto read_form = read_xlsform(folder.path());
    return read_form ? Sentences{} : sentences(read_form.error().errors);
}

bool has(const Sentences& sentences, const std::string& sentence) {
    return std::find(sentences.begin(), sentences.end(), sentence) != sentences.end();
}

const std::string not_utf8 =
    ": The text is not UTF-8, or holds control characters. Save the file as UTF-8 and type the cell again.";

}  // namespace

TEST_CASE("a label of ten million characters is refused with its place") {
    CHECK(first(errors_of_files("type\tname\tlabel\ntext\ta\t" + std::string(10u << 20, 'x') + "\n")) ==
          Sentences{"form, survey, row 2, column C: The cell holds more than 128 KiB of text. Shorten it."});
    Xlsx xlsx;
    xlsx.survey =
        inline_row(1, {"type", "name", "label"}) + "<row r=\"2\"><c r=\"C2\" t=\"s\"><v>0</v></c></row>";
    xlsx.strings = "<si><t>" + std::string(10u << 20, 'x') + "</t></si>";
    CHECK(xlsx.errors().size() >= 1);
}

TEST_CASE("bytes that are no UTF-8 are told with their place, wherever they stand") {
    const std::string broken[] = {"\xff",      "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                  "a\xE2\x82", "\x01"};
    for (const std::string& bytes : broken) {
        CAPTURE(bytes);
        const std::string survey = "type\tname\tlabel\n";
        CHECK(first(errors_of_files("ty" + bytes + "pe\tname\tlabel\n")) ==
              Sentences{"form, survey, row 1, column A" + not_utf8});
        CHECK(first(errors_of_files(survey + bytes + "\ta\tA\n")) ==
              Sentences{"form, survey, row 2, column A" + not_utf8});
        CHECK(first(errors_of_files(survey + "text\ta" + bytes + "\tA\n")) ==
              Sentences{"form, survey, row 2, column B" + not_utf8});
        CHECK(first(errors_of_files(survey + "text\ta\t" + bytes + "\n")) ==
              Sentences{"form, survey, row 2, column C" + not_utf8});
        CHECK(first(errors_of_files(survey + "text\ta\tA\n",
                                    "list_name\tname\tlabel\nl\t" + bytes + "\tL\n")) ==
              Sentences{"form, choices, row 2, column B" + not_utf8});
        CHECK(first(errors_of_files(survey + "text\ta\tA\n", "", "form_id\n" + bytes + "\n")) ==
              Sentences{"form, settings, row 2, column A" + not_utf8});
    }
}

TEST_CASE("a hundred thousand languages are refused") {
    std::string header = "type\tname", labels = "text\ta";
    for (int i = 0; i < 100'000; ++i) {
        header += "\tlabel::L" + std::to_string(i);
        labels += "\tA";
    }
    const auto errors = errors_of_files(header + "\n" + labels + "\n");
    REQUIRE_FALSE(errors.empty());
    CHECK(errors.size() <= 1001);
    CHECK(has(errors, "form, survey, row 1: The row has more than 16,384 columns. Remove the empty ones."));
}

TEST_CASE("a thousand languages are refused") {
    std::string header = "type\tname", labels = "text\ta";
    for (int i = 0; i < 900; ++i) {
        header += "\tlabel::L" + std::to_string(i);
        labels += "\tA";
    }
    const auto errors = errors_of_files(header + "\n" + labels + "\n");
    REQUIRE_FALSE(errors.empty());
    CHECK(errors.front().find("100 languages") != std::string::npos);
}

TEST_CASE("groups a hundred thousand deep are refused without recursion") {
    std::string survey = "type\tname\tlabel\n";
    for (int i = 0; i < 100'000; ++i) survey += "begin_group\tg" + std::to_string(i) + "\tG\n";
    survey += "text\ta\tA\n";
    for (int i = 0; i < 100'000; ++i) survey += "end_group\n";
    const auto errors = errors_of_files(survey);
    REQUIRE_FALSE(errors.empty());
    CHECK(errors.size() <= 1001);
}

TEST_CASE("groups that are opened and never closed are told, a bounded number of times") {
    std::string survey = "type\tname\tlabel\n";
    for (int i = 0; i < 100'000; ++i) survey += "begin_repeat\tg\tG\n";
    const auto errors = errors_of_files(survey);
    REQUIRE_FALSE(errors.empty());
    CHECK(errors.size() <= 1001);
}

TEST_CASE("one name a hundred thousand times is told, a bounded number of times") {
    std::string survey = "type\tname\tlabel\n", choices = "list_name\tname\tlabel\n";
    for (int i = 0; i < 100'000; ++i) {
        survey += "text\ta\tA\n";
        choices += "l\tb\tB\n";
    }
    const auto errors = errors_of_files(survey, choices);
    REQUIRE_FALSE(errors.empty());
    CHECK(errors.size() <= 1001);
}

TEST_CASE("an expression of a million parentheses is refused, in a cell of a sheet as by itself") {
    const std::string cell = std::string(60'000, '(') + "1" + std::string(60'000, ')');
    FormFolder folder;
    folder.file("survey.tsv", "type\tname\tlabel\trelevant\ntext\ta\tA\t" + cell + "\n");
    folder.file("settings.tsv", "form_id\nf\n");
    const Findings findings = check_xlsform(folder.path());
    REQUIRE(findings.errors.size() == 1);
    CHECK(to_string(findings.errors.front())
              .starts_with(
                  "form, survey, row 2, column relevant: The expression nests deeper than 200 levels"));

    Form form;
    form.items.resize(1);
    form.items[0].name = "a";
    form.items[0].calculation = std::string(1'000'000, '(');
    const auto compiled = CompiledForm::compile(std::make_shared<const Form>(form));
    REQUIRE_FALSE(compiled);
    CHECK(compiled.error().errors.size() == 1);
}

TEST_CASE("an attribute of many megabytes in a workbook is refused before it is parsed") {
    Xlsx xlsx;
    xlsx.survey = inline_row(1, {"type", "name", "label"}) + "<row r=\"2\" spans=\"" +
                  std::string(20u << 20, '1') + "\"></row>";
    CHECK_FALSE(xlsx.errors().empty());
    xlsx.survey.clear();
    xlsx.parts["xl/workbook.xml"] = "<workbook a=\"" + std::string(300u << 20, 'a') + "\"/>";
    CHECK(xlsx.errors() == Sentences{"form.xlsx: The file unpacks to more than 256 MiB, which no form needs. "
                                     "Remove empty rows and columns that carry only formatting."});
}

TEST_CASE("JSON a million levels deep is no form") {
    CHECK_FALSE(form_from_json(std::string(1'000'000, '[')));
    std::string deep = "{\"items\":";
    for (int i = 0; i < 100'000; ++i) deep += "[{\"children\":";
    CHECK_FALSE(form_from_json(deep));
}
