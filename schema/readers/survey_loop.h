#pragma once

#include <vector>

#include "schema/form.h"

namespace fieldfare::schema::readers {

/// What a loop over a list stands for, as in pyxform: for each choice a group with the choice's name and
/// label, and in it the loop's rows, with %(name)s and %(label)s replaced. The choice "none" is left out.
std::vector<Item> unrolled(const Item& loop, const ChoiceList& list);

}  // namespace fieldfare::schema::readers
