#include <doctest/doctest.h>

#include <random>
#include <sstream>

#include "tests/support/reader_xlsx.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

const std::filesystem::path questionnaire =
    std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/questionnaire";

/// Changes, drops, doubles or moves pieces of a text, the same way for the same seed.
class Vandal {
  public:
    explicit Vandal(unsigned seed) : random_(seed) {}

    std::string spoil(std::string bytes) {
        for (int blow = below(6); blow >= 0 && !bytes.empty(); --blow) {
            const std::size_t at = index(bytes.size());
            const std::size_t length = std::min(bytes.size() - at, index(40));
            switch (below(5)) {
                case 0:
                    bytes[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    bytes.erase(at, length);
                    break;
                case 2:
                    bytes.insert(at, bytes.substr(at, length));
                    break;
                case 3:
                    bytes.insert(at, pieces[index(std::size(pieces))]);
                    break;
                case 4:
                    bytes.resize(at);
                    break;
            }
        }
        return bytes;
    }

  private:
    static constexpr const char* pieces[] = {
        "\t",           "\n",        "\"",          "${",         "}",
        "::",           "<",         ">",           "&#0;",       "<row>",
        "<c r=\"A1\">", "<![CDATA[", "<!--",        "<!DOCTYPE",  "\xEF\xBB\xBF",
        "\xC0\x80",     "r=\"-1\"",  "begin_group", "end_repeat", "99999999999999999999",
        "_xFFFF_",      "_x0000_"};

    std::size_t index(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }
    int below(int bound) { return static_cast<int>(index(static_cast<std::size_t>(bound))); }

    std::mt19937 random_;
};

/// Each refusal says something, of this file.
void check_sound(const Result<ReadForm>& read_form) {
    if (read_form) return;
    CHECK_FALSE(read_form.error().errors.empty());
    for (const Problem& problem : read_form.error().errors) {
        CHECK_FALSE(problem.message.empty());
        CHECK_FALSE(problem.place.file.empty());
    }
}

}  // namespace

TEST_CASE("spoilt .tsv sheets are read or refused in sentences") {
    const std::string survey = bytes_of(questionnaire / "survey.tsv");
    const std::string choices = bytes_of(questionnaire / "choices.tsv");
    for (unsigned seed = 0; seed < 300; ++seed) {
        CAPTURE(seed);
        Vandal vandal(seed);
        FormFolder folder;
        folder.file("survey.tsv", vandal.spoil(survey));
        folder.file("choices.tsv", vandal.spoil(choices));
        folder.file("settings.tsv", vandal.spoil(bytes_of(questionnaire / "settings.tsv")));
        check_sound(read_xlsform(folder.path()));
    }
}

TEST_CASE("workbooks of spoilt XML are read or refused in sentences") {
    Xlsx xlsx;
    xlsx.survey = inline_row(1, {"type", "name", "label", "relevant"}) +
                  inline_row(2, {"select_one l", "q", "Q", "1 = 1"}) +
                  "<row r=\"3\"><c r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\" t=\"s\"><v>1</v></c><c r=\"C3\" "
                  "s=\"1\"><v>46349.5</v></c></row>";
    xlsx.choices = inline_row(1, {"list_name", "name", "label"}) + inline_row(2, {"l", "a", "A"});
    xlsx.strings = "<si><t>text</t></si><si><r><t>r</t></r><r><t>s</t></r></si>";
    xlsx.styles =
        "<numFmts><numFmt numFmtId=\"170\" formatCode=\"[Red]dd\\.mm&quot;x&quot;\"/></numFmts><cellXfs><xf "
        "numFmtId=\"0\"/><xf numFmtId=\"170\"/></cellXfs>";
    CHECK(xlsx.form().items.size() == 2);
    FormFolder folder;
    for (unsigned seed = 0; seed < 1000; ++seed) {
        CAPTURE(seed);
        Vandal vandal(seed);
        Xlsx spoilt = xlsx;
        std::string* const parts[] = {&spoilt.survey, &spoilt.choices, &spoilt.strings, &spoilt.styles};
        std::string& part = *parts[seed % 4];
        part = vandal.spoil(part);
        check_sound(read_xlsform(spoilt.write(folder)));
    }
}

TEST_CASE("a choice list of hundreds of thousands and as many faults are read in one go") {
    std::string survey = "type\tname\tlabel\n", choices = "list_name\tname\tlabel\n";
    for (int i = 0; i < 100'000; ++i) {
        survey += "select_multiple nothing" + std::to_string(i) + "\tq" + std::to_string(i) + "\tQ\n";
        choices += "l" + std::to_string(i) + "\ta b\tA\n";
    }
    FormFolder folder;
    folder.file("survey.tsv", survey);
    folder.file("choices.tsv", choices);
    const auto read_form = read_xlsform(folder.path());
    REQUIRE_FALSE(read_form);
    CHECK(read_form.error().errors.size() == 1001);
}

TEST_CASE("an .xls of any bytes is refused in a sentence, whatever the library makes of it") {
    FormFolder folder;
    const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    std::mt19937 random(7);
    for (int i = 0; i < 20; ++i) {
        std::string bytes = ole + std::string(512 * static_cast<std::size_t>(i), '\0');
        for (std::size_t at = ole.size(); at < bytes.size(); at += 1 + random() % 40)
            bytes[at] = static_cast<char>(random() % 256);
        const auto read_form = read_xlsform(folder.file("form.xls", bytes));
        REQUIRE_FALSE(read_form);
        CHECK(read_form.error().errors.size() == 1);
        check_sound(read_form);
    }
}

TEST_CASE("a loop in loops that stands for millions of rows is refused") {
    std::string survey = "type\tname\tlabel\n", choices = "list_name\tname\tlabel\n";
    for (int i = 0; i < 1000; ++i) choices += "l\tc" + std::to_string(i) + "\tC\n";
    for (int i = 0; i < 10; ++i) survey += "begin_loop over l\tg" + std::to_string(i) + "\tG\n";
    survey += "text\tq\tQ\n";
    for (int i = 0; i < 10; ++i) survey += "end_loop\n";
    FormFolder folder;
    folder.file("survey.tsv", survey);
    folder.file("choices.tsv", choices);
    const auto read_form = read_xlsform(folder.path());
    REQUIRE_FALSE(read_form);
    CHECK(read_form.error().errors.front().message ==
          "The loops of the form stand for more than 200,000 rows. Use a repeat instead.");
}
