#include "schema/evaluator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "schema/date_text.h"
#include "schema/functions.h"
#include "schema/number_text.h"

namespace fieldfare::schema {

int World::offset_minutes(std::int64_t) const {
    const auto moment = parse_moment(now());
    return moment ? moment->offset_minutes.value_or(0) : 0;
}

void World::complain_of_work() {
    complain("What the form works out at once is more than it may; the rest is taken as empty.");
}

bool Evaluator::spend(std::uint64_t steps) {
    if (outer_ != nullptr) return outer_->spend(steps);
    if (spent_ > max_evaluation_steps || !world_.take_steps(steps)) return false;
    spent_ += steps;
    if (spent_ <= max_evaluation_steps) return true;
    world_.complain("The expression looks at more than " + std::to_string(max_evaluation_steps) +
                    " nodes, which is more than it may; its value is taken as empty.");
    return false;
}

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
    spend(found.size());
    return found;
}

namespace {

bool begins_like_date(std::string_view text) {
    return text.size() >= 10 && text[4] == '-' && text[7] == '-';
}

// What clocks here are taken to have been ahead of Greenwich by at a moment that is told without an offset.
int offset_of(const Moment& moment, const World& world) {
    const std::int64_t seconds =
        days_since_1970(moment.day) * 86400 + moment.hour * 3600 + moment.minute * 60;
    return world.offset_minutes(seconds - world.offset_minutes(seconds) * 60);
}

// The moment as days since 1970 in UTC, that of a date being its midnight here.
double instant(const Moment& moment, const World& world) {
    const int offset = moment.offset_minutes ? 0 : offset_of(moment, world);
    return decimal_days(moment, offset) - (moment.has_time ? 0 : offset / 1440.0);
}

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

void Evaluator::drop_hidden(NodeSet& nodes) const {
    std::erase_if(nodes, [this](NodeRef each) { return !world_.document(each.document).visible(each.node); });
}

std::optional<std::string_view> Evaluator::pointed_at(ExpressionId expression) const {
    const AstNode& node = ast_.nodes[expression];
    if (node.kind == AstKind::text) return ast_.strings[node.text];
    if (node.kind == AstKind::reference)
        if (const auto single = world_.single(node.target, owner_)) return world_.single_text(*single);
    return std::nullopt;
}

// A reference to one node as its text: in every conversion and comparison the same, without building a
// node-set.
Value Evaluator::scalar(ExpressionId expression, const Focus& focus) {
    if (const auto text = pointed_at(expression)) return std::string(*text);
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
    if (const auto text = pointed_at(expression)) return std::string(*text);
    return to_text(value(expression, focus));
}

std::string_view Evaluator::text(ExpressionId expression, const Focus& focus, std::string& storage) {
    if (const auto text = pointed_at(expression)) return *text;
    storage = to_text(value(expression, focus));
    return storage;
}

bool Evaluator::boolean(ExpressionId expression, const Focus& focus) {
    if (const auto text = pointed_at(expression)) return !text->empty();
    return to_boolean(value(expression, focus));
}

NodeSet Evaluator::nodes(ExpressionId expression, const Focus& focus) {
    Value result = value(expression, focus);
    if (auto* nodes = std::get_if<NodeSet>(&result)) return std::move(*nodes);
    return {};
}

double Evaluator::to_number(const Value& value) const {
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* flag = std::get_if<bool>(&value)) return number_of_boolean(*flag);
    if (const auto* text = std::get_if<std::string>(&value)) return number_of(*text);
    const auto& nodes = std::get<NodeSet>(value);
    return nodes.empty() ? std::numeric_limits<double>::quiet_NaN() : number_of(nodes.front());
}

