#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "schema/interview.h"

namespace fieldfare::researcher {

/// {"set":["/data/q",value]}: a question's answer. A string, number or boolean as text; of a select or rank,
/// names separated by blanks (an array in JSON); of a trigger "OK" or "".
struct SetAnswer {
    std::string ref, value;
    bool operator==(const SetAnswer&) const = default;
};

/// {"add":["/data/r",after,count]}: instances of a repeat, behind the one with the index `after` (from 0), or
/// at the end.
struct AddInstances {
    std::string ref;
    std::optional<std::size_t> after;
    std::size_t count = 1;
    bool operator==(const AddInstances&) const = default;
};

/// {"remove":["/data/r",index,count]}: from the index (from 0) on.
struct RemoveInstances {
    std::string ref;
    std::size_t index = 0, count = 1;
    bool operator==(const RemoveInstances&) const = default;
};

/// {"lang":"French (fr)"}: a language of the form, by its name or code.
struct SwitchLanguage {
    std::string language;
    bool operator==(const SwitchLanguage&) const = default;
};

using Step = std::variant<SetAnswer, AddInstances, RemoveInstances, SwitchLanguage>;

/// A sentence says why a step can't be read or taken; it never holds an answer.
template <typename T>
using StepResult = tl::expected<T, std::string>;

/// Reads one step; other keys beside these are passed over.
StepResult<Step> step_from_json(std::string_view json);

/// An interview and the language in which it is shown.
struct Run {
    schema::Interview interview;
    std::size_t language = 0;
};

/// Takes the step. When it can't be taken, the interview stands as it was.
StepResult<void> take(Run& run, const Step& step);

}  // namespace fieldfare::researcher
