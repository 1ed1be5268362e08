#pragma once

#include <string>
#include <string_view>

namespace fieldfare::schema::readers {

/// True for well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF) that holds no
/// control characters but tab, newline and carriage return.
bool is_clean_utf8(std::string_view text);

/// Without white space at both ends, non-breaking and zero-width spaces and the byte order mark included;
/// CR LF and CR become LF. What stands inside stays: a label keeps its typography.
std::string trimmed(std::string_view text);

/// The same as a part of `text`, carriage returns as they are.
std::string_view trimmed_part(std::string_view text);

/// For types, names, headers and expressions, where typography only does harm: trimmed, with non-breaking
/// spaces made plain, zero-width ones dropped and smart quotes made straight, as pyxform does.
std::string plain(std::string_view text);

/// plain, with each run of white space made one space.
std::string collapsed(std::string_view text);

std::string lower(std::string_view text);  ///< ASCII letters only

/// A piece of a form as it goes into a sentence: in quotes, on one line, not longer than 60 characters.
std::string shown(std::string_view text);

/// Letters to insert, drop or change to come from one to the other; texts over 40 bytes are simply far apart.
int distance(std::string_view a, std::string_view b);

}  // namespace fieldfare::schema::readers