// As number_of_text, where a time without an offset is one of here.
double Evaluator::number_of(std::string_view text) const {
    if (!begins_like_date(text)) return number_from_text(text);
    const auto moment = parse_moment(text);
    if (!moment) return number_from_text(text);
    return decimal_days(*moment, moment->offset_minutes ? 0 : offset_of(*moment, world_));
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

bool Evaluator::compare_texts(Operator op, std::string_view left, std::string_view right) const {
    if (is_equality(op)) return (left == right) == (op == Operator::equal);
    if (begins_like_date(left) && begins_like_date(right)) {
        // A date and a date with time stand on one line: the date at its midnight.
        const auto left_moment = parse_moment(left), right_moment = parse_moment(right);
        if (left_moment && right_moment && (left_moment->has_time || right_moment->has_time))
            return compare_numbers(op, instant(*left_moment, world_), instant(*right_moment, world_));
    }
    return compare_numbers(op, number_of(left), number_of(right));
}

// One pair that compares true is enough; equality needs no look at every pair.
bool Evaluator::compare_sets(Operator op, const NodeSet& left, const NodeSet& right) {
    if (left.empty() || right.empty() || !spend(left.size() + right.size())) return false;
    if (op == Operator::equal) {
        std::unordered_set<std::string> texts;
        for (const NodeRef node : left) texts.insert(text_of(node));
        return std::any_of(right.begin(), right.end(),
                           [&](NodeRef node) { return texts.contains(text_of(node)); });
    }
    if (op == Operator::not_equal) {
        const std::string first = text_of(left.front());
        const auto differs = [&](NodeRef node) { return text_of(node) != first; };
        return std::any_of(left.begin(), left.end(), differs) ||
               std::any_of(right.begin(), right.end(), differs);
    }
    std::vector<std::string> texts;
    for (const NodeRef node : right) texts.push_back(text_of(node));
    for (const NodeRef node : left) {
        const std::string text = text_of(node);
        for (const std::string& other : texts)
            if (!spend(1) || compare_texts(op, text, other)) return true;
    }
    return false;
}

// XPath 1.0, 3.4. Where a node-set takes part, one pair that compares true is enough. Of a node-set and a
// boolean XPath compares the boolean() of the set; for < and its like ODK's engines compare each node, and so
// do we.
bool Evaluator::compare(Operator op, const Value& left, const Value& right) {
    const auto* left_nodes = std::get_if<NodeSet>(&left);
    const auto* right_nodes = std::get_if<NodeSet>(&right);
    if (left_nodes != nullptr && right_nodes != nullptr) return compare_sets(op, *left_nodes, *right_nodes);
    if (left_nodes != nullptr && (!is_equality(op) || !std::holds_alternative<bool>(right))) {
        for (const NodeRef node : *left_nodes)
            if (!spend(1) || compare(op, Value(text_of(node)), right)) return true;
        return false;
    }
    if (right_nodes != nullptr && (!is_equality(op) || !std::holds_alternative<bool>(left))) {
        for (const NodeRef node : *right_nodes)
            if (!spend(1) || compare(op, left, Value(text_of(node)))) return true;
        return false;
    }
    if (is_equality(op) && (std::holds_alternative<bool>(left) || std::holds_alternative<bool>(right)))
        return (to_boolean(left) == to_boolean(right)) == (op == Operator::equal);
    const auto* left_text = std::get_if<std::string>(&left);
    const auto* right_text = std::get_if<std::string>(&right);
    if (left_text != nullptr && right_text != nullptr) return compare_texts(op, *left_text, *right_text);
    return compare_numbers(op, to_number(left), to_number(right));
}

// The commonest comparisons, of references with literals and with one another, without copying a text.
bool Evaluator::compare(Operator op, ExpressionId left, ExpressionId right, const Focus& focus) {
    const auto left_text = pointed_at(left);
    if (left_text && ast_.nodes[right].kind == AstKind::number)
        return compare_numbers(op, number(left, focus), ast_.nodes[right].number);
    const auto right_text = left_text ? pointed_at(right) : std::nullopt;
    if (right_text) return compare_texts(op, *left_text, *right_text);
    return compare(op, scalar(left, focus), scalar(right, focus));
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
            if (!spend(more.size())) break;
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
    Value result = compare(op, term(0), term(2), focus);
    for (std::uint32_t i = 4; i < node.count; i += 2)
        result = compare(static_cast<Operator>(term(i - 1)), result, scalar(term(i), focus));
    return result;
}

}  // namespace fieldfare::schema
