#include "schema/readers/settings_sheet.h"

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"

namespace fieldfare::schema::readers {
namespace {

void read_row(const Table& table, const Row& row, SettingsSheet& out, Faults& faults) {
    Settings& settings = out.settings;
    settings.form_title = table.cell(row, "form_title");
    settings.form_id = collapsed(table.cell(row, "form_id"));
    settings.version = collapsed(table.cell(row, "version"));
    settings.default_language = collapsed(table.cell(row, "default_language"));
    settings.instance_name = plain(table.cell(row, "instance_name"));
    out.default_language_place = {faults.file(), table.name(), row.number, table.header("default_language")};
    if (const auto cell = table.cell(row, "allow_choice_duplicates"); !cell.empty()) {
        const auto allowed = parse_yes_no(cell);
        if (!allowed)
            faults.error(table.name(), row.number, table.header("allow_choice_duplicates"),
                         "Write yes or no here, not " + shown(cell) + ".");
        out.allow_choice_duplicates = allowed.value_or(false);
    }
    settings.extra = table.extras(row);
    for (const auto& [key, text] : settings.extra)
        if (lower(key) == "x_forbid_metadata") out.forbidden_metadata = words_of(lower(text));
}

}  // namespace

SettingsSheet read_settings(const Table* table, std::string_view file_stem, Faults& faults) {
    SettingsSheet out;
    const std::string sheet = table ? table->name() : "settings";
    const std::span<const Row> rows = table ? table->rows() : std::span<const Row>();
    const int row = rows.empty() ? 0 : rows.front().number;
    if (!rows.empty()) read_row(*table, rows.front(), out, faults);
    for (std::size_t i = 1; i < rows.size(); ++i)
        faults.error(sheet, rows[i].number, "",
                     "The settings stand in one row, row " + std::to_string(row) +
                         ". Move what stands here into it, or remove this row.");
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
