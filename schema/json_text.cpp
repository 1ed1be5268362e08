#include "schema/json_text.h"

#include <algorithm>
#include <cstdio>

namespace fieldfare::schema {

void JsonText::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (!out_.empty() && out_.back() != '{' && out_.back() != '[') out_ += ',';
}

void JsonText::open(char bracket) {
    separate();
    out_ += bracket;
}

void JsonText::close(char bracket) {
    out_ += bracket;
}

void JsonText::key(std::string_view name) {
    string(name);
    out_ += ':';
    after_key_ = true;
}

void JsonText::string(std::string_view text) {
    separate();
    out_ += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\n':
                out_ += "\\n";
                break;
            case '\r':
                out_ += "\\r";
                break;
            case '\t':
                out_ += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    char escape[8];
                    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
                    out_ += escape;
                } else {
                    out_ += c;
                }
        }
    }
    out_ += '"';
}

void JsonText::number(long long value) {
    separate();
    out_ += std::to_string(value);
}

void JsonText::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
}

std::size_t json_depth(std::string_view text) {
    std::size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

}  // namespace fieldfare::schema
