#pragma once

#include <string_view>

namespace fieldfare::schema::readers {

/// A name as XML has it without colons (NCName, https://www.w3.org/TR/xml-names/#NT-NCName), as pyxform asks
/// of questions, groups and repeats: a letter or underscore first, then letters, digits, "_", "-" and ".".
bool is_name(std::string_view text);

/// The rule in words, for the end of a sentence.
inline constexpr std::string_view name_rule =
    "A name begins with a letter or underscore and goes on with letters, digits, underscores, hyphens or "
    "periods.";

}  // namespace fieldfare::schema::readers
