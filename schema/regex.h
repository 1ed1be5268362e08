#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema {

enum class RegexAnswer { yes, no, no_pattern, gave_up };

/// Whether the whole text matches the pattern, as ODK's regex() asks (JavaRosa; Web Forms is content with a
/// part). \d, \w, \s and \b mean ASCII, as in the peers; \p{…} knows all of Unicode. Gives up where a match
/// would take more than a bounded number of steps. The last patterns used stay compiled.
RegexAnswer regex_match(std::string_view text, std::string_view pattern);

/// What is wrong with a pattern, in PCRE2's words; nothing when it is sound.
std::optional<std::string> regex_fault(std::string_view pattern);

}  // namespace fieldfare::schema
