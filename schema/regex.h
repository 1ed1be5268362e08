#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldfare::schema {

/// Whether the whole text matches the pattern, as ODK's regex() asks. A pattern that is none, or that takes
/// more than a bounded number of steps on this text, matches nothing. The last patterns used stay compiled.
bool regex_matches(std::string_view text, std::string_view pattern);

/// What is wrong with a pattern, in PCRE2's words; nothing when it is sound.
std::optional<std::string> regex_fault(std::string_view pattern);

}  // namespace fieldfare::schema
