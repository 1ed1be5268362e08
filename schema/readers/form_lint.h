#pragma once

#include <string_view>
#include <vector>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema::readers {

/// What an author should know of a sound form, as warnings: texts that a language lacks, rows that will not
/// be shown, lists that nothing uses or that only partly have codes. `file` goes into the places.
std::vector<Problem> lint(const Form& form, std::string_view file);

}  // namespace fieldfare::schema::readers
