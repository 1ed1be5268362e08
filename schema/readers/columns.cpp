#include "schema/readers/columns.h"

#include <map>
#include <optional>
#include <set>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

using Aliases = std::map<std::string_view, std::string_view>;
constexpr std::size_t most_headers = 1000;

using Advice = std::map<std::string_view, std::string_view>;

// Column names after lower-casing and spaces to underscores. The aliases are those of pyxform (aliases.py).
const Aliases& aliases(SheetKind kind) {
    static const Aliases survey = {
        {"caption", "label"},
        {"command", "type"},
        {"tag", "name"},
        {"value", "name"},
        {"relevance", "relevant"},
        {"calculate", "calculation"},
        {"readonly", "read_only"},
        {"constraining_message", "constraint_message"},
        {"jr:constraintmsg", "constraint_message"},
        {"requiredmsg", "required_message"},
        {"jr:requiredmsg", "required_message"},
        {"count", "repeat_count"},
        {"jr:count", "repeat_count"},
        {"big-image", "image"},
        {"big_image", "image"},
        {"noapperrorstring", "no_app_error_string"},
        {"body", "control"},
    };
    static const Aliases choices = {
        {"caption", "label"},   {"value", "name"},     {"big-image", "image"},
        {"big_image", "image"}, {"list", "list_name"},
    };
    static const Aliases settings = {
        {"title", "form_title"},
        {"set_form_title", "form_title"},
        {"id_string", "form_id"},
        {"set_form_id", "form_id"},
    };
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

const std::set<std::string_view>& known(SheetKind kind) {
    static const std::set<std::string_view> survey = {
        "type",       "name",     "label",       "hint",         "constraint_message", "required_message",
        "relevant",   "required", "constraint",  "calculation",  "choice_filter",      "read_only",
        "appearance", "default",  "parameters",  "disabled",     "repeat_count",       "x_fill",
        "x_handover", "x_arm",    "x_extension", "x_max_length",
    };
    static const std::set<std::string_view> choices = {"list_name", "name", "label",
                                                       "code",      "pin",  "exclusive"};
    static const std::set<std::string_view> settings = {
        "form_title", "form_id", "version", "default_language", "instance_name", "allow_choice_duplicates"};
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

constexpr std::string_view no_media =
    "Pictures, sound and video in a form are not supported yet. Say it in the label, and remove the column.";

const Advice& refusals(SheetKind kind) {
    static const Advice survey = {
        {"trigger",
         "Triggers are not supported yet. Use a calculation that names the question, and remove the column."},
        {"image", no_media},
        {"audio", no_media},
        {"video", no_media},
        {"media", no_media},
        {"autoplay", no_media},
        {"instance", "Attributes of the instance (instance::) are not supported. Remove the column."},
        {"bind",
         "This attribute of the bind (bind::) is not supported. Use the column of XLSForm that says the "
         "same."},
        {"control", "This attribute of the control (body::) is not supported. Use the column appearance."},
        {"guidance_hint",
         "Guidance hints are not supported yet. Put the text into hint, or rename the column to x_guidance."},
        {"save_to", "Entities are not supported. Remove the column."},
        {"list_name", "Name the list in the column type (select_one LIST), and remove this column."},
        {"no_app_error_string", "Other apps are not called. Remove the column."},
        {"intent", "Other apps are not called. Remove the column."},
    };
    static const Advice choices = {
        {"image", no_media}, {"audio", no_media}, {"video", no_media}, {"media", no_media}};
    static const Advice settings = {};
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

const Advice& ignored(SheetKind kind) {
    constexpr std::string_view sending =
        "Where and how answers are sent is settled in the study, not in the form: this is not used.";
    constexpr std::string_view no_sms = "Answers are never sent by SMS: this is not used.";
    constexpr std::string_view looks = "This does not change how the form looks here: it is not used.";
    constexpr std::string_view xml = "This only matters to the XML of other tools: it is not used.";
    static const Advice survey = {
        {"rows", looks},
        {"compact_tag", no_sms},
        {"sms_field", no_sms},
        {"sms_option", no_sms},
        {"sms_separator", no_sms},
        {"sms_allow_media", no_sms},
        {"sms_date_format", no_sms},
        {"sms_datetime_format", no_sms},
        {"sms_response", no_sms},
    };
    static const Advice choices = {};
    static const Advice settings = {
        {"public_key", "Answers are always sealed to the study's recipients: this key is not used."},
        {"submission_url", sending},
        {"auto_send", sending},
        {"auto_delete", sending},
        {"style", looks},
        {"name", xml},
        {"namespaces", xml},
        {"attribute", xml},
        {"instance_xmlns", xml},
        {"instance_id", xml},
        {"omit_instanceid", xml},
        {"client_editable", xml},
        {"clean_text_values", xml},
        {"prefix", no_sms},
        {"delimiter", no_sms},
        {"sms_keyword", no_sms},
        {"sms_separator", no_sms},
        {"sms_allow_media", no_sms},
        {"sms_date_format", no_sms},
        {"sms_datetime_format", no_sms},
        {"sms_response", no_sms},
    };
    switch (kind) {
        case SheetKind::survey:
            return survey;
        case SheetKind::choices:
            return choices;
        case SheetKind::settings:
            return settings;
    }
    return survey;
}

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
    const std::string key = snake(token);
    const auto alias = aliases(kind).find(key);
    return alias == aliases(kind).end() ? key : std::string(alias->second);
}

std::string unknown_advice(const Column& column, SheetKind kind) {
    std::string advice = "This column is not known. ";
    for (std::string_view name : known(kind))
        if (name.size() > 3 && distance(column.key, name) <= 2)
            return advice + "Is it meant to be " + std::string(name) + "?";
    return advice + "Begin its name with x_ to keep it, or remove it.";
}

Column understand(int index, const std::string& header, SheetKind kind, std::string_view delimiter) {
    Column column{index, trimmed(header), "", "", Meaning::known, ""};
    std::vector<std::string> tokens = tokens_of(plain(header), delimiter);
    // "jr:count" and its like hold the old delimiter in their name.
    if (delimiter == ":" && tokens.size() > 1 && lower(tokens[0]) == "jr") {
        tokens[1] = "jr:" + tokens[1];
        tokens.erase(tokens.begin());
    }
    column.key = key_of(tokens[0], kind);
    const std::string prefix = column.key;
    if (kind == SheetKind::survey && tokens.size() > 1 && (prefix == "bind" || prefix == "control")) {
        // "bind::relevant" is relevant, "bind::jr:constraintMsg::French (fr)" a translated
        // constraint_message.
        const std::string inner = key_of(tokens[1], kind);
        if (known(kind).contains(inner)) {
            column.key = inner;
            tokens.erase(tokens.begin());
        }
    }
    if (tokens.size() == 2 && may_have_language(column.key)) {
        column.language = tokens[1];
        return column;
    }
    if (const auto refusal = refusals(kind).find(column.key); refusal != refusals(kind).end()) {
        column.meaning = Meaning::refused;
        column.advice = refusal->second;
        if (tokens.size() > 1) column.key = collapsed(header);
        return column;
    }
    if (const auto rule = ignored(kind).find(column.key); rule != ignored(kind).end()) {
        column.meaning = Meaning::ignored;
        column.advice = rule->second;
        if (tokens.size() > 1) column.key = collapsed(header);
        return column;
    }
    if (tokens.size() == 1 && known(kind).contains(column.key)) return column;
    if (column.key.starts_with("x_") || kind == SheetKind::choices) {
        column.meaning = Meaning::extra;
        column.key = collapsed(header);  // as written: choice_filter names it
        return column;
    }
    column.meaning = Meaning::refused;
    column.advice = tokens.size() > 1 && known(kind).contains(column.key)
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
