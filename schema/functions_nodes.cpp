#include <cmath>
#include <limits>

#include "schema/evaluator.h"
#include "schema/function_tables.h"
#include "schema/shuffle.h"

namespace fieldfare::schema {
namespace {

Value count(Call& call) {
    return static_cast<double>(call.nodes(0).size());
}

Value count_non_empty(Call& call) {
    double count = 0;
    for (const NodeRef node : call.nodes(0)) count += call.evaluator().text_of(node).empty() ? 0 : 1;
    return count;
}

// position() is XPath's; position(node) is ODK's: the place of a repeat's instance among its siblings.
Value position(Call& call) {
    if (call.size() == 0) return static_cast<double>(call.focus().position);
    const NodeSet nodes = call.evaluator().all_nodes(call.argument(0), call.focus());
    if (nodes.empty()) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(call.world().position_of(nodes.front()));
}

Value last(Call& call) {
    return static_cast<double>(call.focus().size);
}
Value current(Call& call) {
    return NodeSet{call.evaluator().owner()};
}

Value instance(Call& call) {
    const auto root = call.world().instance(call.text(0));
    return root ? NodeSet{*root} : NodeSet{};
}

Value randomize(Call& call) {
    NodeSet nodes = call.nodes(0);
    const double seed =
        call.size() > 1 ? call.number(1) : static_cast<double>(call.world().random() % 2147483646 + 1);
    shuffle(nodes, seed);
    return nodes;
}

// indexed-repeat(node, repeat, index, inner repeat, index…): goes into the instances one after the other and
// looks at the node from there.
Value indexed_repeat(Call& call) {
    NodeRef owner = call.evaluator().owner();
    for (std::size_t i = 1; i + 1 < call.size(); i += 2) {
        Evaluator inside(call.evaluator().ast(), call.world(), owner);
        const NodeSet instances = inside.all_nodes(call.argument(i), Focus{owner});
        const double index = call.number(i + 1);
        if (!(index >= 1) || index > static_cast<double>(instances.size())) return NodeSet{};
        owner = instances[static_cast<std::size_t>(index) - 1];
    }
    Evaluator inside(call.evaluator().ast(), call.world(), owner);
    return inside.value(call.argument(0));
}

std::string_view name_of_node(Call& call) {
    NodeRef node = call.focus().node;
    if (call.size() > 0) {
        const NodeSet nodes = call.nodes(0);
        if (nodes.empty()) return {};
        node = nodes.front();
    }
    return call.world().document(node.document).name(node.node);
}

Value name(Call& call) {
    return std::string(name_of_node(call));
}

Value local_name(Call& call) {
    const std::string_view whole = name_of_node(call);
    return std::string(whole.substr(whole.find(':') + 1));  // npos + 1 is 0
}

constexpr FunctionInfo table[]{
    {"count", 1, 1, count, {.structural = true, .needs_nodes = true}},
    {"count-non-empty", 1, 1, count_non_empty, {.needs_nodes = true}},
    {"position",
     0,
     1,
     position,
     {.positional = true, .structural = true, .needs_nodes = true, .places = true}},
    {"last", 0, 0, last, {.positional = true}},
    {"current", 0, 0, current},
    {"instance", 1, 1, instance},
    {"randomize", 1, 2, randomize, {.needs_nodes = true}},
    {"indexed-repeat", 3, 7, indexed_repeat},
    {"name", 0, 1, name, {.uses_context = true, .structural = true, .needs_nodes = true}},
    {"local-name", 0, 1, local_name, {.uses_context = true, .structural = true, .needs_nodes = true}},
};

}  // namespace

std::span<const FunctionInfo> node_functions() {
    return table;
}

}  // namespace fieldfare::schema
