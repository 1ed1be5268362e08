#pragma once

#include <string_view>
#include <vector>

#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::schema::readers {

/// Why a study can't be built with a sound form: questions that the form app doesn't ask, rows that could
/// tell who answered, when or where, files that are not there. `form check` shows it as warnings, `study
/// build` stops at it. What the app learns to ask is a line less in the tables of study_rules.cpp.
std::vector<Problem> study_faults(const Form& form, std::string_view file);

}  // namespace fieldfare::schema::readers
