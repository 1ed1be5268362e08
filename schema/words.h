#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "schema/form.h"

namespace fieldfare::schema {

// The words for a form's alternatives in canonical JSON. They are part of the format: never change one.

inline constexpr std::array<std::string_view, 3> item_kind_words{"question", "group", "repeat"};

inline constexpr std::array<std::string_view, 8> question_type_words{
    "text", "integer", "decimal", "date", "select_one", "select_multiple", "note", "calculate"};

inline constexpr std::array<std::string_view, 9> fill_words{
    "none",     "form-version",  "study",      "wave",           "mode",
    "language", "random-31-bit", "random-arm", "duration-bucket"};

template <typename Enum, std::size_t Count>
constexpr std::string_view word_of(const std::array<std::string_view, Count>& words, Enum value) {
    return words[static_cast<std::size_t>(value)];
}

template <typename Enum, std::size_t Count>
constexpr std::optional<Enum> from_word(const std::array<std::string_view, Count>& words,
                                        std::string_view word) {
    for (std::size_t i = 0; i < Count; ++i)
        if (words[i] == word) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace fieldfare::schema
