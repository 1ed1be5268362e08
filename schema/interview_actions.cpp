#include "schema/interview_state.h"

namespace fieldfare::schema {
namespace {

// Actions can set one another off for ever: a's change sets b to random(), b's change sets a. So many may
// follow from one answer; the rest is dropped.
constexpr std::size_t max_actions_at_once = 10'000;

bool answers_to(const SetValue& source, Event event) {
    for (const Event each : source.events)
        if (each == event) return true;
    return false;
}

}  // namespace

// A new interview has its first load, which is a load, too.
void Interview::State::run_load_actions(Event event) {
    new_instances.clear();  // what the form itself gave has its first load, not a new_repeat
    for (const std::uint32_t index : parts.load_actions) {
        const Action& action = parts.actions[index];
        if (!answers_to(*action.source, Event::load) && !answers_to(*action.source, event)) continue;
        std::vector<NodeId> owners;
        nodes_of(action.owner, 0, root_node, owners);
        for (const NodeId owner : owners) run_action(action, owner);
    }
    settle();
}

void Interview::State::run_pending_actions() {
    if (loading) return;
    while (!changed_questions.empty() || !new_instances.empty()) {
        const std::vector<NodeId> instances = std::move(new_instances),
                                  questions = std::move(changed_questions);
        new_instances.clear();
        changed_questions.clear();
        for (const NodeId node : instances) run_actions(parts.instance_actions, node);
        for (const NodeId node : questions) run_actions(parts.change_actions, node);
        if (!waiting.empty() || !waiting_defaults.empty()) return;  // first what follows from them
    }
}

void Interview::State::run_actions(const ActionsByTemplate& actions, NodeId node) {
    if (!exists(node)) return;
    const auto found = actions.find(nodes[node].template_id);
    if (found == actions.end()) return;
    for (const std::uint32_t index : found->second) {
        if (++actions_run > max_actions_at_once) return;
        const Action& action = parts.actions[index];
        const Template& owner = parts.templates[action.owner];
        if (owner.scope == template_of(node).scope) run_action(action, nodes[node].base + owner.slot);
    }
}

// The value is seen from the node that takes it, as in JavaRosa. What is not relevant takes none, as in ODK
// Web Forms.
void Interview::State::run_action(const Action& action, NodeId owner) {
    if (action.target == no_expression) return;
    Evaluator from_owner(parts.ast, *this, {0, owner});
    for (const NodeRef target : from_owner.all_nodes(action.target, Focus{{0, owner}})) {
        if (target.document != 0 || !exists(target.node) ||
            template_of(target.node).kind != NodeKind::question || !nodes[target.node].relevant)
            continue;
        std::string text = action.source->literal;
        if (action.value != no_expression) {
            Evaluator from_target(parts.ast, *this, target);
            text = text_of_result(from_target.value(action.value), from_target);
        }
        set_value(target.node, fitted(target.node, std::move(text)));
    }
}

}  // namespace fieldfare::schema
