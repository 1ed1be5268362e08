#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "client/study/study_package.h"
#include "tests/support/journey.h"
#include "tests/support/walker.h"

// Words of the tests that fill in a study's form in the real window and look at what the researcher gets.
namespace fieldfare::tests {

inline schema::Form form_of(const Researcher& researcher) {
    const std::string bytes = read_text(researcher.study());
    const auto package = study::StudyPackage::open(crypto::bytes_of(bytes));
    REQUIRE(package);
    return package->form();
}

inline AppWindow::Start in_profile(const Researcher& researcher, const std::filesystem::path& study) {
    return {.probe = std::filesystem::path(FIELDFARE_BINARY_DIR) / "bin/fieldfare_probe",
            .profile = researcher.folder() / "profile",
            .study = study,
            .environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}};  // Mesa's own leaks are not ours
}

/// The label of home's button that goes on with a draft; empty when there is none.
inline std::string resume_button(const AppWindow& window) {
    for (const ScreenWidget& widget : window.widgets()) {
        if (widget.role == "button" && widget.label.starts_with("Go on with the interview of"))
            return widget.label;
    }
    return {};
}

/// Every answer below, by question name, in document order.
inline void collect(const nlohmann::json& tree, std::map<std::string, std::deque<std::string>>& by_name) {
    for (const auto& [name, value] : tree.items()) {
        if (value.is_object()) {
            collect(value, by_name);
        } else if (value.is_array() && !value.empty() && value.front().is_object()) {
            for (const nlohmann::json& instance : value) collect(instance, by_name);
        } else if (value.is_array()) {
            std::string names;
            for (const nlohmann::json& one : value)
                names += (names.empty() ? "" : " ") + one.get<std::string>();
            by_name[name].push_back(names);
        } else {
            by_name[name].push_back(value.is_string() ? value.get<std::string>() : value.dump());
        }
    }
}

}  // namespace fieldfare::tests
