#pragma once

#include <string>
#include <string_view>

#include "schema/answer_check.h"

namespace fieldfare::app {

// Between what people type and what an interview stores: numbers with a comma, dates with points, times
// without zeros. What is stored is ODK's spelling, and an offset from UTC only where the person wrote one: it
// would tell where the interview took place.

/// When what stands in a question's field becomes its answer.
enum class Taken {
    at_once,    ///< with each key: texts
    when_left,  ///< "1" on the way to "12" is no answer: it would make and destroy instances of a repeat
    never,      ///< not typed at all
};
Taken taken(schema::QuestionType type);

/// The value to store, or why it is none. Not everything is judged here: the interview looks at it again.
tl::expected<std::string, schema::AnswerError> value_of_typed(const schema::Item& item,
                                                              const std::string& text);

/// What stands in the field of a question with this value: "21:05" for "21:05:00.000".
std::string typed_of_value(const schema::Item& item, std::string_view value);

}  // namespace fieldfare::app
