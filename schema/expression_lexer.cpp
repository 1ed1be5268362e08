#include "schema/expression_lexer.h"

#include <optional>

#include "schema/number_text.h"

namespace fieldfare::schema {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool starts_name(char c) {
    // Every character outside ASCII may stand in a name: XML allows all letters, and a form's author knows
    // best.
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
    return starts_name(c) || is_digit(c) || c == '-' || c == '.';
}

class Lexer {
  public:
    explicit Lexer(std::string_view source) : source_(source) {}

    tl::expected<std::vector<Token>, SyntaxError> run() {
        tokens_.reserve(source_.size() / 3 + 2);
        while (skip_space(), at_ < source_.size()) {
            if (auto error = next()) return tl::unexpected(std::move(*error));
        }
        add(TokenKind::end, 0);
        return std::move(tokens_);
    }

  private:
    using Fault = std::optional<SyntaxError>;

    void skip_space() {
        while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    }

    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }

    Token& add(TokenKind kind, std::size_t length) {
        tokens_.push_back({kind, Operator::or_, source_.substr(at_, length), 0, at_});
        at_ += length;
        return tokens_.back();
    }

    void add_operator(Operator op, std::size_t length) { add(TokenKind::operator_, length).op = op; }

    // XPath 1.0, 3.7: after a token that ends an operand, "*" multiplies and a name is an operator's.
    bool after_operand() const {
        if (tokens_.empty()) return false;
        switch (tokens_.back().kind) {
            case TokenKind::at:
            case TokenKind::double_colon:
            case TokenKind::open_parenthesis:
            case TokenKind::open_bracket:
            case TokenKind::comma:
            case TokenKind::operator_:
            case TokenKind::slash:
            case TokenKind::double_slash:
                return false;
            default:
                return true;
        }
    }

    Fault next() {
        const char c = peek();
        switch (c) {
            case '(':
                add(TokenKind::open_parenthesis, 1);
                return {};
            case ')':
                add(TokenKind::close_parenthesis, 1);
                return {};
            case '[':
                add(TokenKind::open_bracket, 1);
                return {};
            case ']':
                add(TokenKind::close_bracket, 1);
                return {};
            case '@':
                add(TokenKind::at, 1);
                return {};
            case ',':
                add(TokenKind::comma, 1);
                return {};
            case '|':
                add_operator(Operator::unite, 1);
                return {};
            case '+':
                add_operator(Operator::add, 1);
                return {};
            case '-':
                add_operator(Operator::subtract, 1);
                return {};
            case '=':
                add_operator(Operator::equal, 1);
                return {};
            case '/':
                if (peek(1) == '/')
                    add(TokenKind::double_slash, 2);
                else
                    add(TokenKind::slash, 1);
                return {};
            case '!':
                if (peek(1) != '=') return SyntaxError{"“!” stands alone; “!=” means “is not equal”", at_};
                add_operator(Operator::not_equal, 2);
                return {};
            case '<':
                less_or_greater(Operator::less, Operator::less_equal);
                return {};
            case '>':
                less_or_greater(Operator::greater, Operator::greater_equal);
                return {};
            case '*':
                if (after_operand())
                    add_operator(Operator::multiply, 1);
                else
                    add(TokenKind::name, 1);
                return {};
            case ':':
                if (peek(1) != ':') return SyntaxError{"“:” is not expected here", at_};
                add(TokenKind::double_colon, 2);
                return {};
            case '.':
                if (is_digit(peek(1))) return number();
                if (peek(1) == '.')
                    add(TokenKind::two_dots, 2);
                else
                    add(TokenKind::dot, 1);
                return {};
            case '"':
            case '\'':
                return literal(c);
            case '$':
                return reference();
            default:
                break;
        }
        if (is_digit(c)) return number();
        if (starts_name(c)) return name();
        return SyntaxError{"the character “" + std::string(1, c) + "” means nothing in an expression", at_};
    }

    void less_or_greater(Operator alone, Operator with_equal) {
        if (peek(1) == '=')
            add_operator(with_equal, 2);
        else
            add_operator(alone, 1);
    }

    Fault number() {
        std::size_t length = 0;
        while (is_digit(peek(length))) ++length;
        if (peek(length) == '.') {
            ++length;
            while (is_digit(peek(length))) ++length;
        }
        Token& token = add(TokenKind::number, length);
        token.number = number_from_text(token.text);
        return {};
    }

    Fault literal(char quote) {
        const std::size_t end = source_.find(quote, at_ + 1);
        if (end == std::string_view::npos)
            return SyntaxError{"a text begins here and its closing quote is missing", at_};
        const std::size_t start = at_;
        Token& token = add(TokenKind::literal, end + 1 - at_);
        token.text = source_.substr(start + 1, end - start - 1);
        return {};
    }

    Fault reference() {
        const std::size_t end = source_.find('}', at_);
        if (peek(1) != '{' || end == std::string_view::npos)
            return SyntaxError{"“$” must begin a reference such as ${name}", at_};
        std::size_t first = at_ + 2, last = end;
        while (first < last && is_space(source_[first])) ++first;
        while (last > first && is_space(source_[last - 1])) --last;
        const std::string_view name = source_.substr(first, last - first);
        if (name.starts_with("last-saved#")) return SyntaxError{"${last-saved#…} is not supported", at_};
        bool good = !name.empty() && starts_name(name[0]);
        for (const char c : name) good = good && (continues_name(c) || c == ':');
        if (!good) return SyntaxError{"${…} must hold the name of a question", at_};
        add(TokenKind::reference, end + 1 - at_).text = name;
        return {};
    }

    std::size_t name_length(std::size_t from) const {
        std::size_t length = 0;
        if (starts_name(peek(from)))
            while (continues_name(peek(from + length))) ++length;
        return length;
    }

    Fault name() {
        std::size_t length = name_length(0);
        if (after_operand()) {
            const std::string_view word = source_.substr(at_, length);
            // The longest name would be "div1", "mod-2"; with the peers we read the operator out of it.
            const auto names = [&](std::string_view name) {
                if (!word.starts_with(name)) return false;
                return word.size() == name.size() || is_digit(word[name.size()]) ||
                       word[name.size()] == '-' || word[name.size()] == '.';
            };
            if (names("and")) return add_operator(Operator::and_, 3), Fault{};
            if (names("or")) return add_operator(Operator::or_, 2), Fault{};
            if (names("div")) return add_operator(Operator::divide, 3), Fault{};
            if (names("mod")) return add_operator(Operator::modulo, 3), Fault{};
            return SyntaxError{"an operator is missing before “" + std::string(word) + "”", at_};
        }
        if (peek(length) == ':' && peek(length + 1) == '*') {
            add(TokenKind::name, length + 2);
            return {};
        }
        if (peek(length) == ':' && peek(length + 1) != ':') {
            const std::size_t local = name_length(length + 1);
            if (local == 0) return SyntaxError{"a name is missing after “:”", at_ + length};
            length += 1 + local;
        }
        Token& token = add(TokenKind::name, length);
        skip_space();
        if (peek() == ':' && peek(1) == ':') {
            token.kind = TokenKind::axis;
        } else if (peek() == '(') {
            const std::string_view word = token.text;
            const bool node_type =
                word == "comment" || word == "text" || word == "processing-instruction" || word == "node";
            token.kind = node_type ? TokenKind::node_type : TokenKind::function;
        }
        return {};
    }

    std::string_view source_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

}  // namespace

tl::expected<std::vector<Token>, SyntaxError> lex(std::string_view source) {
    return Lexer(source).run();
}

}  // namespace fieldfare::schema
