#pragma once

#include <string>
#include <string_view>

#include "schema/form.h"

namespace fieldfare::researcher {

/// What a text given to a question becomes before it is its answer, as in ODK Web Forms: a whole number of an
/// integer question is cut towards zero, a day loses its time, places are written in one way; "" where the
/// question's data type can't hold it, or where it lies outside a range.
std::string cast(const schema::Item& question, std::string_view text);

}  // namespace fieldfare::researcher
