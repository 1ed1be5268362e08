#pragma once

#include <map>
#include <string>
#include <vector>

#include "client/residue/finding.h"

namespace fieldfare::residue {

/// The environment that the program was started with.
using Variables = std::map<std::string, std::string>;

/// Of `environ`, before anything is taken out of it.
Variables read_variables(const char* const* environment);

/// The value, or "" when it is not set.
std::string value_of(const Variables& variables, const std::string& name);

/// Variables by which libraries load code of others, write files or go another way. Those that only what is
/// loaded with the program obeys are bad, or a look; of those that the program drops before any library looks
/// some are named, for whoever finds them set.
std::vector<Finding> judge_variables(const Variables& variables);

}  // namespace fieldfare::residue
