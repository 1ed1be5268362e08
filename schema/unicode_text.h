#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fieldfare::schema {

/// Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view text);

/// The text with U+FFFD for each byte that is not part of UTF-8.
std::string repaired_utf8(std::string text);

/// Number of code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

/// The code points of valid UTF-8, each as its bytes.
std::vector<std::string_view> code_points(std::string_view text);

}  // namespace fieldfare::schema
