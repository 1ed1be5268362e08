#pragma once

#include <string>
#include <tl/expected.hpp>

namespace fieldfare::researcher {

/// What the program tells the shell.
enum class ExitCode : int {
    fine = 0,          ///< done, nothing to look at
    findings = 1,      ///< done, and something needs a look: a refused batch, a gap, a form with errors
    usage = 2,         ///< asked in a way that has no meaning
    could_not = 3,     ///< not done; nothing was left half-written
    unknown_code = 4,  ///< withdraw: noted, and a code is that of no submission that opens here
};

/// Why something could not be done: one sentence for the researcher that says whose fault it is and what to
/// do, without any answer, key or passphrase in it.
struct Failure {
    std::string sentence;
    ExitCode code = ExitCode::could_not;
};

template <typename T>
using Result = tl::expected<T, Failure>;

inline tl::unexpected<Failure> could_not(std::string sentence) {
    return tl::unexpected(Failure{std::move(sentence), ExitCode::could_not});
}

inline tl::unexpected<Failure> wrong_usage(std::string sentence) {
    return tl::unexpected(Failure{std::move(sentence), ExitCode::usage});
}

}  // namespace fieldfare::researcher
