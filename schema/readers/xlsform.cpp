#include "schema/readers/xlsform.h"

#include <array>
#include <memory>
#include <optional>

#include "schema/readers/cell_text.h"
#include "schema/readers/choices_sheet.h"
#include "schema/readers/columns.h"
#include "schema/readers/faults.h"
#include "schema/readers/languages.h"
#include "schema/readers/settings_sheet.h"
#include "schema/readers/survey_sheet.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema {
namespace {

using namespace readers;

std::optional<Table> table_of(const Workbook& workbook, std::string_view name, SheetKind kind,
                              Faults& faults) {
    const Sheet* sheet = workbook.find(name);
    if (!sheet) return std::nullopt;
    return read_table(*sheet, kind, faults);
}

// A sheet that was probably meant to be another: "chioces", "Survey 1".
std::string similar(const Workbook& workbook, std::string_view wanted) {
    for (const std::string& name : workbook.other_sheets)
        if (distance(lower(collapsed(name)), wanted) <= 2)
            return " Is the sheet " + shown(name) + " meant to be it?";
    return "";
}

void check_default_language(Form& form, const SettingsSheet& settings, Languages& languages, Faults& faults) {
    std::string& wanted = form.settings.default_language;
    if (form.languages.empty()) return;
    if (wanted.empty()) {
        wanted = form.languages.front().name;
        if (form.languages.size() > 1)
            faults.warning("settings", settings.default_language_place.row, "default_language",
                           "The form names no default_language; " + shown(wanted) + ", the first, is taken.");
        return;
    }
    if (languages.has(wanted)) return;
    std::string known;
    for (const Language& language : form.languages)
        known += (known.empty() ? "" : ", ") + shown(language.name);
    faults.error(settings.default_language_place.sheet, settings.default_language_place.row,
                 settings.default_language_place.column,
                 "No label is in the default language " + shown(wanted) +
                     ". Languages with labels: " + known + ". Write one of them exactly so.");
}

Form interpret(const Workbook& workbook, std::string_view file_stem, Faults& faults) {
    Form form;
    for (std::string_view refused : {"external_choices", "entities", "osm"}) {
        const Sheet* sheet = workbook.find(refused);
        if (sheet && sheet->rows.size() > 1)
            faults.error(sheet->name, 0, "", "This sheet is not supported. Remove it, or clear its rows.");
    }
    const auto survey = table_of(workbook, "survey", SheetKind::survey, faults);
    const auto choices = table_of(workbook, "choices", SheetKind::choices, faults);
    const auto settings_table = table_of(workbook, "settings", SheetKind::settings, faults);
    const SettingsSheet settings =
        read_settings(settings_table ? &*settings_table : nullptr, file_stem, faults);
    form.settings = settings.settings;
    if (!survey) {
        faults.error(
            "", 0, "",
            "There is no sheet named survey, which holds the questions." + similar(workbook, "survey"));
        return form;
    }
    if (!choices) {
        if (const std::string hint = similar(workbook, "choices"); !hint.empty())
            faults.warning("", 0, "", "There is no sheet named choices." + hint);
    }
    Languages languages =
        Languages::find(&*survey, choices ? &*choices : nullptr, form.settings.default_language, faults);
    form.languages = languages.list();
    check_default_language(form, settings, languages, faults);
    if (choices)
        form.lists = read_choices(
            *choices, languages,
            settings.allow_choice_duplicates ? ChoiceDuplicates::allowed : ChoiceDuplicates::refused, faults);
    form.items = read_survey(*survey, languages, form.lists, settings, faults);
    return form;
}

}  // namespace

Result<ReadForm> read_xlsform(const std::filesystem::path& path) {
    Faults faults(file_name_of(path));
    const auto workbook = read_workbook(path, faults);
    ReadForm read;
    if (workbook)
        read.form = interpret(*workbook, std::filesystem::path(faults.file()).stem().string(), faults);
    Findings findings = faults.take();
    if (!findings.errors.empty()) return tl::unexpected(std::move(findings));
    read.warnings = std::move(findings.warnings);
    return read;
}

}  // namespace fieldfare::schema
