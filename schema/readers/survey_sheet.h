#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"
#include "schema/readers/entities_sheet.h"
#include "schema/readers/languages.h"
#include "schema/readers/references.h"
#include "schema/readers/settings_sheet.h"

namespace fieldfare::schema::readers {

/// Groups in groups deeper than this are refused: canonical JSON ends at 512 levels, and each group takes
/// two.
inline constexpr std::size_t deepest_group = 200;

/// What the rows say of one another; finish_survey works it out once all of them are read.
struct SurveyNotes {
    struct Target {
        std::string name;
        int row = 0;
        std::string header;
    };
    struct Instance {
        std::string id, source;
        int row = 0;
        bool of_row = false;  ///< a row csv-external or xml-external, of which the form has one a name
    };

    NameCounts names;                                  ///< of the survey sheet
    std::set<std::string> questions;                   ///< those of them that are questions
    std::map<int, std::vector<std::string>> triggers;  ///< by row: the questions that the row waits for
    std::map<int, std::string> choices_from;           ///< by row of a select: the question of a repeat
    std::vector<Instance> instances;                   ///< in the order of their rows
    std::vector<Target> geometries;                    ///< what reference-geometry names
    std::set<std::string> files;                       ///< ids of the instances that rows or selects read
};

/// The sheets beside the survey that its rows refer to.
struct BesideSurvey {
    const SettingsSheet& settings;
    const Table* external_choices = nullptr;
    std::string no_choices_hint, no_external_choices_hint;  ///< " Is the sheet … meant to be it?"
};

/// The rows of the survey sheet as a tree, into form.items. form.lists holds the choices sheet and takes
/// what or_other adds; settings that stand on the survey sheet go into form.settings.
SurveyNotes read_survey(const Table& table, Languages& languages, const BesideSurvey& beside,
                        Entities& entities, Form& form, Faults& faults);

}  // namespace fieldfare::schema::readers
