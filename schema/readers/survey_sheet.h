#pragma once

#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"
#include "schema/readers/languages.h"
#include "schema/readers/settings_sheet.h"

namespace fieldfare::schema::readers {

/// Groups in groups deeper than this are refused: canonical JSON ends at 512 levels, and each group takes
/// two.
inline constexpr std::size_t deepest_group = 200;

/// The rows of the survey sheet as a tree. `lists` is what the choices sheet holds.
std::vector<Item> read_survey(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                              const SettingsSheet& settings, Faults& faults);

}  // namespace fieldfare::schema::readers
