#pragma once

// What the targets for stores of the web read first: a line with an address, and one of settings.

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace fieldfare::fuzz {

/// Takes the first line off.
inline std::string_view take_line(std::string_view& text) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

/// "name=value name=value".
inline std::map<std::string, std::string> settings_of(std::string_view line) {
    std::map<std::string, std::string> settings;
    while (!line.empty()) {
        const auto one = line.substr(0, line.find(' '));
        line.remove_prefix(std::min(one.size() + 1, line.size()));
        const auto equals = one.find('=');
        if (equals != std::string_view::npos)
            settings[std::string(one.substr(0, equals))] = one.substr(equals + 1);
    }
    return settings;
}

}  // namespace fieldfare::fuzz
