#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "schema/interview.h"

namespace fieldfare::app {

/// The choices of a rank in the order that the screen shows: as they were put in order, after them what has
/// come onto the list since; while there is no answer, as the form gives them.
std::vector<const schema::Choice*> ranking(const schema::Interview& interview, schema::NodeId node);

/// Whether that order is the answer. An order that lacks a choice which came onto the list later is none.
bool ranked(const schema::Interview& interview, schema::NodeId node);

/// The answer that says: the order is right as it is shown.
std::string value_of_ranking(const schema::Interview& interview, schema::NodeId node);

/// The answer after this choice has gone to this place (the first is 0), the others closing up. Empty when
/// there is no such choice, or nothing would move.
std::string value_after_move(const schema::Interview& interview, schema::NodeId node, std::string_view choice,
                             std::size_t place);

}  // namespace fieldfare::app
