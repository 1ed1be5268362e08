#include "schema/readers/settings_sheet.h"

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/readers/names.h"

namespace fieldfare::schema::readers {
namespace {

bool yes_no(const Table& table, const Row& row, std::string_view key, Faults& faults) {
    const auto cell = table.cell(row, key);
    if (cell.empty()) return false;
    const auto value = parse_yes_no(cell);
    if (!value)
        faults.warning(table.name(), row.number, table.header(key),
                       "Write yes or no here, not " + shown(cell) + ". It is taken for no.");
    return value.value_or(false);
}

void read_row(const Table& table, const Row& row, SettingsSheet& out, Faults& faults) {
    Settings& settings = out.settings;
    settings.form_title = table.cell(row, "form_title");
    settings.form_id = collapsed(table.cell(row, "form_id"));
    settings.version = collapsed(table.cell(row, "version"));
    settings.default_language = collapsed(table.cell(row, "default_language"));
    settings.instance_name = plain(table.cell(row, "instance_name"));
    out.default_language_place = {faults.file(), table.name(), row.number, table.header("default_language")};
    out.allow_choice_duplicates = yes_no(table, row, "allow_choice_duplicates", faults);
    out.omit_instance_id = yes_no(table, row, "omit_instanceid", faults);
    if (out.omit_instance_id) settings.odk["omit_instanceid"] = "yes";
    if (out.omit_instance_id && !table.cell(row, "public_key").empty())
        faults.error(table.name(), row.number, table.header("omit_instanceid"),
                     "Where answers are encrypted (public_key), omit_instanceID can't be yes.");
    if (const std::string name = collapsed(table.cell(row, "name")); !name.empty()) {
        settings.root = name;
        if (!is_name(name))
            faults.error(table.name(), row.number, table.header("name"),
                         "The name " + shown(name) + " is not valid. " + std::string(name_rule));
    }
    settings.root_attributes = table.attributes(row, "attribute");
    for (const Column& column : table.columns()) {
        const auto cell = row.at(column.index);
        if (column.meaning == Meaning::setting && !cell.empty()) settings.odk[column.key] = cell;
    }
    if (const auto cell = table.cell(row, "public_key"); !cell.empty()) {
        settings.odk["public_key"] = cell;
        faults.warning(table.name(), row.number, table.header("public_key"),
                       "Answers of a study are always sealed to its recipients: this key is not used there.");
    }
    for (const char* key : {"submission_url", "auto_send", "auto_delete"})
        if (settings.odk.contains(key))
            faults.warning(
                table.name(), row.number, table.header(key),
                "Where and how answers are sent is settled in the study, not in the form: this is not "
                "used there.");
    if (settings.odk.contains("style"))
        faults.warning(table.name(), row.number, table.header("style"),
                       "This does not change how the form looks here: it is not used.");
    settings.extra = table.extras(row);
    if (const auto cell = settings.extra.find("x_withdrawal"); cell != settings.extra.end()) {
        const auto value = parse_yes_no(cell->second);
        if (!value)  // respondents are promised something by it, so nothing is guessed
            faults.error(table.name(), row.number, "x_withdrawal",
                         "Write yes or no here, not " + shown(cell->second) +
                             ": yes gives each respondent a code with which to take the interview back.");
        cell->second = value.value_or(false) ? "yes" : "no";
    }
}

}  // namespace

SettingsSheet read_settings(const Table* table, std::string_view file_stem, Faults& faults) {
    SettingsSheet out;
    const std::string sheet = table ? table->name() : "settings";
    const std::span<const Row> rows = table ? table->rows() : std::span<const Row>();
    const int row = rows.empty() ? 0 : rows.front().number;
    if (!rows.empty()) read_row(*table, rows.front(), out, faults);
    for (std::size_t i = 1; i < rows.size(); ++i)
        faults.warning(sheet, rows[i].number, "",
                       "The settings stand in one row, row " + std::to_string(row) +
                           ", so this one is not read. Move what stands here into it, or remove this row.");
    Settings& settings = out.settings;
    if (settings.form_id.empty()) {
        settings.form_id = collapsed(file_stem);
        faults.warning(sheet, row, "form_id",
                       "The form has no form_id; it is called " + shown(settings.form_id) +
                           " after its file. Give it one that stays when the file is renamed.");
    }
    if (settings.form_id.size() > 200)
        faults.error(sheet, row, "form_id", "The form_id is longer than 200 bytes. Shorten it.");
    if (settings.version.empty())
        faults.warning(
            sheet, row, "version",
            "The form has no version. Give it one and raise it with each change, e.g. 2026112301.");
    if (settings.form_title.empty()) settings.form_title = settings.form_id;
    return out;
}

}  // namespace fieldfare::schema::readers
