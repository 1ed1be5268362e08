#include "schema/expression_parser.h"

#include <array>
#include <bit>
#include <optional>

#include "schema/functions.h"

namespace fieldfare::schema {
namespace {

// Higher binds tighter (XPath 1.0, 3.5). "|" and unary minus are read with the operand.
int precedence(Operator op) {
    switch (op) {
        case Operator::or_:
            return 0;
        case Operator::and_:
            return 1;
        case Operator::equal:
        case Operator::not_equal:
            return 2;
        case Operator::less:
        case Operator::less_equal:
        case Operator::greater:
        case Operator::greater_equal:
            return 3;
        case Operator::add:
        case Operator::subtract:
            return 4;
        case Operator::multiply:
        case Operator::divide:
        case Operator::modulo:
            return 5;
        case Operator::unite:
            return 6;
    }
    return 6;
}

std::optional<Axis> axis_named(std::string_view name) {
    static constexpr std::array<std::string_view, 13> names{"child",
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
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<Axis>(i);
    return std::nullopt;
}

struct Failure {
    SyntaxError error;
};

// Recursive descent by nesting only: the operands of one nesting level are read in a loop and then grouped by
// precedence. The first error ends everything, so it travels as an exception inside this file.
class Parser {
  public:
    Parser(Ast& ast, ExpressionParser& strings, const std::vector<Token>& tokens, BadCalls bad_calls)
        : ast_(ast), strings_(strings), tokens_(tokens), bad_calls_(bad_calls) {}

    ExpressionId whole() {
        if (now().kind == TokenKind::end) fail("the expression is empty");
        const ExpressionId result = expression();
        if (now().kind != TokenKind::end) fail("“" + std::string(now().text) + "” is not expected here");
        return result;
    }

  private:
    const Token& now() const { return tokens_[at_]; }
    bool is(TokenKind kind) const { return now().kind == kind; }
    bool take(TokenKind kind) {
        if (!is(kind)) return false;
        ++at_;
        return true;
    }
    void expect(TokenKind kind, const char* what) {
        if (!take(kind)) fail(std::string(what) + " is missing");
    }
    [[noreturn]] void fail(std::string message) const { throw Failure{{std::move(message), now().offset}}; }

    ExpressionId add(AstNode node) {
        ast_.nodes.push_back(node);
        return static_cast<ExpressionId>(ast_.nodes.size() - 1);
    }
    AstNode node(AstKind kind) const {
        AstNode result;
        result.kind = kind;
        result.offset = static_cast<std::uint32_t>(now().offset);
        return result;
    }
    std::uint32_t append(const std::vector<std::uint32_t>& operands) {
        const auto first = static_cast<std::uint32_t>(ast_.operands.size());
        ast_.operands.insert(ast_.operands.end(), operands.begin(), operands.end());
        return first;
    }

    ExpressionId expression() {
        if (++depth_ > max_expression_depth)
            fail("the expression nests deeper than " + std::to_string(max_expression_depth) + " levels");
        const ExpressionId first = operand();
        if (!is(TokenKind::operator_)) {
            --depth_;
            return first;
        }
        std::vector<std::uint32_t> terms{first};  // operand (operator operand)…
        unsigned levels = 0;                      // bits of the precedences that occur
        while (is(TokenKind::operator_)) {
            levels |= 1u << precedence(now().op);
            terms.push_back(static_cast<std::uint32_t>(now().op));
            ++at_;
            terms.push_back(operand());
        }
        if (std::has_single_bit(levels)) {
            --depth_;
            return chain(terms);
        }
        for (int level = 5; level >= 0; --level)
            if ((levels >> level & 1u) != 0) terms = group(terms, level);
        --depth_;
        return terms.front();
    }

    // Joins every run of operands between operators of this level into one chain.
    std::vector<std::uint32_t> group(const std::vector<std::uint32_t>& terms, int level) {
        std::vector<std::uint32_t> result, run;
        result.reserve(terms.size());
        run.reserve(terms.size());
        run.push_back(terms[0]);
        const auto end_run = [&] { result.push_back(run.size() == 1 ? run[0] : chain(run)); };
        for (std::size_t i = 1; i + 1 < terms.size(); i += 2) {
            if (precedence(static_cast<Operator>(terms[i])) == level) {
                run.push_back(terms[i]);
            } else {
                end_run();
                result.push_back(terms[i]);
                run.clear();
            }
            run.push_back(terms[i + 1]);
        }
        end_run();
        return result;
    }

    ExpressionId chain(const std::vector<std::uint32_t>& terms) {
        AstNode result;
        result.kind = AstKind::chain;
        result.offset = ast_.nodes[terms[0]].offset;
        for (std::size_t i = 0; i < terms.size(); i += 2) inherit(result, terms[i]);
        result.first = append(terms);
        result.count = static_cast<std::uint32_t>(terms.size());
        return add(result);
    }

    void inherit(AstNode& parent, ExpressionId child) const {
        parent.contextual = parent.contextual || ast_.nodes[child].contextual;
        parent.positional = parent.positional || ast_.nodes[child].positional;
    }

    ExpressionId operand() {
        AstNode negation = node(AstKind::negate);
        int minuses = 0;  // --x is not x: it is a number
        while (is(TokenKind::operator_) && now().op == Operator::subtract) {
            ++at_;
            ++minuses;
        }
        negation.number = minuses % 2 == 1 ? -1 : 1;
        ExpressionId inner = path();
        if (is(TokenKind::operator_) && now().op == Operator::unite) {
            std::vector<std::uint32_t> terms{inner};
            while (is(TokenKind::operator_) && now().op == Operator::unite) {
                terms.push_back(static_cast<std::uint32_t>(Operator::unite));
                ++at_;
                terms.push_back(path());
            }
            inner = chain(terms);
        }
        if (minuses == 0) return inner;
        inherit(negation, inner);
        negation.first = append({inner});
        negation.count = 1;
        return add(negation);
    }

    bool begins_step() const {
        switch (now().kind) {
            case TokenKind::name:
            case TokenKind::axis:
            case TokenKind::at:
            case TokenKind::node_type:
            case TokenKind::dot:
            case TokenKind::two_dots:
                return true;
            default:
                return false;
        }
    }

    ExpressionId path() {
        AstNode result = node(AstKind::path);
        std::vector<Step> steps;
        steps.reserve(4);
        std::vector<std::uint32_t> predicates;
        if (is(TokenKind::slash)) {
            ++at_;
            result.start = PathStart::root;
            if (begins_step()) read_steps(steps);
        } else if (take(TokenKind::double_slash)) {
            result.start = PathStart::root;
            steps.push_back(descend());
            read_steps(steps);
        } else if (begins_step()) {
            result.contextual = true;
            read_steps(steps);
        } else {
            const ExpressionId start = primary();
            while (is(TokenKind::open_bracket)) predicates.push_back(predicate());
            if (take(TokenKind::double_slash)) {
                steps.push_back(descend());
                read_steps(steps);
            } else if (take(TokenKind::slash)) {
                read_steps(steps);
            }
            if (predicates.empty() && steps.empty()) return start;
            result.start = PathStart::expression;
            result.target = start;
            inherit(result, start);
            if (predicates.size() > 1000) fail("there are over 1,000 predicates on one expression");
            result.start_predicates = static_cast<std::uint16_t>(predicates.size());
            result.more = append(predicates);
        }
        result.first = static_cast<std::uint32_t>(ast_.steps.size());
        result.count = static_cast<std::uint32_t>(steps.size());
        ast_.steps.insert(ast_.steps.end(), steps.begin(), steps.end());
        return add(result);
    }

    static Step descend() { return {Axis::descendant_or_self, NodeTest::any_node, 0, 0, 0}; }

    void read_steps(std::vector<Step>& steps) {
        for (;;) {
            step(steps);
            if (take(TokenKind::double_slash))
                steps.push_back(descend());
            else if (!take(TokenKind::slash))
                return;
        }
    }

    void step(std::vector<Step>& steps) {
        if (take(TokenKind::dot)) {
            if (is(TokenKind::open_bracket)) fail("a predicate cannot follow “.”; write self::node()[…]");
            return;  // self::node() changes nothing
        }
        Step result;
        if (take(TokenKind::two_dots)) {
            if (is(TokenKind::open_bracket)) fail("a predicate cannot follow “..”; write parent::node()[…]");
            result.axis = Axis::parent;
            result.test = NodeTest::any_node;
            steps.push_back(result);
            return;
        }
        if (take(TokenKind::at)) {
            result.axis = Axis::attribute;
        } else if (is(TokenKind::axis)) {
            const auto axis = axis_named(now().text);
            if (!axis) fail("there is no axis “" + std::string(now().text) + "”");
            result.axis = *axis;
            ++at_;
            expect(TokenKind::double_colon, "“::”");
        }
        node_test(result);
        std::vector<std::uint32_t> predicates;
        while (is(TokenKind::open_bracket)) predicates.push_back(predicate());
        result.first = append(predicates);
        result.count = static_cast<std::uint32_t>(predicates.size());
        steps.push_back(result);
    }

    void node_test(Step& step) {
        const std::string_view text = now().text;
        if (is(TokenKind::name)) {
            ++at_;
            step.test = text == "*"            ? NodeTest::any_name
                        : text.ends_with(":*") ? NodeTest::any_in_space
                                               : NodeTest::name;
            step.name =
                strings_.intern(step.test == NodeTest::any_in_space ? text.substr(0, text.size() - 2) : text);
        } else if (is(TokenKind::node_type)) {
            ++at_;
            expect(TokenKind::open_parenthesis, "“(”");
            step.test = text == "node"      ? NodeTest::any_node
                        : text == "text"    ? NodeTest::text
                        : text == "comment" ? NodeTest::comment
                                            : NodeTest::instruction;
            if (step.test == NodeTest::instruction) {
                step.name = strings_.intern(is(TokenKind::literal) ? now().text : std::string_view{});
                take(TokenKind::literal);
            }
            expect(TokenKind::close_parenthesis, "“)”");
        } else {
            fail("the name of a node is missing");
        }
    }

    ExpressionId predicate() {
        expect(TokenKind::open_bracket, "“[”");
        const ExpressionId result = expression();
        expect(TokenKind::close_bracket, "“]”");
        return result;
    }

    ExpressionId primary() {
        AstNode result = node(AstKind::number);
        switch (now().kind) {
            case TokenKind::number:
                result.number = now().number;
                break;
            case TokenKind::literal:
                result.kind = AstKind::text;
                result.text = strings_.intern(now().text);
                break;
            case TokenKind::reference:
                result.kind = AstKind::reference;
                result.text = strings_.intern(now().text);
                result.target = no_expression;
                break;
            case TokenKind::open_parenthesis: {
                ++at_;
                const ExpressionId inner = expression();
                expect(TokenKind::close_parenthesis, "“)”");
                return inner;
            }
            case TokenKind::function:
                return call();
            case TokenKind::end:
                fail("the expression ends where a value is expected");
            default:
                fail("a value is expected before “" + std::string(now().text) + "”");
        }
        ++at_;
        return add(result);
    }

    ExpressionId call() {
        const std::string name(now().text);
        const auto function = find_function(name);
        AstNode result = node(AstKind::call);
        ++at_;
        expect(TokenKind::open_parenthesis, "“(”");
        std::vector<std::uint32_t> arguments;
        if (!is(TokenKind::close_parenthesis)) {
            do arguments.push_back(expression());
            while (take(TokenKind::comma));
        }
        expect(TokenKind::close_parenthesis, "“)”");
        if (std::string fault = fault_of(name, function, arguments); !fault.empty()) {
            if (bad_calls_ == BadCalls::refused) throw Failure{{std::move(fault), result.offset}};
            AstNode text = result;
            text.kind = AstKind::text;
            text.text = strings_.intern(fault);
            result.function = faulty_function;
            result.first = append({add(text)});
            result.count = 1;
            return add(result);
        }
        result.function = *function;
        for (const ExpressionId argument : arguments) inherit(result, argument);
        const FunctionTraits& traits = function_info(*function).traits;
        if (arguments.empty()) {
            result.contextual = traits.uses_context || traits.positional;
            result.positional = traits.positional;
        }
        result.contextual = result.contextual || traits.from_context;
        result.first = append(arguments);
        result.count = static_cast<std::uint32_t>(arguments.size());
        return add(result);
    }

    // What is wrong with a call, or "".
    std::string fault_of(const std::string& name, std::optional<std::uint16_t> function,
                         const std::vector<std::uint32_t>& arguments) const {
        if (!function) {
            if (const auto why = why_refused(name))
                return "the function “" + name + "” is not supported: " + std::string(*why);
            return "there is no function “" + name + "”";
        }
        const FunctionInfo& info = function_info(*function);
        const int count = static_cast<int>(arguments.size());
        if (count < info.minimum || (info.maximum >= 0 && count > info.maximum)) {
            std::string wanted = std::to_string(info.minimum);
            if (info.maximum < 0) wanted += " or more";
            if (info.maximum > info.minimum) wanted += " to " + std::to_string(info.maximum);
            return "the function “" + name + "” takes " + wanted + " arguments, not " + std::to_string(count);
        }
        if (info.traits.pairs && (count - info.minimum) % 2 != 0)
            return "the arguments of “" + name + "” behind the first " +
                   std::to_string(info.minimum % 2 == 0 ? 2 : 1) +
                   " come in pairs, and the last has no partner";
        if (info.traits.needs_nodes && !arguments.empty() && !may_be_nodes(arguments[0]))
            return "the first argument of “" + name + "” must be a path or a reference";
        return {};
    }

    bool may_be_nodes(ExpressionId expression) const {
        const AstNode& node = ast_.nodes[expression];
        switch (node.kind) {
            case AstKind::number:
            case AstKind::text:
            case AstKind::negate:
                return false;
            case AstKind::chain:
                return static_cast<Operator>(ast_.operands[node.first + 1]) == Operator::unite;
            case AstKind::reference:
            case AstKind::call:
            case AstKind::path:
                return true;
        }
        return false;
    }

    Ast& ast_;
    ExpressionParser& strings_;
    const std::vector<Token>& tokens_;
    BadCalls bad_calls_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

std::uint32_t ExpressionParser::intern(std::string_view text) {
    if (const auto found = interned_.find(text); found != interned_.end()) return found->second;
    const auto index = static_cast<std::uint32_t>(ast_.strings.size());
    ast_.strings.emplace_back(text);
    interned_.emplace(text, index);
    return index;
}

tl::expected<ExpressionId, SyntaxError> ExpressionParser::parse(std::string_view source, BadCalls bad_calls) {
    if (source.size() > max_expression_bytes)
        return tl::unexpected(SyntaxError{"the expression is longer than 1 MiB", 0});
    const auto tokens = lex(source);
    if (!tokens) return tl::unexpected(tokens.error());
    try {
        return Parser(ast_, *this, *tokens, bad_calls).whole();
    } catch (Failure& failure) {
        return tl::unexpected(std::move(failure.error));
    }
}

}  // namespace fieldfare::schema
