#include "schema/number_text.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace fieldfare::schema {

std::string number_to_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    if (number == 0) return "0";
    if (std::abs(number) < 1e15 && number == std::trunc(number)) {
        char digits[20];
        const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<long long>(number));
        return std::string(digits, end.ptr);
    }
    char digits[400];  // the longest are the smallest: 0. and 323 zeros before at most 17 digits
    const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
    return std::string(digits, end.ptr);
}

double number_from_text(std::string_view text) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    if (text.empty()) return nan;
    bool digits = false, point = false;
    long long whole = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            digits = true;
            if (text.size() <= 15) whole = whole * 10 + (c - '0');
        } else if (c == '.' && !point) {
            point = true;
        } else {
            return nan;
        }
    }
    if (!digits) return nan;
    double number = 0;
    if (text.size() <= 15 && !point) {
        number = static_cast<double>(whole);
    } else if (std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed).ec ==
               std::errc::result_out_of_range) {
        // Out of range means too large, or too small when the part before the point is all zeros.
        number =
            text.find_first_of("123456789") < text.find('.') ? std::numeric_limits<double>::infinity() : 0;
    }
    return negative ? -number : number;
}

}  // namespace fieldfare::schema
