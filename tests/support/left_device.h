#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"
#include "tests/support/window.h"

namespace fieldfare::tests {

/// A device on which somebody has sealed two interviews and gone away.
struct LeftDevice {
    std::filesystem::path form = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
    Researcher researcher{form};
    std::filesystem::path profile = researcher.folder() / "profile";
    std::vector<std::string> sealed;

    enum class WhenDestroyed { keeps, removes };
    explicit LeftDevice(WhenDestroyed rule = WhenDestroyed::keeps) {
        if (rule == WhenDestroyed::removes) researcher.removes_when_destroyed(form);
        Person person(profile);
        person.first_run(researcher.study());
        for (const std::uint64_t seed : {31, 32}) {
            person.begin();
            person.set_language("en");
            person.fill({.seed = seed, .says = "By the late ferry"});
            person.finalise();
        }
        sealed = person.sealed;
    }

    std::vector<std::string> words() const {
        return {(std::filesystem::path(FIELDFARE_BINARY_DIR) / "bin/fieldfare").string(), "--sync-only",
                "--profile", profile.string()};
    }
    /// `fieldfare --sync-only` on it.
    int sync_only(std::string* said, const std::vector<std::string>& more = {}) const {
        auto all = words();
        all.insert(all.end(), more.begin(), more.end());
        return run_program(all, said);
    }
};

}  // namespace fieldfare::tests
