#include "schema/readers/languages.h"

#include <algorithm>
#include <set>

#include "schema/readers/cell_text.h"
#include "schema/readers/column_rules.h"
#include "schema/readers/text_expressions.h"

namespace fieldfare::schema::readers {
namespace {

// Each text takes a place for each language.
constexpr std::size_t most_languages = 100;
constexpr std::size_t most_texts = 10'000'000;

// "ru" of "Russian (ru)".
std::string code_of(std::string_view name) {
    if (!name.ends_with(')')) return "";
    const std::size_t open = name.rfind('(');
    if (open == name.npos) return "";
    return collapsed(name.substr(open + 1, name.size() - open - 2));
}

bool is_text_column(const Column& column) {
    return column.meaning == Meaning::known && is_translated(column.key);
}

// Text columns that hold something, by their index in the sheet.
std::set<int> used_columns(const Table& table) {
    std::set<int> used;
    for (const Row& row : table.rows()) {
        for (const Cell& cell : row.cells) {
            const Column* column = table.at(cell.column);
            if (column && is_text_column(*column)) used.insert(cell.column);
        }
    }
    return used;
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
    struct Used {
        const Table* table;
        std::set<int> columns;
    };
    std::vector<Used> sheets;
    for (const Table* table : {survey, choices})
        if (table) sheets.push_back({table, used_columns(*table)});

    // Labels make a language; in a form that has none, every text does.
    const auto any_label = std::any_of(sheets.begin(), sheets.end(), [](const Used& used) {
        return std::any_of(used.columns.begin(), used.columns.end(),
                           [&](int index) { return used.table->at(index)->key == "label"; });
    });
    const auto counts = [&](const Used& used, const Column& column) {
        return used.columns.contains(column.index) && (!any_label || column.key == "label");
    };

    Languages out(faults);
    bool any_named = false;
    for (const Used& used : sheets)
        for (const Column& column : used.table->columns())
            any_named |= !column.language.empty() && counts(used, column);
    if (!default_language.empty())
        out.unnamed_ = default_language;
    else if (any_named)
        out.unnamed_ = "default";  // pyxform's word for it

    for (const Used& used : sheets) {
        for (const Column& column : used.table->columns()) {
            const std::string name = out.name_of(column);
            if (!counts(used, column) || out.has(name)) continue;
            if (out.list_.size() == most_languages) {
                faults.error(used.table->name(), used.table->header_row(), column.header,
                             "The form has more than 100 languages. Remove some.");
                break;
            }
            out.list_.push_back({name, code_of(name)});
            if (column.language.empty() && any_named && default_language.empty())
                faults.warning(
                    used.table->name(), used.table->header_row(), column.header,
                    "The column names no language while others do; its language is called 'default'. "
                    "Write default_language on the settings sheet, or the language into the header.");
        }
    }
    std::set<std::string> told;
    for (const Used& used : sheets) {
        for (const Column& column : used.table->columns()) {
            const std::string name = out.name_of(column);
            // Without a language it belongs to all of them.
            if (!is_text_column(column) || column.language.empty() || out.has(name) ||
                !told.insert(name).second)
                continue;
            faults.warning(used.table->name(), used.table->header_row(), column.header,
                           "The language " + shown(name) + " has no label anywhere, so it is not offered" +
                               (used.columns.contains(column.index) ? " and this column is not read." : "."));
        }
    }
    return out;
}

Text Languages::text(const Table& table, const Row& row, std::string_view key) {
    Text out;
    std::string_view for_all;  // of a column without a language in a form whose labels have one
    for (std::size_t i : table.all(key)) {
        const Column& column = table.columns()[i];
        const std::string_view cell = row.at(column.index);
        if (cell.empty()) continue;
        const std::string name = name_of(column);
        const auto language =
            std::find_if(list_.begin(), list_.end(), [&](const Language& each) { return each.name == name; });
        if (language == list_.end()) {
            if (column.language.empty()) for_all = cell;
            continue;
        }
        if (out.empty()) {
            texts_ += list_.size();
            if (texts_ > most_texts) {
                if (texts_ - list_.size() <= most_texts)
                    faults_->error(
                        table.name(), row.number, column.header,
                        "The form has more than 10,000,000 texts in all its languages, which is too many.");
                return {};
            }
            out.resize(list_.size());
        }
        std::string& slot = out[static_cast<std::size_t>(language - list_.begin())];
        // "label" and "label::English (en)" with that default language: the one that names it wins.
        if (slot.empty() || !column.language.empty())
            slot = key.starts_with("media::") ? std::string(cell) : with_expressions(cell);
    }
    if (for_all.empty()) return out;
    texts_ += out.empty() ? list_.size() : 0;
    out.resize(list_.size());
    for (std::string& slot : out)
        if (slot.empty())
            slot = key.starts_with("media::") ? std::string(for_all) : with_expressions(for_all);
    return out;
}

}  // namespace fieldfare::schema::readers
