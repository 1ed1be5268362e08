#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "schema/form.h"

namespace fieldfare::schema::readers {

// What single cells say, apart from where they stand.

/// "yes", "TRUE", "true()" …: as pyxform has them. Nothing for anything else.
std::optional<bool> parse_yes_no(std::string_view cell);

/// A required or read_only cell as an expression: yes is "true()", no is "", others stay.
std::string parse_condition(std::string_view cell);

/// A cell that becomes an attribute of the bind: yes is "true()", no is "false()", others stay as
/// expressions.
std::string parse_expression(std::string_view cell);

/// What is wrong with an expression's brackets and quotes, "" when each has its partner. An expression that
/// fails here is none to any program; all else is the compiler's.
std::string bracket_fault(std::string_view expression);

/// A whole number that an int holds, a trailing ".0" allowed. Nothing for anything else.
std::optional<int> parse_whole_number(std::string_view cell);

struct FillCell {
    Fill fill = Fill::none;
    std::vector<std::string> arguments;
};
/// "random-arm control treat". Refused, with the sentence: unknown words, too few or too many arguments.
tl::expected<FillCell, std::string> parse_fill(std::string_view cell);

/// A default as it is kept: an expression (it names a question or calls a function) made plain, a value as
/// typed, curly quotes included. CompiledForm tells the one from the other by the same rule.
std::string parse_default(std::string_view cell);

/// Words between white space.
std::vector<std::string> words_of(std::string_view cell);

}  // namespace fieldfare::schema::readers
