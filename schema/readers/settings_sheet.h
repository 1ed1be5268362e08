#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"

namespace fieldfare::schema::readers {

struct SettingsSheet {
    Settings settings;
    bool allow_choice_duplicates = false;
    bool omit_instance_id = false;
    Place default_language_place;  ///< for what can only be said when the languages are known
};

/// The settings, from the first row below the header; `table` may be nullptr (no such sheet).
/// `file_stem` stands in for a form_id that is not given.
SettingsSheet read_settings(const Table* table, std::string_view file_stem, Faults& faults);

}  // namespace fieldfare::schema::readers
