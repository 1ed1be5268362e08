#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "client/researcher/console.h"
#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// Reads the words after the program's name, asks for what the verb needs, runs it. `interactive`: `err` is a
/// terminal. Help goes to `out`, what is wrong with the words to `err`. `confine` is Console's. Where
/// `keys_may_be_swapped` says so, `err` has a line of it before the first passphrase is taken.
ExitCode run_command_line(const std::vector<std::string>& words, std::ostream& out, std::ostream& err,
                          bool interactive, const Confine& confine = {},
                          const std::function<bool()>& keys_may_be_swapped = {});

}  // namespace fieldfare::researcher
