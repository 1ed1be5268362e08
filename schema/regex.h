#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema {

enum class RegexAnswer { yes, no, no_pattern, gave_up };

/// Whether the whole text matches the pattern, as ODK's regex() asks (JavaRosa; Web Forms is content with a
/// part). \d, \w, \s and \b mean ASCII, as in the peers; \p{…} knows all of Unicode. The last patterns used
/// stay compiled. A pattern can ask for exponential time: gives up where a match would take more than
/// `effort` calls of PCRE2's matcher (its match limit), or more depth or memory than any pattern needs.
RegexAnswer regex_match(std::string_view text, std::string_view pattern, std::uint32_t effort);

inline constexpr std::uint32_t usual_effort = 2'000;       ///< up to a hundred microseconds
inline constexpr std::uint32_t greatest_effort = 200'000;  ///< some milliseconds

/// What is wrong with a pattern, in PCRE2's words; nothing when it is sound.
std::optional<std::string> regex_fault(std::string_view pattern);

}  // namespace fieldfare::schema
