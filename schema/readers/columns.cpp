#include "schema/readers/columns.h"

#include <map>
#include <set>

#include "schema/readers/cell_text.h"
#include "schema/readers/column_rules.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t most_headers = 1000;

bool may_have_language(std::string_view key) {
    return key == "label" || key == "hint" || key == "constraint_message" || key == "required_message";
}

std::vector<std::string> tokens_of(std::string_view header, std::string_view delimiter) {
    std::vector<std::string> tokens;
    for (;;) {
        const std::size_t found = header.find(delimiter);
        tokens.push_back(collapsed(header.substr(0, found)));
        if (found == header.npos) return tokens;
        header.remove_prefix(found + delimiter.size());
    }
}

std::string snake(std::string_view text) {
    std::string out = lower(collapsed(text));
    for (char& c : out)
        if (c == ' ') c = '_';
    return out;
}

std::string key_of(std::string_view token, SheetKind kind) {
    return std::string(column_behind(kind, snake(token)));
}

std::string unknown_advice(const Column& column, SheetKind kind) {
    std::string advice = "This column is not known. ";
    if (const auto nearest = nearest_column(kind, column.key); !nearest.empty())
        return advice + "Is it meant to be " + std::string(nearest) + "?";
    return advice + "Begin its name with x_ to keep it, or remove it.";
}

Column understand(int index, const std::string& header, SheetKind kind, std::string_view delimiter) {
    Column column{index, trimmed(header), "", "", Meaning::known, ""};
    std::vector<std::string> tokens = tokens_of(plain(header), delimiter);
    // "jr:count" and its like hold the old delimiter in their name.
    for (std::size_t i = 0; delimiter == ":" && i + 1 < tokens.size(); ++i) {
        if (lower(tokens[i]) != "jr") continue;
        tokens[i] = "jr:" + tokens[i + 1];
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    column.key = key_of(tokens[0], kind);
    const std::string prefix = column.key;
    if (kind == SheetKind::survey && tokens.size() > 1 && (prefix == "bind" || prefix == "control")) {
        // "bind::relevant" is relevant, "bind::jr:constraintMsg::French (fr)" a translated
        // constraint_message.
        const std::string inner = key_of(tokens[1], kind);
        if (is_known_column(kind, inner)) {
            column.key = inner;
            tokens.erase(tokens.begin());
        }
    }
    if (tokens.size() == 2 && may_have_language(column.key)) {
        column.language = tokens[1];
        return column;
    }
    if (const auto why = why_refused(kind, column.key)) {
        column.meaning = Meaning::refused;
        column.advice = *why;
        if (tokens.size() > 1) column.key = collapsed(header);
        return column;
    }
    if (const auto why = why_ignored(kind, column.key)) {
        column.meaning = Meaning::ignored;
        column.advice = *why;
        if (tokens.size() > 1) column.key = collapsed(header);
        return column;
    }
    if (tokens.size() == 1 && is_known_column(kind, column.key)) return column;
    if (column.key.starts_with("x_") || kind == SheetKind::choices) {
        column.meaning = Meaning::extra;
        column.key = collapsed(header);  // as written: choice_filter names it
        return column;
    }
    column.meaning = Meaning::refused;
    column.advice = tokens.size() > 1 && is_known_column(kind, column.key)
                        ? "This column has no translations. Write one column " + column.key + "."
                        : unknown_advice(column, kind);
    column.key = collapsed(header);
    return column;
}

// Each column that is not read is told once, at the first row that holds something there.
void tell_unused(const Table& table, Faults& faults) {
    struct Uses {
        int first = 0, others = 0;
    };
    std::map<int, Uses> uses;
    for (const Row& row : table.rows()) {
        for (const Cell& cell : row.cells) {
            const Column* column = table.at(cell.column);
            if (column && (column->meaning == Meaning::known || column->meaning == Meaning::extra)) continue;
            Uses& use = uses[cell.column];
            if (use.first == 0)
                use.first = row.number;
            else
                ++use.others;
        }
    }
    for (const auto& [index, use] : uses) {
        const Column* column = table.at(index);
        if (!column) {
            faults.warning(
                table.name(), use.first, column_letters(index),
                "This column has no header, so it is not read. Give it one, beginning with x_, or clear it.");
            continue;
        }
        std::string message = column->advice;
        if (use.others > 0) message += " (" + std::to_string(use.others) + " more rows use it.)";
        if (column->meaning == Meaning::refused) {
            faults.error(table.name(), use.first, column->header, std::move(message));
        } else {
            faults.warning(table.name(), use.first, column->header, std::move(message));
        }
    }
}

}  // namespace

