#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema {

/// The string() of XPath 1.0 section 4.2: whole numbers without a point, others with as few digits as name
/// the double exactly, never an exponent; "NaN", "Infinity", "-Infinity"; both zeros are "0".
std::string number_to_text(double number);

/// The number() of XPath 1.0 section 4.4: optional white space, optional minus, digits with an optional
/// point. Everything else is NaN, exponents and "+" too (as in JavaRosa).
double number_from_text(std::string_view text);

}  // namespace fieldfare::schema
