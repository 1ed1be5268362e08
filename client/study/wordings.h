#pragma once

#include <string>

#include "client/study/roster.h"
#include "client/study/study_package.h"

namespace fieldfare::study {

// One English sentence or two for a person: what is wrong, whose fault it is, what to do. No file name (the
// program puts it in front), nothing of a form or an answer.

std::string sentence(PackageError error);
std::string sentence(RosterError error);

}  // namespace fieldfare::study
