#include <cmath>
#include <limits>

#include "schema/evaluator.h"
#include "schema/function_tables.h"

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

// Drops the nodes that are not below another.
void keep_below(NodeSet& nodes, NodeRef above, Evaluator& evaluator) {
    const Document& document = evaluator.world().document(above.document);
    std::erase_if(nodes, [&](NodeRef node) {
        if (node.document != above.document || !evaluator.spend(1)) return true;
        for (std::uint32_t at = node.node; at != no_document_node; at = document.parent(at))
            if (at == above.node) return false;
        return true;
    });
}

// indexed-repeat(node, repeat, index, inner repeat, index…): goes into the instances one after the other and
// looks at the node from there. References are seen from the instance found last; paths from where the
// expression stands, and of their nodes those below that instance count.
Value indexed_repeat(Call& call) {
    NodeRef owner = call.evaluator().owner();
    const auto seen_from = [&](std::size_t i, bool first) {
        if (call.evaluator().ast().nodes[call.argument(i)].kind == AstKind::path) {
            NodeSet nodes = call.evaluator().all_nodes(call.argument(i), call.focus());
            if (!first) keep_below(nodes, owner, call.evaluator());
            return nodes;
        }
        Evaluator inside(call.evaluator(), owner);
        return inside.all_nodes(call.argument(i), Focus{owner});
    };
    for (std::size_t i = 1; i + 1 < call.size(); i += 2) {
        const NodeSet instances = seen_from(i, i == 1);
        const double index = call.number(i + 1);
        if (!(index >= 1) || index > static_cast<double>(instances.size())) return NodeSet{};
        owner = instances[static_cast<std::size_t>(index) - 1];
    }
    if (call.evaluator().ast().nodes[call.argument(0)].kind == AstKind::path) {
        NodeSet nodes = call.nodes(0);
        keep_below(nodes, owner, call.evaluator());
        return nodes;
    }
    Evaluator inside(call.evaluator(), owner);
    return inside.value(call.argument(0));
}

// The first node of the argument, or the context node without one.
std::optional<NodeRef> first_node(Call& call) {
    if (call.size() == 0) return call.focus().node;
    const NodeSet nodes = call.nodes(0);
    return nodes.empty() ? std::nullopt : std::optional(nodes.front());
}

std::string_view name_of_node(Call& call) {
    const auto node = first_node(call);
    return node ? call.world().document(node->document).name(node->node) : std::string_view{};
}

Value name(Call& call) {
    return std::string(name_of_node(call));
}

Value local_name(Call& call) {
    const std::string_view whole = name_of_node(call);
    return std::string(whole.substr(whole.find(':') + 1));  // npos + 1 is 0
}

Value namespace_uri(Call& call) {
    const auto node = first_node(call);
    return std::string(node ? call.world().document(node->document).name_space(node->node)
                            : std::string_view{});
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
    {"indexed-repeat", 3, 11, indexed_repeat, {.pairs = true}},
    {"name", 0, 1, name, {.uses_context = true, .structural = true, .needs_nodes = true}},
    {"local-name", 0, 1, local_name, {.uses_context = true, .structural = true, .needs_nodes = true}},
    {"namespace-uri", 0, 1, namespace_uri, {.uses_context = true, .structural = true, .needs_nodes = true}},
};

}  // namespace

std::span<const FunctionInfo> node_functions() {
    return table;
}

}  // namespace fieldfare::schema
