#include "schema/readers/columns.h"

#include <algorithm>
#include <map>
#include <set>

#include "schema/readers/cell_text.h"
#include "schema/readers/column_rules.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t most_headers = 1000;

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

Column unknown_column(Column column, SheetKind kind, std::string_view name) {
    column.meaning = Meaning::unknown;
    column.key = collapsed(column.header);
    column.advice = "This column is not known, so it is not read. ";
    if (const auto nearest = nearest_column(kind, name); !nearest.empty()) {
        column.near = true;
        column.advice += "Is it meant to be " + std::string(nearest) + "?";
    } else {
        column.advice += "Begin its name with x_ to keep it with the form, or remove it.";
    }
    return column;
}

// A column of which nothing is known but its first name.
Column other_column(Column column, SheetKind kind, const std::vector<std::string>& way) {
    const std::string& first = way.front();
    if (const auto why = why_ignored(kind, first)) {
        column.meaning = Meaning::ignored;
        column.key = collapsed(column.header);
        column.advice = *why;
        return column;
    }
    const bool group = kind == SheetKind::survey
                           ? first == "bind" || first == "control" || first == "instance"
                           : kind == SheetKind::settings && first == "attribute";
    if (group && way.size() > 1) {
        column.meaning = Meaning::attribute;
        column.key = first;
        column.name = way[1];
        if (way.size() > 2) column.language = way[2];
        return column;
    }
    if (first == "media" && way.size() > 1 && kind != SheetKind::settings) {
        column.meaning = Meaning::refused;
        column.key = collapsed(column.header);
        column.advice =
            "There is no medium " + shown(way[1]) + ". Media are image, big-image, audio and video.";
        return column;
    }
    if (kind == SheetKind::settings && is_kept_setting(first)) {
        column.meaning = Meaning::setting;
        column.key = first;
        return column;
    }
    if (kind == SheetKind::entities) {
        column.meaning = Meaning::refused;
        column.key = collapsed(column.header);
        column.advice =
            "The sheet entities has no such column. It has list_name, label, entity_id, create_if and "
            "update_if.";
        return column;
    }
    const std::string header = collapsed(column.header);
    if (kind == SheetKind::choices || kind == SheetKind::external_choices) {
        column.key = header;  // as written: choice_filter names it
        column.meaning = Meaning::extra;
        if (header.find(' ') == header.npos) return column;
        column.meaning = Meaning::ignored;
        column.advice =
            "A column's name with spaces can't stand in a choice_filter, so this column is not read. Write "
            "underscores.";
        return column;
    }
    if (first.starts_with("x_")) {
        column.key = header;
        column.meaning = Meaning::extra;
        return column;
    }
    return unknown_column(std::move(column), kind, first);
}

Column understand(int index, const std::string& header, SheetKind kind, std::string_view delimiter) {
    Column column{index, trimmed(header), "", "", Meaning::known, "", "", false};
    std::vector<std::string> tokens = tokens_of(plain(header), delimiter);
    // "jr:count" and its like hold the old delimiter in their name.
    for (std::size_t i = 0; delimiter == ":" && i + 1 < tokens.size(); ++i) {
        if (lower(tokens[i]) != "jr") continue;
        tokens[i] = "jr:" + tokens[i + 1];
        tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    }
    std::vector<std::string> way = column_behind(kind, snake(tokens[0]));
    way.insert(way.end(), tokens.begin() + 1, tokens.end());
    const auto known = known_column(kind, way);
    if (!known || (known->key == "media" && way.size() > 1))
        return other_column(std::move(column), kind, way);
    column.key = known->key;
    if (way.size() == known->names) return column;
    if (is_translated(known->key)) {
        column.language = way[known->names];
        return column;
    }
    column.meaning = Meaning::refused;
    column.advice = "This column has no translations. Write one column " + column.key + ".";
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
            if (column && column->advice.empty()) continue;
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
        if (column->meaning == Meaning::refused)
            faults.error(table.name(), use.first, column->header, std::move(message));
        else if (column->near)
            faults.not_for_studies(table.name(), use.first, column->header, std::move(message));
        else
            faults.warning(table.name(), use.first, column->header, std::move(message));
    }
}

}  // namespace

void Table::add(Column column) {
    const auto index = static_cast<std::size_t>(column.index);
    if (by_index_.size() <= index) by_index_.resize(index + 1, -1);
    by_index_[index] = static_cast<int>(columns_.size());
    if (column.meaning == Meaning::known || column.meaning == Meaning::setting)
        known_[column.key].push_back(columns_.size());
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

std::vector<Attribute> Table::attributes(const Row& row, std::string_view key) const {
    std::vector<Attribute> out;
    for (const Cell& cell : row.cells) {
        const Column* column = at(cell.column);
        if (!column || column->meaning != Meaning::attribute || column->key != key) continue;
        const bool twice = std::any_of(out.begin(), out.end(),
                                       [&](const Attribute& each) { return each.name == column->name; });
        if (!twice) out.push_back({column->name, cell.text});
    }
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
        const std::string full =
            column.meaning == Meaning::attribute ? column.key + "::" + column.name : column.key;
        const auto [other, fresh] = seen.emplace(std::pair(full, column.language), &cell);
        if (!fresh) {
            const std::string both = "The columns " + column_letters(other->second->column) + " (" +
                                     shown(other->second->text) + ") and " + column_letters(cell.column) +
                                     " (" + shown(cell.text) + ") mean the same. ";
            // Both have been common in one sheet for long; pyxform takes the one, too.
            if (kind == SheetKind::settings && column.key == "form_id")
                faults.warning(sheet.name, header.number, column.header,
                               both + "Only the first is read; remove one of them.");
            else
                faults.error(sheet.name, header.number, column.header,
                             both + "Rename or remove one of them.");
            column.key.clear();  // has a header, but nothing looks for it
            column.name.clear();
            column.advice.clear();
            column.meaning = Meaning::known;
        }
        table.add(std::move(column));
    }
    tell_unused(table, faults);
    return table;
}

}  // namespace fieldfare::schema::readers
