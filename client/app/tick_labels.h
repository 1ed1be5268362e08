#pragma once

#include <string>
#include <vector>

#include "schema/interview.h"

namespace fieldfare::app {

/// A number of a range for which its author has words: the ends of a scale, its middle (tick_labelset).
struct TickLabel {
    std::string number;  ///< as schema::NumberRange spells it
    std::string words;

    bool operator==(const TickLabel&) const = default;
};

/// In the order of the range, each number once. None for other questions; what is no number of the range, or
/// has no words, is left out.
std::vector<TickLabel> tick_labels(const schema::Interview& interview, schema::NodeId node,
                                   std::size_t language);

}  // namespace fieldfare::app
