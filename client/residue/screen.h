#pragma once

#include "client/residue/finding.h"
#include "client/residue/variables.h"

namespace fieldfare::residue {

/// Which of the two window systems the program's window library was built for.
enum class WindowLibrary { x11, wayland };

/// Who can see the window and the keys, from the session that the environment tells of.
Finding judge_screen(const Variables& variables, WindowLibrary library);

/// Where what is typed passes before it reaches the program: input methods may remember words.
Finding judge_input_method(const Variables& variables, const std::vector<std::string>& running);

}  // namespace fieldfare::residue
