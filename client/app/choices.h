#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schema/interview.h"

namespace fieldfare::app {

/// The digit that picks each of a question's choices, in the order of Interview::choices; '\0' where none is
/// left. Choices are counted from 1, the tenth has 0. In a list of numerals (0 … 10) the digit is the numeral
/// itself, and the others get the digits that are left.
std::vector<char> digit_keys(const schema::Interview& interview, schema::NodeId node, std::size_t language);

/// What a person may say instead of an answer: refused, don't know, not applicable. Nothing for required
/// questions, and nothing where the choice list itself has such a choice (its author has settled it).
std::vector<schema::Missing> missing_offered(const schema::Interview& interview, schema::NodeId node);

/// Whether the choice is part of the answer.
bool chosen(const schema::Interview& interview, schema::NodeId node, std::string_view choice);

/// The serialised value after this choice was picked: of a select_one the choice, of a select_multiple the
/// list with it added at the end (so that an exclusive choice given last wins) or taken away.
std::string value_after_pick(const schema::Interview& interview, schema::NodeId node,
                             std::string_view choice);

}  // namespace fieldfare::app
