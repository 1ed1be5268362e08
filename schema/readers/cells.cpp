#include "schema/readers/cells.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

struct FillWord {
    std::string_view word;
    Fill fill;
};
constexpr std::array<FillWord, 8> fill_words = {{
    {"form-version", Fill::form_version},
    {"study", Fill::study},
    {"wave", Fill::wave},
    {"mode", Fill::mode},
    {"language", Fill::language},
    {"random-31-bit", Fill::random_31_bit},
    {"random-arm", Fill::random_arm},
    {"duration-bucket", Fill::duration_bucket},
}};

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == ':';
}

// A name, then a bracket: "today()", "if (…". Not "Tbilisi (old town)": a call begins the cell or follows
// what can stand before one, and text in brackets after a space is a remark.
bool calls_function(std::string_view text) {
    for (std::size_t open = text.find('('); open != text.npos; open = text.find('(', open + 1)) {
        std::size_t begin = open;
        while (begin > 0 && is_name_byte(text[begin - 1])) --begin;
        if (begin == open) continue;
        const char first = text[begin];
        if ((first >= '0' && first <= '9') || first == '-') continue;
        const std::string_view before = text.substr(0, begin);
        if (before.empty() || std::string_view("(,+-*=<>/ ").find(before.back()) != std::string_view::npos)
            return text.find(')', open) != text.npos;
    }
    return false;
}

}  // namespace

std::optional<bool> parse_yes_no(std::string_view cell) {
    const std::string word = lower(collapsed(cell));
    if (word == "yes" || word == "true" || word == "true()") return true;
    if (word == "no" || word == "false" || word == "false()") return false;
    return std::nullopt;
}

std::string parse_condition(std::string_view cell) {
    const auto plainly = parse_yes_no(cell);
    if (!plainly) return plain(cell);
    return *plainly ? "true()" : "";
}

std::string parse_expression(std::string_view cell) {
    const auto plainly = parse_yes_no(cell);
    if (!plainly) return plain(cell);
    return *plainly ? "true()" : "false()";
}

std::string bracket_fault(std::string_view expression) {
    constexpr std::size_t deepest = 200;  // as the compiler's own bound
    std::string open;
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const char c = expression[at];
        if (c == '\'' || c == '"') {
            at = expression.find(c, at + 1);
            if (at == expression.npos) return "The expression has a quote that is never closed.";
        } else if (c == '(' || c == '[') {
            open += c;
            if (open.size() > deepest) return "The expression nests deeper than 200 levels.";
        } else if (c == ')' || c == ']') {
            if (open.empty() || open.back() != (c == ')' ? '(' : '['))
                return std::string("The expression has a ") + c + " that closes nothing.";
            open.pop_back();
        }
    }
    if (open.empty()) return "";
    return std::string("The expression has a ") + open.back() + " that is never closed.";
}

std::optional<int> parse_whole_number(std::string_view cell) {
    std::string text = collapsed(cell);
    if (text.starts_with("\u2212")) text = "-" + text.substr(std::string_view("\u2212").size());
    if (const std::size_t point = text.find('.'); point != text.npos && point > 0 &&
                                                  point + 1 < text.size() &&
                                                  text.find_first_not_of('0', point + 1) == text.npos)
        text.resize(point);
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::vector<std::string> words_of(std::string_view cell) {
    std::vector<std::string> words;
    std::string word;
    for (char c : collapsed(cell) + " ") {
        if (c != ' ') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

tl::expected<FillCell, std::string> parse_fill(std::string_view cell) {
    std::vector<std::string> words = words_of(cell);
    const std::string word = words.empty() ? "" : lower(words.front());
    const auto found = std::find_if(fill_words.begin(), fill_words.end(),
                                    [&](const FillWord& each) { return each.word == word; });
    if (found == fill_words.end()) {
        std::string sentence = shown(cell) + " is nothing that the program can fill in. Known are";
        for (const FillWord& each : fill_words)
            sentence += (each.word == fill_words.front().word ? " " : ", ") + std::string(each.word);
        return tl::unexpected(sentence + ".");
    }
    words.erase(words.begin());
    if (found->fill == Fill::random_arm) {
        if (words.size() < 2)
            return tl::unexpected(
                std::string("random-arm needs two arms or more: random-arm control treat."));
        auto sorted = words;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
            return tl::unexpected(std::string("random-arm names an arm twice."));
    } else if (!words.empty()) {
        return tl::unexpected(std::string(found->word) + " takes nothing after it. Remove " +
                              shown(words.front()) + ".");
    }
    return FillCell{found->fill, std::move(words)};
}

std::string parse_default(std::string_view cell) {
    const std::string text = plain(cell);
    return text.find("${") != text.npos || calls_function(text) ? text : trimmed(cell);
}

}  // namespace fieldfare::schema::readers
