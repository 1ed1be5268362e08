#include "schema/interview.h"

#include <cassert>

#include "schema/interview_state.h"

namespace fieldfare::schema {

Interview::Interview(std::unique_ptr<State> state) : state_(std::move(state)) {}
Interview::Interview(Interview&&) noexcept = default;
Interview& Interview::operator=(Interview&&) noexcept = default;
Interview::~Interview() = default;

Interview Interview::start(std::shared_ptr<const CompiledForm> form, const Surroundings& surroundings) {
    auto state = std::make_unique<State>(std::move(form), surroundings, true);
    state->fill_at_start();
    state->evaluate_all();
    state->run_load_actions(Event::first_load);
    state->end_loading();
    return Interview(std::move(state));
}

// What the program fills in at the start. What was drawn before, and came back from a draft, is not drawn
// again.
void Interview::State::fill_at_start() {
    if (parts.draws_order && order_seed == 0) order_seed = static_cast<double>(random() % 2147483646 + 1);
    for (NodeId node = 0; node < nodes.size(); ++node) {
        const Template& shape = template_of(node);
        if (shape.kind != NodeKind::question) continue;
        const std::vector<std::string>& arms = shape.item->fill_arguments;
        switch (shape.item->fill) {
            case Fill::none:
            case Fill::language:
            case Fill::duration_bucket:
                break;
            case Fill::form_version:
                set_value(node, parts.form->settings.version);
                break;
            case Fill::study:
                set_value(node, surroundings.study);
                break;
            case Fill::wave:
                set_value(node, surroundings.wave);
                break;
            case Fill::mode:
                set_value(node, surroundings.mode);
                break;
            case Fill::random_31_bit:
                if (nodes[node].value.empty()) set_value(node, std::to_string(random() % 2147483646 + 1));
                break;
            case Fill::random_arm:
                if (nodes[node].value.empty()) set_value(node, arms[random() % arms.size()]);
                break;
        }
    }
}

// ODK XForms, "Preload attributes". What would tell of the device or the person stays empty.
void Interview::State::preload(NodeId node) {
    const Item& item = item_of(node);
    if (item.preload == "uid")
        set_value(node, "uuid:" + new_uuid(*this));
    else if (item.preload == "date" && item.preload_parameters == "today")
        set_value(node, surroundings.today);
    else if (item.preload == "timestamp" && item.preload_parameters == "start")
        set_value(node, surroundings.now);
}

const CompiledForm& Interview::form() const {
    return *state_->form;
}

NodeKind Interview::kind(NodeId node) const {
    return state_->template_of(node).kind;
}

const Item& Interview::item(NodeId node) const {
    assert(node != root_node);
    return state_->item_of(node);
}

NodeId Interview::parent(NodeId node) const {
    return state_->nodes[node].parent;
}
std::span<const NodeId> Interview::children(NodeId node) const {
    return state_->nodes[node].children;
}
std::string Interview::path_of(NodeId node) const {
    return state_->path_of(node);
}

bool Interview::relevant(NodeId node) const {
    return state_->nodes[node].relevant;
}
bool Interview::required(NodeId node) const {
    return state_->nodes[node].required;
}
bool Interview::read_only(NodeId node) const {
    for (NodeId at = node; at != no_node; at = state_->nodes[at].parent)
        if (state_->nodes[at].read_only) return true;
    return false;
}
std::string_view Interview::value(NodeId node) const {
    return state_->nodes[node].value;
}
std::optional<Missing> Interview::missing(NodeId node) const {
    return state_->nodes[node].missing;
}
bool Interview::seen(NodeId node) const {
    return state_->nodes[node].seen;
}
void Interview::mark_seen(NodeId node) {
    state_->nodes[node].seen = true;
}
std::span<const NodeId> Interview::changed() const {
    return state_->changed_nodes;
}

Violation Interview::violation(NodeId node) const {
    const InterviewNode& at = state_->nodes[node];
    if (kind(node) != NodeKind::question || !at.relevant) return Violation::none;
    if (!at.value.empty()) return at.constraint_holds ? Violation::none : Violation::constraint;
    const QuestionType type = item(node).type;
    const bool asked = type != QuestionType::note && type != QuestionType::calculate;
    return asked && at.required && !at.missing ? Violation::required : Violation::none;
}

std::span<const std::string> Interview::complaints() const {
    return state_->heard;
}

void Interview::set_language(std::size_t language) {
    State& state = *state_;
    if (language == state.language) return;
    state.language = language;
    state.begin_change();
    for (const CellId cell : state.parts.language_cells) {
        std::vector<NodeId> found;
        state.nodes_of(state.parts.cells[cell].node, 0, root_node, found);
        for (const NodeId node : found) state.wait_for(cell, node);
    }
    state.settle();
    state.end_change();
}

bool Interview::add_instance(NodeId repeat, std::optional<std::size_t> place) {
    if (!state_->exists(repeat) || kind(repeat) != NodeKind::repeat || state_->counted(repeat)) return false;
    if (place && *place > children(repeat).size()) return false;
    state_->begin_change();
    if (!state_->add_instance(repeat)) return false;
    if (place) state_->move_last_instance(repeat, *place);
    state_->mark_changed(repeat);
    state_->notify(repeat, Property::instances);
    state_->settle();
    state_->end_change();
    return true;
}

bool Interview::remove_instance(NodeId instance) {
    if (!state_->exists(instance) || kind(instance) != NodeKind::instance) return false;
    const NodeId repeat = parent(instance);
    if (state_->counted(repeat)) return false;
    state_->begin_change();
    state_->remove_instance(instance);
    state_->mark_changed(repeat);
    state_->notify(repeat, Property::instances);
    state_->settle();
    state_->end_change();
    return true;
}

}  // namespace fieldfare::schema
