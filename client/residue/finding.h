#pragma once

#include <string>

namespace fieldfare::residue {

/// good: nothing to do. look: somebody should decide. bad: what is typed may be kept or seen, or the profile
/// is not the person's alone. unknown: it can't be told from here, and the sentence says so.
enum class Verdict { good, look, bad, unknown };

/// One line of the report.
struct Finding {
    std::string about;  ///< its name, for programs: "swap", "screen"; never changed once it is there
    Verdict verdict = Verdict::unknown;
    std::string what;   ///< one sentence of how it is
    std::string to_do;  ///< one sentence of what to do; empty when good or unknown

    bool operator==(const Finding&) const = default;
};

}  // namespace fieldfare::residue
