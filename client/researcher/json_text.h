#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fieldfare::researcher {

/// One JSON object on one line, keys in the order in which they are put: what --json prints. Bytes that are
/// not UTF-8 become U+FFFD, so that it always parses.
class JsonObject {
  public:
    JsonObject& put(std::string_view key, std::string_view text);
    JsonObject& put(std::string_view key, const char* text) { return put(key, std::string_view(text)); }
    JsonObject& put(std::string_view key, const std::string& text) {
        return put(key, std::string_view(text));
    }
    JsonObject& put(std::string_view key, bool value) { return put_json(key, value ? "true" : "false"); }
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) JsonObject& put(std::string_view key, Number number) {
        return put_json(key, std::to_string(number));
    }
    JsonObject& put(std::string_view key, const JsonObject& object) { return put_json(key, object.text()); }

    /// `json` is JSON already.
    JsonObject& put_json(std::string_view key, std::string_view json);

    std::string text() const { return "{" + members_ + "}"; }

  private:
    std::string members_;
};

/// Whether arrays and objects nest over 100 deep. What writes or copies read JSON again recurses as deep.
bool nests_too_deep(std::string_view json);

std::string json_string(std::string_view text);
std::string json_array(std::span<const std::string> json_values);  ///< of values that are JSON already
std::string json_strings(std::span<const std::string> texts);      ///< of texts

}  // namespace fieldfare::researcher
