#pragma once

#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/form.h"
#include "schema/words.h"

namespace fieldfare::schema {

// A form from a table in a test's text, as its author would write it in a spreadsheet:
//
//     | type       | name | label | relevant    |
//     | integer    | age  | Age   |             |
//     | text       | job  | Job   | ${age} > 17 |
//     choices
//     | list_name | name | label |
//     | yn        | yes  | Yes   |
//
// Sheets begin with a line "choices" or "settings"; rows count as in a spreadsheet, 1 being the header. Write
// "\|" for a bar in a cell. This is no reader of real forms: a mistake in a test's table throws.

namespace scenario_form {

using Row = std::map<std::string, std::string>;
struct Sheet {
    std::vector<std::string> header;
    std::vector<std::pair<int, Row>> rows;
};

inline std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r");
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

inline std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> result;
    std::string cell;
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
            cell += line[++i];
        } else if (line[i] == '|') {
            result.push_back(trimmed(cell));
            cell.clear();
        } else {
            cell += line[i];
        }
    }
    return result;
}

inline std::map<std::string, Sheet> sheets(const std::string& table) {
    std::map<std::string, Sheet> result;
    std::string name = "survey";
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        if (line.empty()) continue;
        if (line.front() != '|') {
            name = line;
            continue;
        }
        Sheet& sheet = result[name];
        const auto values = cells(line);
        if (sheet.header.empty()) {
            sheet.header = values;
            continue;
        }
        Row row;
        if (values.size() > sheet.header.size())
            throw std::runtime_error("a row with too many cells: " + line);
        for (std::size_t i = 0; i < values.size(); ++i) row[sheet.header[i]] = values[i];
        sheet.rows.emplace_back(static_cast<int>(sheet.rows.size()) + 2, std::move(row));
    }
    return result;
}

inline void add_languages(const Sheet& sheet, std::vector<Language>& languages) {
    for (const std::string& column : sheet.header) {
        if (!column.starts_with("label")) continue;
        const auto at = column.find("::");
        Language language{at == std::string::npos ? "" : column.substr(at + 2), ""};
        if (const auto open = language.name.find('('); open != std::string::npos)
            language.code = language.name.substr(open + 1, language.name.find(')') - open - 1);
        bool known = false;
        for (const Language& each : languages) known = known || each == language;
        if (!known) languages.push_back(language);
    }
}

inline std::string take(Row& row, const std::string& column) {
    const auto found = row.find(column);
    if (found == row.end()) return "";
    const std::string value = found->second;
    row.erase(found);
    return value;
}

inline Text take_text(Row& row, const std::string& column, const std::vector<Language>& languages) {
    Text text;
    bool any = false;
    for (const Language& language : languages) {
        std::string value = take(row, language.name.empty() ? column : column + "::" + language.name);
        if (value.empty() && languages.size() == 1) value = take(row, column);
        any = any || !value.empty();
        text.push_back(value);
    }
    return any ? text : Text{};
}

inline void set_type(Item& item, const std::string& type) {
    const auto space = type.find(' ');
    const std::string word = type.substr(0, space);
    if (space != std::string::npos) item.list = type.substr(space + 1);
    if (word == "begin_group")
        item.kind = ItemKind::group;
    else if (word == "begin_repeat")
        item.kind = ItemKind::repeat;
    else
        item.type = from_word<QuestionType>(question_type_words, word).value();
}

inline void set_fill(Item& item, const std::string& words) {
    static const std::map<std::string, Fill> fills{
        {"form-version", Fill::form_version},
        {"study", Fill::study},
        {"wave", Fill::wave},
        {"mode", Fill::mode},
        {"language", Fill::language},
        {"random-31-bit", Fill::random_31_bit},
        {"random-arm", Fill::random_arm},
        {"duration-bucket", Fill::duration_bucket},
    };
    std::istringstream in(words);
    std::string word;
    in >> word;
    if (word.empty()) return;
    item.fill = fills.at(word);
    while (in >> word) item.fill_arguments.push_back(word);
}

