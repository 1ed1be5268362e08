#include "client/researcher/csv_row.h"

#include <algorithm>

namespace fieldfare::researcher {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

std::string csv_field(std::string_view text) {
    const bool quote = !text.empty() && (text.find_first_of(",\"\r\n") != std::string_view::npos ||
                                         is_space(text.front()) || is_space(text.back()));
    if (!quote) return std::string(text);
    std::string field = "\"";
    for (const char c : text) {
        if (c == '"') field += '"';
        field += c;
    }
    return field + '"';
}

std::string guarded(std::string_view text) {
    // https://owasp.org/www-community/attacks/CSV_Injection: whatever looks like a formula at the beginning
    // of a cell, and a cell may begin at any ";", tab or line end where the spreadsheet separates by these.
    std::string safe;
    bool begins = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool formula = std::string_view("=+-@").find(c) != std::string_view::npos;
        if (begins && (formula || (i == 0 && (c == '\t' || c == '\r')))) safe += '\'';
        safe += c;
        const bool separates = std::string_view(";\t\r\n").find(c) != std::string_view::npos;
        begins = separates || (begins && i > 0 && (c == ' ' || c == '"'));
    }
    return safe;
}

bool is_plain_number(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    bool digit_before = false, point = false;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digit_before = true;
        } else if (c == '.' && digit_before && !point) {
            point = true;
            digit_before = false;
        } else {
            return false;
        }
    }
    return digit_before;
}

bool is_plain_numbers(std::string_view text) {
    bool any = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" ;"), text.size());
        if (end > 0 && !is_plain_number(text.substr(0, end))) return false;
        any = any || end > 0;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return any;
}

}  // namespace fieldfare::researcher
