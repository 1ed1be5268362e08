#pragma once

#include <span>
#include <string_view>

namespace fieldfare::confinement {

/// Empties the environment but for these names; one that ends with '*' stands for all that begin so.
/// Libraries obey variables that no person remembers having set: where to write keys of TLS, which
/// configuration to load, through which proxy to go. What is kept is named, so that those of libraries to
/// come are gone as well.
///
/// At the start of a program, before there is a second thread. The dynamic loader has read LD_PRELOAD and the
/// like before any program can act: `fieldfare --residue-report` tells of them.
void keep_variables(std::span<const std::string_view> names);

}  // namespace fieldfare::confinement
