#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "schema/expression.h"

namespace fieldfare::schema {

/// Why a text is no expression, and where: a byte offset into it.
struct SyntaxError {
    std::string message;
    std::size_t offset = 0;
};

enum class TokenKind : std::uint8_t {
    number,
    literal,    ///< text without its quotes
    name,       ///< "name", "prefix:name", "prefix:*" or "*"
    function,   ///< a name before "(" that is no node type
    node_type,  ///< comment, text, processing-instruction, node before "("
    axis,       ///< a name before "::"
    reference,  ///< ${name}
    operator_,  ///< one of Operator
    slash,
    double_slash,
    open_parenthesis,
    close_parenthesis,
    open_bracket,
    close_bracket,
    dot,
    two_dots,
    at,
    comma,
    double_colon,
    end,
};

struct Token {
    TokenKind kind = TokenKind::end;
    Operator op = Operator::or_;
    std::string_view text;
    double number = 0;
    std::size_t offset = 0;
};

/// Splits an expression into tokens by the rules of XPath 1.0 section 3.7, ending with one of kind `end`. The
/// tokens' texts point into `source`.
tl::expected<std::vector<Token>, SyntaxError> lex(std::string_view source);

}  // namespace fieldfare::schema
