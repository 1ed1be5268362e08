#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

// Dear ImGui 1.92 has no word-wrapped multi-line input. So the text that it edits carries line ends where
// lines shall break: a typed line end is the mark U+200B and '\n', a soft one is '\n' alone, after its
// blanks. Answers never see either form: unwrapped() gives the text as typed.
namespace fieldfare::gui::soft_wrap {

inline constexpr char32_t line_end_mark = 0x200B;  // zero width space: drawn as nothing

/// Where the first line of [from, to) must end: as ImFont::CalcWordWrapPosition.
using BreakAt = std::function<const char*(const char* from, const char* to)>;

/// Text as typed (with plain '\n') to text as edited, and back.
std::string wrapped(std::string_view typed, const BreakAt& break_at);
std::string unwrapped(std::string_view edited);

struct Text {
    std::string bytes;
    std::size_t cursor = 0;  ///< in bytes

    bool operator==(const Text&) const = default;
};

/// Without what an edit has put in beyond `most` characters, or beyond so many bytes of the text as typed:
/// what came in last goes from behind. What was too long before stays. Without soft line ends.
Text shortened(Text edited, std::string_view before, std::size_t most,
               std::size_t most_bytes = std::string_view::npos);

/// What the key just pressed wanted to erase.
enum class Erased { nothing, before, after };

/// Wraps anew after an edit and keeps the cursor at its character. When the key hit only a soft line end (the
/// text is what it was `before`), the character there goes instead.
Text rewrap(Text edited, std::string_view before, const BreakAt& break_at, Erased erased);

}  // namespace fieldfare::gui::soft_wrap
