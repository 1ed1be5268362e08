#include "schema/readers/xlsform.h"

#include <memory>
#include <optional>

#include "schema/readers/cell_text.h"
#include "schema/readers/choices_sheet.h"
#include "schema/readers/columns.h"
#include "schema/readers/entities_items.h"
#include "schema/readers/entities_sheet.h"
#include "schema/readers/faults.h"
#include "schema/readers/instance_file.h"
#include "schema/readers/languages.h"
#include "schema/readers/settings_sheet.h"
#include "schema/readers/survey_finish.h"
#include "schema/readers/survey_sheet.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema {
namespace {

using namespace readers;

// The sheets of a workbook, understood; those that are missing or empty are not there.
struct Tables {
    std::optional<Table> survey, choices, settings, external_choices, entities;
};

std::optional<Table> table_of(const Workbook& workbook, std::string_view name, SheetKind kind,
                              Faults& faults) {
    const Sheet* sheet = workbook.find(name);
    if (!sheet) return std::nullopt;
    return read_table(*sheet, kind, faults);
}

const Table* pointer(const std::optional<Table>& table) {
    return table ? &*table : nullptr;
}

// A sheet that was probably meant to be another: "chioces", "Survey 1". Those with an underscore in front are
// for other things.
std::string similar(const Workbook& workbook, std::string_view wanted) {
    for (const std::string& name : workbook.other_sheets)
        if (!name.starts_with('_') && distance(lower(collapsed(name)), wanted) <= 2)
            return " Is the sheet " + shown(name) + " meant to be it?";
    return "";
}

void check_default_language(Form& form, const SettingsSheet& settings, Languages& languages, Faults& faults) {
    std::string& wanted = form.settings.default_language;
    if (form.languages.empty()) return;
    const Place& place = settings.default_language_place;
    if (wanted.empty()) {
        wanted = form.languages.front().name;
        if (form.languages.size() > 1)
            faults.warning("settings", place.row, "default_language",
                           "The form names no default_language; " + shown(wanted) + ", the first, is taken.");
        return;
    }
    if (languages.has(wanted)) return;
    std::string known;
    for (const Language& language : form.languages)
        known += (known.empty() ? "" : ", ") + shown(language.name);
    faults.warning(place.sheet, place.row, place.column,
                   "No label is in the default language " + shown(wanted) + ". Languages with labels: " +
                       known + ". Write one of them exactly so; until then the first is taken.");
    wanted = form.languages.front().name;
}

void warn_of_misspelt_sheets(const Workbook& workbook, const Tables& tables, Faults& faults) {
    const auto warn = [&](const std::optional<Table>& table, std::string_view name) {
        if (table) return;
        if (const std::string hint = similar(workbook, name); !hint.empty())
            faults.warning("", 0, "", "There is no sheet named " + std::string(name) + "." + hint);
    };
    warn(tables.choices, "choices");
    warn(tables.settings, "settings");
    warn(tables.entities, "entities");
}

void check_all_references(const Tables& tables, const SettingsSheet& settings, const SurveyNotes& notes,
                          Faults& faults) {
    NameCounts names = notes.names;
    if (!settings.omit_instance_id) ++names["instanceID"];
    check_references(*tables.survey, SheetKind::survey, names, faults);
    if (tables.choices) check_references(*tables.choices, SheetKind::choices, names, faults);
    if (tables.settings) check_references(*tables.settings, SheetKind::settings, names, faults);
    if (tables.entities) check_references(*tables.entities, SheetKind::entities, names, faults);
}

// The files that the form names, from where the form lies.
void read_files(Form& form, const std::filesystem::path& folder, Faults& faults) {
    const Attachments attachments = attachments_in(folder);
    for (SecondaryInstance& instance : form.instances) {
        if (instance.source.empty() || instance.source.starts_with("jr://instance/")) continue;
        const auto bytes = attachments(file_name_of_source(instance.source));
        if (!bytes) continue;
        auto read = read_instance(instance.id, instance.source, *bytes);
        if (read) {
            instance = std::move(*read);
            continue;
        }
        for (Problem& problem : read.error().errors)
            faults.not_for_studies("", problem.place.row, "", problem.place.file + ": " + problem.message);
    }
}

Form interpret(const Workbook& workbook, const std::filesystem::path& path, Faults& faults) {
    Form form;
    const std::string file_stem = std::filesystem::path(faults.file()).stem().string();
    Tables tables;
    tables.survey = table_of(workbook, "survey", SheetKind::survey, faults);
    tables.choices = table_of(workbook, "choices", SheetKind::choices, faults);
    tables.settings = table_of(workbook, "settings", SheetKind::settings, faults);
    tables.external_choices = table_of(workbook, "external_choices", SheetKind::external_choices, faults);
    tables.entities = table_of(workbook, "entities", SheetKind::entities, faults);
    const SettingsSheet settings = read_settings(pointer(tables.settings), file_stem, faults);
    form.settings = settings.settings;
    if (!tables.survey || tables.survey->sheet().rows.empty()) {
        faults.error(
            "", 0, "",
            "There is no sheet named survey, which holds the questions." + similar(workbook, "survey"));
        return form;
    }
    warn_of_misspelt_sheets(workbook, tables, faults);
    Languages languages = Languages::find(pointer(tables.survey), pointer(tables.choices),
                                          form.settings.default_language, faults);
    form.languages = languages.list();
    check_default_language(form, settings, languages, faults);
    if (tables.choices)
        form.lists = read_choices(
            *tables.choices, languages,
            settings.allow_choice_duplicates ? ChoiceDuplicates::allowed : ChoiceDuplicates::refused, faults);
    Entities entities(pointer(tables.entities), faults);
    const BesideSurvey beside{settings, pointer(tables.external_choices), similar(workbook, "choices"),
                              similar(workbook, "external_choices")};
    const SurveyNotes notes = read_survey(*tables.survey, languages, beside, entities, form, faults);
    check_all_references(tables, settings, notes, faults);
    entities.finish(notes.files);
    finish_survey(*tables.survey, notes, entities, form, faults);
    add_entities(entities.placed(), form);
    std::string lists;
    for (const std::string& name : entities.names()) lists += (lists.empty() ? "" : " ") + name;
    if (!lists.empty()) form.settings.odk["entities"] = lists;
    if (!faults.any_error())
        read_files(form, std::filesystem::is_directory(path) ? path : path.parent_path(), faults);
    return form;
}

}  // namespace

Result<ReadForm> read_xlsform(const std::filesystem::path& path) {
    Faults faults(file_name_of(path));
    const auto workbook = read_workbook(path, faults);
    ReadForm read;
    if (workbook) read.form = interpret(*workbook, path, faults);
    Findings findings = faults.take();
    if (!findings.errors.empty()) return tl::unexpected(std::move(findings));
    read.warnings = std::move(findings.warnings);
    read.not_for_studies = faults.take_not_for_studies();
    return read;
}

}  // namespace fieldfare::schema