inline Item item(int number, Row row, const std::vector<Language>& languages) {
    Item result;
    result.row = number;
    set_type(result, take(row, "type"));
    result.name = take(row, "name");
    result.label = take_text(row, "label", languages);
    result.hint = take_text(row, "hint", languages);
    result.constraint_message = take_text(row, "constraint_message", languages);
    result.required_message = take_text(row, "required_message", languages);
    result.relevant = take(row, "relevant");
    result.constraint = take(row, "constraint");
    result.required = take(row, "required");
    result.read_only = take(row, "read_only");
    result.calculation = take(row, "calculation");
    result.default_value = take(row, "default");
    result.choice_filter = take(row, "choice_filter");
    result.repeat_count = take(row, "repeat_count");
    result.appearance = take(row, "appearance");
    const std::string parameters = take(row, "parameters");
    result.randomize = parameters.find("randomize=true") != std::string::npos;
    if (const auto seed = parameters.find("seed="); seed != std::string::npos)
        result.seed = trimmed(parameters.substr(seed + 5));
    set_fill(result, take(row, "x_fill"));
    result.handover = take(row, "x_handover") == "yes";
    result.arm = take(row, "x_arm") == "yes";
    result.extension = take(row, "x_extension");
    if (const std::string length = take(row, "x_max_length"); !length.empty())
        result.max_length = std::stoi(length);
    for (const auto& [column, value] : row) {
        if (value.empty()) continue;
        if (!column.starts_with("x_")) throw std::runtime_error("unknown column " + column);
        result.extra[column] = value;
    }
    return result;
}

inline Choice choice(int number, Row row, const std::vector<Language>& languages) {
    Choice result;
    result.row = number;
    take(row, "list_name");
    result.name = take(row, "name");
    result.label = take_text(row, "label", languages);
    if (const std::string code = take(row, "code"); !code.empty()) result.code = std::stoi(code);
    result.pin = take(row, "pin") == "yes";
    result.exclusive = take(row, "exclusive") == "yes";
    for (const auto& [column, value] : row)
        if (!value.empty()) result.columns[column] = value;
    return result;
}

}  // namespace scenario_form

/// The form of a table. Without a settings sheet its id is "test" and its version "1".
inline Form form_of(const std::string& table) {
    using namespace scenario_form;
    auto sheets_of = sheets(table);
    Form form;
    add_languages(sheets_of["survey"], form.languages);
    add_languages(sheets_of["choices"], form.languages);
    form.settings.form_id = "test";
    form.settings.version = "1";
    if (!form.languages.empty()) form.settings.default_language = form.languages.front().name;
    for (auto& [number, row] : sheets_of["settings"].rows) {
        for (auto& [column, value] : row) {
            if (column == "form_id") form.settings.form_id = value;
            if (column == "version") form.settings.version = value;
            if (column == "default_language") form.settings.default_language = value;
        }
    }
    std::vector<std::vector<Item>> open(1);
    for (auto& [number, row] : sheets_of["survey"].rows) {
        if (row["type"].starts_with("end_")) {
            if (open.size() < 2) throw std::runtime_error("an end without a begin");
            auto children = std::move(open.back());
            open.pop_back();
            open.back().back().children = std::move(children);
            continue;
        }
        open.back().push_back(item(number, row, form.languages));
        if (open.back().back().kind != ItemKind::question) open.emplace_back();
    }
    if (open.size() != 1) throw std::runtime_error("a begin without an end");
    form.items = std::move(open.front());
    for (auto& [number, row] : sheets_of["choices"].rows) {
        const std::string list = row["list_name"];
        if (form.lists.empty() || form.lists.back().name != list) form.lists.push_back({list, {}});
        form.lists.back().choices.push_back(choice(number, row, form.languages));
    }
    return form;
}

}  // namespace fieldfare::schema
