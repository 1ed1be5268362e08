#include "schema/evaluator.h"

#include <cmath>
#include <limits>

#include "schema/functions.h"
#include "schema/number_text.h"

namespace fieldfare::schema {

Value Evaluator::value(ExpressionId expression, const Focus& focus) {
    const AstNode& node = ast_.nodes[expression];
    switch (node.kind) {
        case AstKind::number:
            return node.number;
        case AstKind::text:
            return ast_.strings[node.text];
        case AstKind::reference: {
            NodeSet found = all_nodes(expression, focus);
            drop_hidden(found);
            return found;
        }
        case AstKind::chain:
            return chain(node, focus);
        case AstKind::negate:
            return node.number * number(ast_.operands[node.first], focus);
        case AstKind::call: {
            Call call(*this, node, focus);
            return function_info(node.function).evaluate(call);
        }
        case AstKind::path: {
            NodeSet found = path(node, focus);
            drop_hidden(found);
            return found;
        }
    }
    return std::string{};
}

NodeSet Evaluator::all_nodes(ExpressionId expression, const Focus& focus) {
    const AstNode& node = ast_.nodes[expression];
    if (node.kind == AstKind::path) return path(node, focus);
    if (node.kind != AstKind::reference) return nodes(expression, focus);
    NodeSet found;
    world_.reference(node.target, owner_, found);
    return found;
}

void Evaluator::drop_hidden(NodeSet& nodes) const {
    std::erase_if(nodes, [this](NodeRef each) { return !world_.document(each.document).visible(each.node); });
}

// A reference to one node as its text: in every conversion and comparison the same, without building a
// node-set.
Value Evaluator::scalar(ExpressionId expression, const Focus& focus) {
    const AstNode& node = ast_.nodes[expression];
    if (node.kind == AstKind::reference)
        if (const auto single = world_.single(node.target, owner_))
            return std::string(world_.single_text(*single));
    return value(expression, focus);
}

double Evaluator::number(ExpressionId expression, const Focus& focus) {
    const AstNode& node = ast_.nodes[expression];
    if (node.kind == AstKind::number) return node.number;
    if (node.kind == AstKind::reference)
        if (const auto single = world_.single(node.target, owner_)) return world_.single_number(*single);
    return to_number(value(expression, focus));
}

std::string Evaluator::text(ExpressionId expression, const Focus& focus) {
    return to_text(scalar(expression, focus));
}

bool Evaluator::boolean(ExpressionId expression, const Focus& focus) {
    return to_boolean(scalar(expression, focus));
}

NodeSet Evaluator::nodes(ExpressionId expression, const Focus& focus) {
    Value result = value(expression, focus);
    if (auto* nodes = std::get_if<NodeSet>(&result)) return std::move(*nodes);
    return {};
}

double Evaluator::to_number(const Value& value) const {
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* flag = std::get_if<bool>(&value)) return number_of_boolean(*flag);
    if (const auto* text = std::get_if<std::string>(&value)) return number_of_text(*text);
    const auto& nodes = std::get<NodeSet>(value);
    return nodes.empty() ? std::numeric_limits<double>::quiet_NaN() : number_of_text(text_of(nodes.front()));
}

std::string Evaluator::to_text(const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<double>(&value)) return number_to_text(*number);
    if (const auto* flag = std::get_if<bool>(&value)) return text_of_boolean(*flag);
    const auto& nodes = std::get<NodeSet>(value);
    return nodes.empty() ? std::string{} : text_of(nodes.front());
}

bool Evaluator::to_boolean(const Value& value) const {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* number = std::get_if<double>(&value)) return boolean_of_number(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
    return !std::get<NodeSet>(value).empty();
}

std::string Evaluator::text_of(NodeRef node) const {
    return world_.document(node.document).text(node.node);
}

namespace {

bool compare_numbers(Operator op, double left, double right) {
    switch (op) {
        case Operator::equal:
            return left == right;
        case Operator::not_equal:
            return left != right;
        case Operator::less:
            return left < right;
        case Operator::less_equal:
            return left <= right;
        case Operator::greater:
            return left > right;
        default:
            return left >= right;
    }
}

// IEEE 754 as XPath 1.0, 3.5 asks; mod truncates like ECMAScript's %.
double calculate(Operator op, double left, double right) {
    switch (op) {
        case Operator::add:
            return left + right;
        case Operator::subtract:
            return left - right;
        case Operator::multiply:
            return left * right;
        case Operator::divide:
            return left / right;
        default:
            return std::fmod(left, right);
    }
}

bool is_equality(Operator op) {
    return op == Operator::equal || op == Operator::not_equal;
}

}  // namespace

// XPath 1.0, 3.4. Where a node-set takes part, one pair that compares true is enough. Of a node-set and a
// boolean XPath compares the boolean() of the set; for < and its like ODK's engines compare each node, and so
// do we.
bool Evaluator::compare(Operator op, const Value& left, const Value& right) const {
    const auto* left_nodes = std::get_if<NodeSet>(&left);
    const auto* right_nodes = std::get_if<NodeSet>(&right);
    if (left_nodes != nullptr && (!is_equality(op) || !std::holds_alternative<bool>(right))) {
        for (const NodeRef node : *left_nodes)
            if (compare(op, text_of(node), right)) return true;
        return false;
    }
    if (right_nodes != nullptr && (!is_equality(op) || !std::holds_alternative<bool>(left))) {
        for (const NodeRef node : *right_nodes)
            if (compare(op, left, text_of(node))) return true;
        return false;
    }
    if (is_equality(op)) {
        if (std::holds_alternative<bool>(left) || std::holds_alternative<bool>(right))
            return (to_boolean(left) == to_boolean(right)) == (op == Operator::equal);
        if (!std::holds_alternative<double>(left) && !std::holds_alternative<double>(right))
            return (std::get<std::string>(left) == std::get<std::string>(right)) == (op == Operator::equal);
    }
    return compare_numbers(op, to_number(left), to_number(right));
}

Value Evaluator::chain(const AstNode& node, const Focus& focus) {
    const auto term = [&](std::uint32_t i) { return ast_.operands[node.first + i]; };
    const auto op = static_cast<Operator>(term(1));
    if (op == Operator::or_ || op == Operator::and_) {
        for (std::uint32_t i = 0; i < node.count; i += 2)
            if (boolean(term(i), focus) == (op == Operator::or_)) return op == Operator::or_;
        return op == Operator::and_;
    }
    if (op == Operator::unite) {
        NodeSet all;
        for (std::uint32_t i = 0; i < node.count; i += 2) {
            const NodeSet more = nodes(term(i), focus);
            all.insert(all.end(), more.begin(), more.end());
        }
        sort(all);
        return all;
    }
    if (op >= Operator::add) {
        double result = number(term(0), focus);
        for (std::uint32_t i = 2; i < node.count; i += 2)
            result = calculate(static_cast<Operator>(term(i - 1)), result, number(term(i), focus));
        return result;
    }
    Value result = scalar(term(0), focus);
    for (std::uint32_t i = 2; i < node.count; i += 2)
        result = compare(static_cast<Operator>(term(i - 1)), result, scalar(term(i), focus));
    return result;
}

}  // namespace fieldfare::schema
