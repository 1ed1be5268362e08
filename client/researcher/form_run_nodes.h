#pragma once

#include <string>
#include <vector>

#include "schema/interview.h"

namespace fieldfare::researcher {

/// One node of a running interview as `form run` prints it: a JSON object with the keys ref, type, relevant,
/// readonly, required; of questions also valueType, value, inSubmission, constraintValid, requiredValid; and
/// where there is something to say label, hint, appearances, violation, choices (the first 60) and nChoices.
struct PrintedNode {
    std::string key;  ///< "input /data/q": type and ref, which name a node for as long as it exists
    std::string json;

    bool operator==(const PrintedNode&) const = default;
};

/// All nodes in document order: a repeat before its instances, which carry their places: "/data/r[2]/q".
std::vector<PrintedNode> printed_nodes(const schema::Interview& interview, std::size_t language);

/// "[{…},{…}]"
std::string json_of(const std::vector<PrintedNode>& nodes);

/// What a step did: {"changed":[node,…],"gone":["input /data/r[2]/q",…]}.
std::string json_of_change(const std::vector<PrintedNode>& before, const std::vector<PrintedNode>& after);

}  // namespace fieldfare::researcher
