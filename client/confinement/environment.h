#pragma once

#include <span>
#include <string_view>

namespace fieldfare::confinement {

/// A variable that a program keeps, and what its value may be.
struct KeptVariable {
    enum class Value {
        word,  ///< without '/': a library that makes a name of a file with it ends among its own files
        zone,  ///< of time (tzset(3)): no file but those of the system
        any
    };
    std::string_view name;  ///< one that ends with '*' stands for all that begin so
    Value value = Value::word;
};

/// Empties the environment but for these. Libraries obey variables that no person remembers having set: where
/// to write keys of TLS, which configuration to load, through which proxy to go. What is kept is named, so
/// that those of libraries to come are gone as well; and one whose value is not of its kind is gone, too.
///
/// At the start of a program, before there is a second thread. The dynamic loader has read LD_PRELOAD and the
/// like before any program can act: `fieldfare --residue-report` tells of them.
void keep_variables(std::span<const KeptVariable> variables);

}  // namespace fieldfare::confinement
