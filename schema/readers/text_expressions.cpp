#include "schema/readers/text_expressions.h"

#include <algorithm>

namespace fieldfare::schema::readers {
namespace {

constexpr std::string_view call = "instance";

bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':' || c == '@' || c == '*' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t after_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] == ' ') ++at;
    return at;
}

constexpr std::size_t longest_bracket = 10'000;

/// Behind the bracket that closes the one at `at`; npos when none does soon. Quoted texts hold no brackets.
std::size_t after_brackets(std::string_view text, std::size_t at) {
    text = text.substr(0, at + longest_bracket);
    std::size_t open = 0;
    char quote = 0;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(' || c == '[') {
            ++open;
        } else if ((c == ')' || c == ']') && --open == 0) {
            return at + 1;
        }
    }
    return std::string_view::npos;
}

/// Behind the path that begins with instance(…) at `at`; `at` itself when there is none.
std::size_t after_path(std::string_view text, std::size_t at) {
    const std::size_t bracket = after_blanks(text, at + call.size());
    if (bracket >= text.size() || text[bracket] != '(') return at;
    std::size_t end = after_brackets(text, bracket);
    bool steps = false;
    while (end < text.size()) {
        if (text[end] == '/' && end + 1 < text.size() && (in_name(text[end + 1]) || text[end + 1] == '/')) {
            while (end < text.size() && text[end] == '/') ++end;
            while (end < text.size() && in_name(text[end])) ++end;
            steps = true;
        } else if (steps && text[end] == '[') {
            end = after_brackets(text, end);
        } else {
            break;
        }
    }
    if (end == std::string_view::npos || !steps) return at;
    // The full stop behind it ends the sentence.
    while (text[end - 1] == '.' || text[end - 1] == ':') --end;
    return end;
}

}  // namespace

std::string with_expressions(std::string_view text) {
    if (text.find(call) == std::string_view::npos) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        if (text.substr(at, 2) == "${") {
            end = std::min(text.find('}', at), text.size() - 1) + 1;
            out += text.substr(at, end - at);
        } else if (text.substr(at, call.size()) == call && (at == 0 || !in_name(text[at - 1])) &&
                   (end = after_path(text, at)) != at) {
            out.append("${").append(text.substr(at, end - at)).append("}");
        } else {
            end = at + 1;
            out += text[at];
        }
        at = end;
    }
    return out;
}

}  // namespace fieldfare::schema::readers
