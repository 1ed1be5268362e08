#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

// A test that can't be done says so and returns; nothing else may look like a test that passed. Where
// FIELDFARE_NO_SKIPS=1 stands in the environment it fails instead, unless it is the machine
// that forbids it. ctest knows a test that was skipped by "skipped: ", so a failure must not say that.

namespace fieldfare::test {

/// For what can be put right: a package that client/setup --tests installs, or rights that root has.
inline void skipped(const std::string& why) {
    const char* none = std::getenv("FIELDFARE_NO_SKIPS");
    if (none != nullptr && *none == '1') FAIL("nothing may be skipped here: " << why);
    MESSAGE("skipped: " << why);
}

/// For what a kernel has not got, or a container forbids even to root: Landlock, namespaces, mounts.
inline void skipped_on_this_machine(const std::string& why) {
    MESSAGE("skipped: " << why);
}

}  // namespace fieldfare::test

namespace fieldfare::tests {

using test::skipped;
using test::skipped_on_this_machine;

}  // namespace fieldfare::tests
