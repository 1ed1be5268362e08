#pragma once

#include <stdlib.h>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/study_rules.h"
#include "schema/readers/xlsform.h"

/// Shows a failed list of sentences line by line.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
    static doctest::String convert(const std::vector<std::string>& lines) {
        std::string out = "\n";
        for (const std::string& line : lines) out += "  " + line + "\n";
        return out.c_str();
    }
};

// Words of the tests of the form readers. A sheet is written as lines of cells with "|" between them:
//     read_form("type | name | label\n"
//               "text | city | City")
namespace fieldfare::schema::test {

/// A folder of its own, named "form", gone at the end of the test.
class FormFolder {
  public:
    FormFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "fieldfare-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        root_ = pattern;
        std::filesystem::create_directory(path());
    }
    ~FormFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    FormFolder(const FormFolder&) = delete;
    FormFolder& operator=(const FormFolder&) = delete;

    std::filesystem::path path() const { return root_ / "form"; }

    /// Writes a file of exactly these bytes into the folder.
    std::filesystem::path file(const std::string& name, std::string_view bytes) const {
        const auto at = path() / name;
        std::ofstream(at, std::ios::binary) << bytes;
        return at;
    }

  private:
    std::filesystem::path root_;
};

/// Lines of cells with "|" between them as CSV, every cell quoted. "\n" inside a cell is written "\\n".
inline std::string csv_of(std::string_view lines) {
    std::string csv;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        for (;;) {
            const std::size_t bar = std::min(line.find('|'), line.size());
            std::string_view cell = line.substr(0, bar);
            while (cell.starts_with(' ')) cell.remove_prefix(1);
            while (cell.ends_with(' ')) cell.remove_suffix(1);
            csv += '"';
            for (char c : cell) csv += c == '"' ? std::string("\"\"") : std::string(1, c);
            csv += '"';
            if (bar == line.size()) break;
            csv += ',';
            line.remove_prefix(bar + 1);
        }
        csv += '\n';
    }
    return csv;
}

/// The three sheets of a form; where settings are not the matter of a test it has sound ones.
struct Sheets {
    std::string survey;
    std::string choices = {};
    std::string settings = "form_title | form_id | version\nTest | test | 1";
};

inline Result<ReadForm> read(const Sheets& sheets) {
    FormFolder folder;
    folder.file("survey.csv", csv_of(sheets.survey));
    if (!sheets.choices.empty()) folder.file("choices.csv", csv_of(sheets.choices));
    if (!sheets.settings.empty()) folder.file("settings.csv", csv_of(sheets.settings));
    return read_xlsform(folder.path());
}

inline std::vector<std::string> sentences(const std::vector<Problem>& problems) {
    std::vector<std::string> out;
    for (const Problem& problem : problems) out.push_back(to_string(problem));
    return out;
}

/// All errors of a form as sentences; none for a form that is taken.
inline std::vector<std::string> errors_of(const Sheets& sheets) {
    const auto read_form = read(sheets);
    return read_form ? std::vector<std::string>{} : sentences(read_form.error().errors);
}

inline std::vector<std::string> warnings_of(const Sheets& sheets) {
    const auto read_form = read(sheets);
    return sentences(read_form ? read_form->warnings : read_form.error().warnings);
}

/// Why a study can't be built with the form, which must be valid otherwise.
inline std::vector<std::string> study_faults_of(const Sheets& sheets) {
    const auto read_form = read(sheets);
    REQUIRE_MESSAGE(read_form, "the form is refused");
    std::vector<std::string> out = sentences(read_form->not_for_studies);
    for (const Problem& problem : readers::study_faults(read_form->form, "form"))
        out.push_back(to_string(problem));
    return out;
}

/// The form, which must be taken.
inline Form form_of(const Sheets& sheets) {
    auto read_form = read(sheets);
    if (!read_form) FAIL(to_string(read_form.error().errors.front()));
    return std::move(read_form->form);
}

/// The item of that name, wherever it stands.
inline const Item* find_item(const std::vector<Item>& items, std::string_view name) {
    for (const Item& item : items) {
        if (item.name == name) return &item;
        if (const Item* inside = find_item(item.children, name)) return inside;
    }
    return nullptr;
}

inline const Item& item_of(const Form& form, std::string_view name) {
    const Item* item = find_item(form.items, name);
    REQUIRE_MESSAGE(item, "no item ", name);
    return *item;
}

}  // namespace fieldfare::schema::test