void Table::add(Column column) {
    const auto index = static_cast<std::size_t>(column.index);
    if (by_index_.size() <= index) by_index_.resize(index + 1, -1);
    by_index_[index] = static_cast<int>(columns_.size());
    if (column.meaning == Meaning::known) known_[column.key].push_back(columns_.size());
    columns_.push_back(std::move(column));
}

std::span<const Row> Table::rows() const {
    const std::span<const Row> all(sheet_->rows);
    return all.empty() ? all : all.subspan(1);
}

const Column* Table::at(int index) const {
    const auto place = static_cast<std::size_t>(index);
    return place < by_index_.size() && by_index_[place] >= 0
               ? &columns_[static_cast<std::size_t>(by_index_[place])]
               : nullptr;
}

std::span<const std::size_t> Table::all(std::string_view key) const {
    const auto found = known_.find(key);
    return found == known_.end() ? std::span<const std::size_t>() : found->second;
}

const Column* Table::find(std::string_view key) const {
    const auto found = all(key);
    return found.empty() ? nullptr : &columns_[found.front()];
}

std::string_view Table::cell(const Row& row, std::string_view key) const {
    const Column* column = find(key);
    return column ? row.at(column->index) : std::string_view();
}

std::string Table::header(std::string_view key) const {
    const Column* column = find(key);
    return column ? column->header : std::string(key);
}

std::map<std::string, std::string> Table::extras(const Row& row) const {
    std::map<std::string, std::string> out;
    for (const Cell& cell : row.cells)
        if (const Column* column = at(cell.column); column && column->meaning == Meaning::extra)
            out[column->key] = cell.text;
    return out;
}

Table read_table(const Sheet& sheet, SheetKind kind, Faults& faults) {
    Table table(sheet);
    if (sheet.rows.empty()) return table;
    const Row& header = sheet.rows.front();
    if (header.cells.size() > most_headers) {
        faults.error(
            sheet.name, header.number, "",
            "The sheet has more than 1,000 columns, which no form needs. Remove what does not belong to it.");
        return table;
    }
    std::string_view delimiter = ":";
    for (const Cell& cell : header.cells)
        if (cell.text.find("::") != std::string::npos) delimiter = "::";
    std::map<std::pair<std::string, std::string>, const Cell*> seen;
    for (const Cell& cell : header.cells) {
        if (cell.text.size() > 1000) {
            faults.error(
                sheet.name, header.number, column_letters(cell.column),
                "The header is longer than 1,000 bytes. The first row holds the names of the columns.");
            continue;
        }
        Column column = understand(cell.column, cell.text, kind, delimiter);
        const auto [other, fresh] = seen.emplace(std::pair(column.key, column.language), &cell);
        if (!fresh) {
            faults.error(sheet.name, header.number, column.header,
                         "The columns " + column_letters(other->second->column) + " (" +
                             shown(other->second->text) + ") and " + column_letters(cell.column) + " (" +
                             shown(cell.text) + ") mean the same. Rename or remove one of them.");
            column.key.clear();  // has a header, but nothing looks for it
            column.meaning = Meaning::known;
        }
        table.add(std::move(column));
    }
    tell_unused(table, faults);
    return table;
}

}  // namespace fieldfare::schema::readers
