#include "schema/unicode_text.h"

namespace fieldfare::schema {
namespace {

bool continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t length_from_first(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    if (first >= 0xF0 && first < 0xF5) return 4;
    return 0;
}

// Bytes of the code point at the beginning of a text that is not empty; 0 when there is none.
std::size_t valid_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = length_from_first(first);
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!continuation(text[i])) return 0;
    const auto second = length > 1 ? static_cast<unsigned char>(text[1]) : 0;
    if (first == 0xE0 && second < 0xA0) return 0;  // overlong
    if (first == 0xED && second > 0x9F) return 0;  // surrogate
    if (first == 0xF0 && second < 0x90) return 0;  // overlong
    if (first == 0xF4 && second > 0x8F) return 0;  // above U+10FFFF
    return length;
}

}  // namespace

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = valid_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string repaired_utf8(std::string text) {
    if (valid_utf8(text)) return text;
    std::string result;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = valid_length(rest);
        result += length > 0 ? rest.substr(0, length) : "\xEF\xBF\xBD";
        rest.remove_prefix(length > 0 ? length : 1);
    }
    return result;
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += continuation(c) ? 0 : 1;
    return count;
}

std::vector<std::string_view> code_points(std::string_view text) {
    std::vector<std::string_view> result;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        while (end < text.size() && continuation(text[end])) ++end;
        result.push_back(text.substr(i, end - i));
        i = end;
    }
    return result;
}

}  // namespace fieldfare::schema
