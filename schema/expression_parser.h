#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>

#include "schema/expression.h"
#include "schema/expression_lexer.h"
#include "schema/text_hash.h"

namespace fieldfare::schema {

/// Deepest nesting of parentheses, arguments and predicates in one expression. Chains of operators of any
/// length do not nest. What evaluates an Ast may recurse by this depth.
inline constexpr int max_expression_depth = 200;

/// Longest expression, in bytes.
inline constexpr std::size_t max_expression_bytes = std::size_t{1} << 20;

/// What becomes of calls of functions that do not exist, or with arguments that they do not take.
enum class BadCalls {
    refused,  ///< the expression is refused, with the place
    kept,     ///< the expression is read; who evaluates the call hears of it (World::complain)
};

/// Parses the expressions of one form into one Ast. A refused expression leaves nothing that anything refers
/// to.
class ExpressionParser {
  public:
    explicit ExpressionParser(Ast& ast) : ast_(ast) {}

    /// Refuses what is not XPath 1.0 with ODK's ${name}, unknown functions and axes, wrong numbers of
    /// arguments, and nesting deeper than max_expression_depth. References are not resolved here.
    tl::expected<ExpressionId, SyntaxError> parse(std::string_view source,
                                                  BadCalls bad_calls = BadCalls::refused);

    /// The index of a text in Ast::strings; equal texts share one.
    std::uint32_t intern(std::string_view text);

  private:
    Ast& ast_;
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> interned_;
};

}  // namespace fieldfare::schema
