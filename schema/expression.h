#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fieldfare::schema {

// The parsed form of XPath 1.0 expressions with ODK's additions. All expressions of a form live in one Ast
// and name each other by index: no pointers, no recursion to destroy, one place in memory.

enum class Operator : std::uint32_t {
    or_,
    and_,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    unite,
};

enum class Axis : std::uint8_t {
    child,
    descendant,
    parent,
    ancestor,
    following_sibling,
    preceding_sibling,
    following,
    preceding,
    attribute,
    namespace_,
    self,
    descendant_or_self,
    ancestor_or_self,
};

enum class NodeTest : std::uint8_t {
    name,          ///< Step::name
    any_name,      ///< *
    any_in_space,  ///< prefix:*
    any_node,      ///< node()
    text,
    comment,
    instruction,  ///< processing-instruction(), with Step::name when it is not empty
};

/// Index of an expression in Ast::nodes.
using ExpressionId = std::uint32_t;
inline constexpr ExpressionId no_expression = 0xffffffff;

enum class AstKind : std::uint8_t {
    number,
    text,
    reference,  ///< ${name}, or a path that was resolved to one node of the form: `target`
    chain,      ///< operands of one precedence level, left to right: operand (operator operand)…
    negate,     ///< - operand, times `number` (-1, or 1 after an even count of minuses)
    call,       ///< function(arguments)
    path,       ///< start, its predicates, steps
};

enum class PathStart : std::uint8_t { context, root, expression };

/// One node; what the fields mean depends on `kind`.
struct AstNode {
    AstKind kind = AstKind::number;
    PathStart start = PathStart::context;  ///< of a path
    bool contextual = false;               ///< its value depends on the context node, position or size
    bool positional = false;               ///< … on position() or last()
    std::uint16_t function = 0;            ///< of a call: index into the function table
    std::uint16_t start_predicates = 0;    ///< of a path with an expression at its start
    std::uint32_t first = 0;               ///< chain, call, negate: into Ast::operands; path: its steps
    std::uint32_t count = 0;
    std::uint32_t text = 0;  ///< into Ast::strings: a text, or the name of a reference
    std::uint32_t target =
        0;                   ///< of a reference, once resolved: the template; of a path: its start expression
    std::uint32_t more = 0;  ///< of a path: first of the start's predicates in Ast::operands
    std::uint32_t offset = 0;  ///< byte in the source where it begins
    double number = 0;
};

struct Step {
    Axis axis = Axis::child;
    NodeTest test = NodeTest::name;
    std::uint32_t name =
        0;  ///< into Ast::strings: "name" or "prefix:name"; the prefix alone for any_in_space
    std::uint32_t first = 0;  ///< its predicates in Ast::operands
    std::uint32_t count = 0;
};

struct Ast {
    std::vector<AstNode> nodes;
    std::vector<std::uint32_t> operands;  ///< expression ids, and in chains operators between them
    std::vector<Step> steps;
    std::vector<std::string> strings;
};

/// The tree as text, for tests and for messages: "(or (= ${a} 'x') (call not ${b}))".
std::string dump(const Ast& ast, ExpressionId expression);

}  // namespace fieldfare::schema
