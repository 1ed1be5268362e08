#pragma once

#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "schema/form.h"
#include "schema/interview.h"

namespace fieldfare::schema {

/// Longest value of a question, in bytes.
inline constexpr std::size_t max_value_bytes = 64 * 1024;

/// The type of the value that a question holds: the one its bind gives, or the usual one of its type.
DataType data_type_of(const Item& item);

/// An answer to a question of this type as it is stored, or why it cannot be: numbers and dates in their one
/// spelling; of exclusive and other choices those given last, `before` being what was chosen before.
/// `offered` holds the choices of a select to choose from.
tl::expected<std::string, AnswerError> checked_answer(const Item& item,
                                                      std::span<const Choice* const> offered,
                                                      std::string_view value, std::string_view before);

/// Names of choices that are not known here: each once, a space between two.
tl::expected<std::string, AnswerError> checked_choice_names(std::string_view value);

}  // namespace fieldfare::schema
