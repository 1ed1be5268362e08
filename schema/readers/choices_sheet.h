#pragma once

#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"
#include "schema/readers/languages.h"

namespace fieldfare::schema::readers {

enum class ChoiceDuplicates { refused, allowed };

/// The lists in the order in which they first stand; rows of a list need not stand together.
std::vector<ChoiceList> read_choices(const Table& table, Languages& languages, ChoiceDuplicates duplicates,
                                     Faults& faults);

}  // namespace fieldfare::schema::readers
