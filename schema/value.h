#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "schema/document.h"

namespace fieldfare::schema {

/// What an expression gives: one of XPath 1.0's four types. ODK's dates are texts in ISO 8601, which as
/// numbers are days since 1970-01-01.
using Value = std::variant<bool, double, std::string, NodeSet>;

/// number() of a text as ODK understands it: as XPath 1.0 does, and an ISO date or date with time as days.
double number_of_text(std::string_view text);

inline double number_of_boolean(bool value) {
    return value ? 1 : 0;
}
inline std::string text_of_boolean(bool value) {
    return value ? "true" : "false";
}
bool boolean_of_number(double value);  ///< false for 0 and NaN

}  // namespace fieldfare::schema
