#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schema/interview.h"

namespace fieldfare::app {

/// What can be picked at a question: a choice by its name, a number of a short range, the OK of an
/// acknowledge (whose label is the program's own).
struct Pickable {
    std::string name, label;
    bool number = false;  ///< of a range: no digit but its own picks it
};
/// In the order to show; nothing for other questions, and for a range that is too long for a row or holds an
/// answer that is not in it.
std::vector<Pickable> pickables(const schema::Interview& interview, schema::NodeId node,
                                std::size_t language);

/// The digit that picks each of them; '\0' where none is left. They are counted from 1, the tenth has 0. In a
/// list of numerals (0 … 10) the digit is the numeral itself, and the others get the digits that are left; of
/// a range only the 10 does, the 0.
std::vector<char> digit_keys(const std::vector<Pickable>& pickables);
/// What a person may say instead of an answer: refused, don't know, not applicable. Nothing for required
/// questions, and nothing where the choice list itself has such a choice (its author has settled it).
std::vector<schema::Missing> missing_offered(const schema::Interview& interview, schema::NodeId node);

/// Whether the choice is part of the answer.
bool chosen(const schema::Interview& interview, schema::NodeId node, std::string_view choice);

/// The serialised value after this choice was picked: of a select_one or range the choice, of a
/// select_multiple the list with it added at the end (so that an exclusive choice given last wins) or taken
/// away, of an acknowledge the same.
std::string value_after_pick(const schema::Interview& interview, schema::NodeId node,
                             std::string_view choice);

/// The pieces of a value that holds choice names, a space between two.
std::vector<std::string> names_in(std::string_view value);

}  // namespace fieldfare::app
