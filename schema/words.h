#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "schema/form.h"

namespace fieldfare::schema {

// The words for a form's alternatives in canonical JSON. They are part of the format: never change one.

inline constexpr std::array<std::string_view, 3> item_kind_words{"question", "group", "repeat"};

inline constexpr std::array<std::string_view, 21> question_type_words{
    "text",  "integer",  "decimal", "date",  "select_one",  "select_multiple", "note",     "calculate",
    "time",  "dateTime", "rank",    "range", "acknowledge", "geopoint",        "geotrace", "geoshape",
    "image", "audio",    "video",   "file",  "barcode"};

inline constexpr std::array<std::string_view, 14> data_type_words{
    "usual",    "string",   "int",      "boolean",  "decimal", "date",    "time",
    "dateTime", "geopoint", "geotrace", "geoshape", "binary",  "barcode", "intent"};

inline constexpr std::array<std::string_view, 4> event_words{"odk-instance-first-load", "odk-instance-load",
                                                             "odk-new-repeat", "xforms-value-changed"};

inline constexpr std::array<std::string_view, 9> fill_words{
    "none",     "form-version",  "study",      "wave",           "mode",
    "language", "random-31-bit", "random-arm", "duration-bucket"};

template <typename Enum, std::size_t Count>
constexpr std::string_view word_of(const std::array<std::string_view, Count>& words, Enum value) {
    return words[static_cast<std::size_t>(value)];
}

constexpr std::string_view word_of(ItemKind kind) {
    return word_of(item_kind_words, kind);
}
constexpr std::string_view word_of(QuestionType type) {
    return word_of(question_type_words, type);
}

template <typename Enum, std::size_t Count>
constexpr std::optional<Enum> from_word(const std::array<std::string_view, Count>& words,
                                        std::string_view word) {
    for (std::size_t i = 0; i < Count; ++i)
        if (words[i] == word) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace fieldfare::schema
