#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "client/researcher/console.h"
#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// Reads the words after the program's name, asks for what the verb needs, runs it. `interactive`: `err` is a
/// terminal. Help goes to `out`, what is wrong with the words to `err`. `confine` is Console's.
ExitCode run_command_line(const std::vector<std::string>& words, std::ostream& out, std::ostream& err,
                          bool interactive, const Confine& confine = {});

}  // namespace fieldfare::researcher
