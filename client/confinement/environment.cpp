#include "client/confinement/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace fieldfare::confinement {
namespace {

bool is_zone(std::string_view value) {
    if (value.starts_with(':')) value.remove_prefix(1);
    if (value.find("..") != value.npos) return false;
    return !value.starts_with('/') || value.starts_with("/usr/share/zoneinfo/") || value == "/etc/localtime";
}

bool is_of(KeptVariable::Value kind, std::string_view value) {
    switch (kind) {
        case KeptVariable::Value::word:
            return value.find('/') == value.npos;
        case KeptVariable::Value::zone:
            return is_zone(value);
        case KeptVariable::Value::any:
            return true;
    }
    return false;
}

}  // namespace

void keep_variables(std::span<const KeptVariable> variables) {
    const auto is_kept = [&](std::string_view variable, std::string_view value) {
        return std::ranges::any_of(variables, [&](const KeptVariable& kept) {
            const std::string_view name = kept.name;
            const bool named = name.ends_with('*') ? variable.starts_with(name.substr(0, name.size() - 1))
                                                   : variable == name;
            return named && is_of(kept.value, value);
        });
    };
    std::vector<std::pair<std::string, std::string>> kept;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto end = text.find('=');
        if (end == text.npos) continue;
        const auto variable = text.substr(0, end), value = text.substr(end + 1);
        if (is_kept(variable, value)) kept.emplace_back(variable, value);
    }
    ::clearenv();
    for (const auto& [name, value] : kept) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace fieldfare::confinement
