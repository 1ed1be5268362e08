#include "schema/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <map>
#include <memory>
#include <string>

namespace fieldfare::schema {
namespace {

constexpr std::uint32_t depth_limit = 10'000;
constexpr std::uint32_t heap_limit_kib = 8'192;
constexpr std::size_t kept_patterns = 256;

struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
using Code = std::unique_ptr<pcre2_code, Free>;

// In a class, a hyphen behind a class such as \w is the character itself to Java and JavaScript ("[\w-.]");
// PCRE2 takes it for a range without an end.
std::string with_literal_hyphens(std::string_view pattern) {
    std::string result;
    bool in_class = false, after_class = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\' && i + 1 < pattern.size()) {
            result += c;
            result += pattern[++i];
            after_class = in_class && std::string_view("wWdDsS").find(pattern[i]) != std::string_view::npos;
            continue;
        }
        if (c == '-' && after_class) result += '\\';
        if (c == '[') in_class = true;
        if (c == ']') in_class = false;
        after_class = false;
        result += c;
    }
    return result;
}

Code compile(std::string_view written, int& error) {
    const std::string pattern = with_literal_hyphens(written);
    PCRE2_SIZE offset = 0;
    return Code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                              PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C,
                              &error, &offset, nullptr));
}

const pcre2_code* compiled(std::string_view pattern) {
    thread_local std::map<std::string, Code, std::less<>> kept;
    if (const auto found = kept.find(pattern); found != kept.end()) return found->second.get();
    if (kept.size() >= kept_patterns) kept.clear();
    int error = 0;
    return kept.emplace(pattern, compile(pattern, error)).first->second.get();
}

std::unique_ptr<pcre2_match_context, Free> limits() {
    std::unique_ptr<pcre2_match_context, Free> context(pcre2_match_context_create(nullptr));
    if (!context) return context;
    pcre2_set_depth_limit(context.get(), depth_limit);
    pcre2_set_heap_limit(context.get(), heap_limit_kib);
    return context;
}

}  // namespace

RegexAnswer regex_match(std::string_view text, std::string_view pattern, std::uint32_t effort) {
    const pcre2_code* code = compiled(pattern);
    if (code == nullptr) return RegexAnswer::no_pattern;
    thread_local const std::unique_ptr<pcre2_match_context, Free> context = limits();
    thread_local const std::unique_ptr<pcre2_match_data, Free> data(pcre2_match_data_create(1, nullptr));
    if (!context || !data) return RegexAnswer::gave_up;
    pcre2_set_match_limit(context.get(), effort);
    const int result = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                                   data.get(), context.get());
    if (result >= 0) return RegexAnswer::yes;
    const bool limited = result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
                         result == PCRE2_ERROR_HEAPLIMIT || result == PCRE2_ERROR_NOMEMORY;
    return limited ? RegexAnswer::gave_up : RegexAnswer::no;
}

std::optional<std::string> regex_fault(std::string_view pattern) {
    int error = 0;
    if (compile(pattern, error)) return {};
    PCRE2_UCHAR message[200] = {};
    pcre2_get_error_message(error, message, sizeof message);
    return std::string(reinterpret_cast<const char*>(message));
}

}  // namespace fieldfare::schema
