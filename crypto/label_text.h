#pragma once

#include <string_view>

namespace fieldfare::crypto {

inline constexpr std::size_t max_label_text = 64;

/// Whether this may stand as the label of a key: at most 64 bytes, well-formed UTF-8, no control characters,
/// since it is shown in terminals and windows of other people. Inside this folder only.
bool label_text_allowed(std::string_view text);

}  // namespace fieldfare::crypto
