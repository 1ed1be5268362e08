#include "schema/expression.h"

#include <array>
#include <string_view>

#include "schema/functions.h"
#include "schema/number_text.h"

namespace fieldfare::schema {
namespace {

constexpr std::array<std::string_view, 14> operators{"or", "and", "=", "!=", "<",   "<=",  ">",
                                                     ">=", "+",   "-", "*",  "div", "mod", "|"};
constexpr std::array<std::string_view, 13> axes{"child",
                                                "descendant",
                                                "parent",
                                                "ancestor",
                                                "following-sibling",
                                                "preceding-sibling",
                                                "following",
                                                "preceding",
                                                "attribute",
                                                "namespace",
                                                "self",
                                                "descendant-or-self",
                                                "ancestor-or-self"};

std::string test_text(const Ast& ast, const Step& step) {
    switch (step.test) {
        case NodeTest::name:
        case NodeTest::any_name:
            return ast.strings[step.name];
        case NodeTest::any_in_space:
            return ast.strings[step.name] + ":*";
        case NodeTest::any_node:
            return "node()";
        case NodeTest::text:
            return "text()";
        case NodeTest::comment:
            return "comment()";
        case NodeTest::instruction:
            return "processing-instruction(" + ast.strings[step.name] + ")";
    }
    return "";
}

std::string predicates(const Ast& ast, std::uint32_t first, std::uint32_t count) {
    std::string result;
    for (std::uint32_t i = 0; i < count; ++i) result += "[" + dump(ast, ast.operands[first + i]) + "]";
    return result;
}

}  // namespace

std::string dump(const Ast& ast, ExpressionId expression) {
    const AstNode& node = ast.nodes[expression];
    switch (node.kind) {
        case AstKind::number:
            return number_to_text(node.number);
        case AstKind::text:
            return "'" + ast.strings[node.text] + "'";
        case AstKind::reference:
            return "${" + ast.strings[node.text] + "}";
        case AstKind::chain: {
            std::string result = "(";
            for (std::uint32_t i = 0; i < node.count; ++i) {
                const std::uint32_t term = ast.operands[node.first + i];
                if (i > 0) result += ' ';
                result += i % 2 == 1 ? std::string(operators[term]) : dump(ast, term);
            }
            return result + ")";
        }
        case AstKind::negate:
            return (node.number < 0 ? "-" : "--") + dump(ast, ast.operands[node.first]);
        case AstKind::call: {
            std::string result(function_info(node.function).name);
            result += '(';
            for (std::uint32_t i = 0; i < node.count; ++i)
                result += (i > 0 ? ", " : "") + dump(ast, ast.operands[node.first + i]);
            return result + ")";
        }
        case AstKind::path: {
            std::string result;
            if (node.start == PathStart::root) result = "/";
            if (node.start == PathStart::context) result = ".";
            if (node.start == PathStart::expression)
                result = dump(ast, node.target) + predicates(ast, node.more, node.start_predicates);
            for (std::uint32_t i = 0; i < node.count; ++i) {
                const Step& step = ast.steps[node.first + i];
                result += (result == "/" ? "" : "/") +
                          std::string(axes[static_cast<std::size_t>(step.axis)]) +
                          "::" + test_text(ast, step) + predicates(ast, step.first, step.count);
            }
            return result;
        }
    }
    return "";
}

}  // namespace fieldfare::schema
