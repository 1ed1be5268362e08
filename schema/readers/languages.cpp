#include "schema/readers/languages.h"

#include <algorithm>
#include <array>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

// "ru" of "Russian (ru)".
std::string code_of(std::string_view name) {
    if (!name.ends_with(')')) return "";
    const std::size_t open = name.rfind('(');
    if (open == name.npos) return "";
    return collapsed(name.substr(open + 1, name.size() - open - 2));
}

bool holds_text(const Table& table, const Column& column) {
    for (std::size_t i = table.first_row; i < table.sheet->rows.size(); ++i)
        if (!table.sheet->rows[i].at(column.index).empty()) return true;
    return false;
}

bool is_text_column(const Column& column) {
    constexpr std::array<std::string_view, 4> keys = {"label", "hint", "constraint_message",
                                                      "required_message"};
    return column.meaning == Meaning::known && std::find(keys.begin(), keys.end(), column.key) != keys.end();
}

}  // namespace

bool Languages::has(std::string_view name) const {
    return std::any_of(list_.begin(), list_.end(), [&](const Language& each) { return each.name == name; });
}

std::string Languages::name_of(const Column& column) const {
    return column.language.empty() ? unnamed_ : column.language;
}

Languages Languages::find(const Table* survey, const Table* choices, std::string_view default_language,
                          Faults& faults) {
    Languages out;
    const std::array<const Table*, 2> tables = {survey, choices};
    bool any_named = false;
    for (const Table* table : tables) {
        if (!table) continue;
        for (const Column& column : table->columns)
            any_named |= column.key == "label" && !column.language.empty() && holds_text(*table, column);
    }
    if (!default_language.empty())
        out.unnamed_ = default_language;
    else if (any_named)
        out.unnamed_ = "default";  // pyxform's word for it

    for (const Table* table : tables) {
        if (!table) continue;
        for (const Column& column : table->columns) {
            if (column.key != "label" || column.meaning != Meaning::known || !holds_text(*table, column))
                continue;
            const std::string name = out.name_of(column);
            if (out.has(name)) continue;
            out.list_.push_back({name, code_of(name)});
            if (column.language.empty() && any_named && default_language.empty())
                faults.warning(
                    table->sheet->name, table->sheet->rows.front().number, column.header,
                    "The column names no language while others do; its language is called 'default'. "
                    "Write default_language on the settings sheet, or the language into the header.");
        }
    }
    std::vector<std::string> told;
    for (const Table* table : tables) {
        if (!table) continue;
        for (const Column& column : table->columns) {
            const std::string name = out.name_of(column);
            if (!is_text_column(column) || name.empty() || out.has(name)) continue;
            if (std::find(told.begin(), told.end(), name) != told.end()) continue;
            told.push_back(name);
            faults.warning(table->sheet->name, table->sheet->rows.front().number, column.header,
                           "The language " + shown(name) + " has no label anywhere, so it is not offered" +
                               (holds_text(*table, column) ? " and this column is not read." : "."));
        }
    }
    return out;
}

Text Languages::text(const Table& table, const Row& row, std::string_view key) const {
    Text out;
    for (const Column& column : table.columns) {
        if (column.key != key || column.meaning != Meaning::known) continue;
        const std::string_view cell = row.at(column.index);
        if (cell.empty()) continue;
        const std::string name = name_of(column);
        const auto language =
            std::find_if(list_.begin(), list_.end(), [&](const Language& each) { return each.name == name; });
        if (language == list_.end()) continue;
        out.resize(list_.size());
        std::string& slot = out[static_cast<std::size_t>(language - list_.begin())];
        // "label" and "label::English (en)" with that default language: the one that names it wins.
        if (slot.empty() || !column.language.empty()) slot = cell;
    }
    return out;
}

}  // namespace fieldfare::schema::readers
