#include <algorithm>
#include <cmath>
#include <map>

#include "schema/evaluator.h"
#include "schema/function_tables.h"
#include "schema/regex.h"
#include "schema/unicode_text.h"

namespace fieldfare::schema {
namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string joined(const std::vector<std::string_view>& points, std::size_t first, std::size_t last) {
    std::string result;
    for (std::size_t i = first; i < last && i < points.size(); ++i) result += points[i];
    return result;
}

// The context node's text where XPath 1.0 lets the argument be left out.
std::string text_or_context(Call& call) {
    return call.size() > 0 ? call.text(0) : call.evaluator().text_of(call.focus().node);
}

// A node-set stands for all its nodes, as in ODK; every other argument for its text. Ends where the function
// gives false, and then does so too.
template <typename Function>
bool each_text(Call& call, std::size_t first, Function function) {
    for (std::size_t i = first; i < call.size(); ++i) {
        if (const auto text = call.evaluator().pointed_at(call.argument(i))) {
            if (!function(*text)) return false;
            continue;
        }
        const Value value = call.value(i);
        if (const auto* nodes = std::get_if<NodeSet>(&value)) {
            for (const NodeRef node : *nodes)
                if (!function(call.evaluator().text_of(node))) return false;
        } else if (!function(call.evaluator().to_text(value))) {
            return false;
        }
    }
    return true;
}

// Adds to a text that is being put together. False when it would become longer than max_built_text: the
// result is then empty.
bool add_text(Call& call, std::string& result, std::string_view more) {
    if (result.size() + more.size() <= max_built_text) {
        result += more;
        return true;
    }
    call.world().complain("A text of more than 1 MiB is put together, which is more than may be.");
    return false;
}

Value concat(Call& call) {
    std::string result;
    const bool whole =
        each_text(call, 0, [&](std::string_view text) { return add_text(call, result, text); });
    return whole ? result : std::string{};
}

Value join(Call& call) {
    const std::string separator = call.text(0);
    std::string result;
    bool first = true;
    const bool whole = each_text(call, 1, [&](std::string_view text) {
        if (!first && !add_text(call, result, separator)) return false;
        first = false;
        return add_text(call, result, text);
    });
    return whole ? result : std::string{};
}

Value string(Call& call) {
    return text_or_context(call);
}
Value string_length(Call& call) {
    return static_cast<double>(count_code_points(text_or_context(call)));
}

Value normalize_space(Call& call) {
    std::string result;
    bool gap = false;
    for (const char c : text_or_context(call)) {
        if (is_space(c)) {
            gap = true;
            continue;
        }
        if (gap && !result.empty()) result += ' ';
        gap = false;
        result += c;
    }
    return result;
}

// substr(text, start, end): counted from 0, end left out of the result; negative numbers count from the end.
Value substr(Call& call) {
    const std::string text = call.text(0);
    const auto points = code_points(text);
    const auto size = static_cast<double>(points.size());
    const auto place = [&](double number) {
        if (std::isnan(number)) return 0.0;
        return std::clamp(std::trunc(number) < 0 ? size + std::trunc(number) : std::trunc(number), 0.0, size);
    };
    const double first = place(call.number(1));
    const double last = call.size() > 2 ? place(call.number(2)) : size;
    return joined(points, static_cast<std::size_t>(first), static_cast<std::size_t>(std::max(first, last)));
}

// XPath 1.0, 4.2: a character is kept when its position, from 1, is at least round(start) and less than
// round(start) + round(length).
Value substring(Call& call) {
    const std::string text = call.text(0);
    const auto round = [](double number) { return std::floor(number + 0.5); };
    const double first = round(call.number(1));
    const double end = call.size() > 2 ? first + round(call.number(2)) : HUGE_VAL;
    std::string result;
    double position = 0;
    for (const std::string_view point : code_points(text)) {
        ++position;
        if (position >= first && position < end) result += point;
    }
    return result;
}

Value substring_before(Call& call) {
    const std::string text = call.text(0);
    const std::size_t at = text.find(call.text(1));
    return at == std::string::npos ? std::string{} : text.substr(0, at);
}

Value substring_after(Call& call) {
    const std::string text = call.text(0), mark = call.text(1);
    const std::size_t at = text.find(mark);
    return at == std::string::npos ? std::string{} : text.substr(at + mark.size());
}

Value contains(Call& call) {
    std::string text, part;
    return call.text(0, text).find(call.text(1, part)) != std::string_view::npos;
}
Value starts_with(Call& call) {
    std::string text, part;
    return call.text(0, text).starts_with(call.text(1, part));
}
Value ends_with(Call& call) {
    std::string text, part;
    return call.text(0, text).ends_with(call.text(1, part));
}

Value translate(Call& call) {
    const std::string text = call.text(0), from = call.text(1), to = call.text(2);
    const auto from_points = code_points(from), to_points = code_points(to);
    std::map<std::string_view, std::string_view> replacement;  // the first place of a character counts
    for (std::size_t i = 0; i < from_points.size(); ++i)
        replacement.emplace(from_points[i], i < to_points.size() ? to_points[i] : std::string_view{});
    std::string result;
    for (const std::string_view point : code_points(text)) {
        if (result.size() > max_built_text) break;
        const auto found = replacement.find(point);
        result += found == replacement.end() ? point : found->second;
    }
    return result;
}

Value regex(Call& call) {
    std::string text_storage, pattern_storage;
    const std::string_view text = call.text(0, text_storage), pattern = call.text(1, pattern_storage);
    // Nearly every match takes little; one that does not is charged for the milliseconds that it may take.
    constexpr std::uint64_t usual_cost = 100, greatest_cost = max_evaluation_steps / 200;
    Evaluator& evaluator = call.evaluator();
    evaluator.spend(usual_cost);
    RegexAnswer answer = regex_match(text, pattern, usual_effort);
    if (answer == RegexAnswer::gave_up && evaluator.spend(greatest_cost))
        answer = regex_match(text, pattern, greatest_effort);
    switch (answer) {
        case RegexAnswer::yes:
            return true;
        case RegexAnswer::no:
            return false;
        case RegexAnswer::no_pattern:
            call.world().complain("The pattern of “regex” is no regular expression.");
            return false;
        case RegexAnswer::gave_up:
            call.world().complain("The pattern of “regex” takes too long on this text.");
            return false;
    }
    return false;
}

Value uuid(Call& call) {
    if (call.size() > 0) {
        constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        const double wanted = call.number(0);
        std::string result;
        for (double i = 0; i < std::min(wanted, 1024.0); ++i)
            result += letters[call.world().random() % letters.size()];
        return result;
    }
    return new_uuid(call.world());
}

constexpr FunctionInfo table[]{
    {"concat", 0, -1, concat},
    {"join", 1, -1, join},
    {"string", 0, 1, string, {.uses_context = true}},
    {"string-length", 0, 1, string_length, {.uses_context = true}},
    {"normalize-space", 0, 1, normalize_space, {.uses_context = true}},
    {"substr", 2, 3, substr},
    {"substring", 2, 3, substring},
    {"substring-before", 2, 2, substring_before},
    {"substring-after", 2, 2, substring_after},
    {"contains", 2, 2, contains},
    {"starts-with", 2, 2, starts_with},
    {"ends-with", 2, 2, ends_with},
    {"translate", 3, 3, translate},
    {"regex", 2, 2, regex},
    {"uuid", 0, 1, uuid},
};

}  // namespace

std::string new_uuid(World& world) {
    constexpr char hex[] = "0123456789abcdef";
    std::uint64_t bits[2]{world.random(), world.random()};
    bits[0] = (bits[0] & ~std::uint64_t{0xF000}) | 0x4000;                       // version 4
    bits[1] = (bits[1] & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);  // variant 1
    std::string result;
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) result += '-';
        result += hex[(bits[i / 16] >> (60 - 4 * (i % 16))) & 0xF];
    }
    return result;
}

std::span<const FunctionInfo> text_functions() {
    return table;
}

}  // namespace fieldfare::schema
