#include "client/researcher/json_text.h"

#include <nlohmann/json.hpp>

namespace fieldfare::researcher {

bool nests_too_deep(std::string_view json) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (quoted && c == '\\') ++i;
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if ((c == '[' || c == '{') && ++depth > 100) return true;
        if (c == ']' || c == '}') --depth;
    }
    return false;
}

std::string json_string(std::string_view text) {
    return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_array(std::span<const std::string> json_values) {
    std::string list = "[";
    for (const std::string& value : json_values) list += (list.size() > 1 ? "," : "") + value;
    return list + "]";
}

std::string json_strings(std::span<const std::string> texts) {
    std::string list = "[";
    for (const std::string& text : texts) list += (list.size() > 1 ? "," : "") + json_string(text);
    return list + "]";
}

JsonObject& JsonObject::put(std::string_view key, std::string_view text) {
    return put_json(key, json_string(text));
}

JsonObject& JsonObject::put_json(std::string_view key, std::string_view json) {
    if (!members_.empty()) members_ += ',';
    members_ += json_string(key) + ":";
    members_ += json;
    return *this;
}

}  // namespace fieldfare::researcher
