#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace fieldfare::fuzz {

/// The same JSON with keys sorted and no white space; "" for what is none, or nests too deep to be written.
inline std::string canonical_json(std::string_view bytes) {
    int depth = 0;
    for (const char c : bytes) {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (depth > 1000) return {};
    }
    const auto json = nlohmann::json::parse(bytes, nullptr, false);
    if (json.is_discarded()) return {};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace fieldfare::fuzz
