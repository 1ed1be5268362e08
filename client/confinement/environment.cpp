#include "client/confinement/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace fieldfare::confinement {

void keep_variables(std::span<const std::string_view> names) {
    const auto is_kept = [&](std::string_view variable) {
        return std::ranges::any_of(names, [&](std::string_view name) {
            return name.ends_with('*') ? variable.starts_with(name.substr(0, name.size() - 1))
                                       : variable == name;
        });
    };
    std::vector<std::pair<std::string, std::string>> kept;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto end = text.find('=');
        if (end != text.npos && is_kept(text.substr(0, end)))
            kept.emplace_back(text.substr(0, end), text.substr(end + 1));
    }
    ::clearenv();
    for (const auto& [name, value] : kept) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace fieldfare::confinement
