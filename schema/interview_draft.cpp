#include <charconv>

#include "schema/interview_state.h"

namespace fieldfare::schema {
namespace {

// By the name, not by going through all children: a draft of ten thousand answers has as many paths.
NodeId child_named(const Interview::State& state, NodeId above, std::string_view name) {
    const auto found = state.parts.names.find(name);
    if (found == state.parts.names.end()) return no_node;
    for (const TemplateId id : found->second)
        if (state.parts.templates[id].parent == state.nodes[above].template_id)
            return state.nodes[above].base + state.parts.templates[id].slot;
    return no_node;
}

// Of "[2]", as path_of writes it and in no other way: 2. Nothing for anything else.
std::optional<std::uint32_t> instance_number(std::string_view text) {
    if (text.size() < 3 || text.front() != '[' || text.back() != ']' || text[1] == '0') return std::nullopt;
    const std::string_view digits = text.substr(1, text.size() - 2);
    std::uint32_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
    return number <= max_instances ? std::optional(number) : std::nullopt;
}

// The node of a path such as "/d/stay[2]/st_region"; `make` is asked for instances that are not there yet.
template <typename Make>
NodeId walk(const Interview::State& state, std::string_view path, Make make) {
    if (path.size() <= 1) return path == "/" ? root_node : no_node;
    NodeId at = root_node;
    while (!path.empty()) {
        if (path.front() != '/') return no_node;
        path.remove_prefix(1);
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(part.size());
        const std::string_view name = part.substr(0, part.find('['));
        const NodeId next = child_named(state, at, name);
        if (next == no_node) return no_node;
        if (state.template_of(next).kind == NodeKind::repeat) {
            if (part.size() == name.size()) return path.empty() ? next : no_node;
            const auto number = instance_number(part.substr(name.size()));
            if (!number) return no_node;
            while (state.nodes[next].children.size() < *number)
                if (!make(next)) return no_node;
            at = state.nodes[next].children[*number - 1];
            continue;
        }
        if (part.size() != name.size()) return no_node;
        at = next;
    }
    return at;
}

bool is_drawn(Fill fill) {
    return fill == Fill::random_31_bit || fill == Fill::random_arm;
}

}  // namespace

NodeId Interview::find(std::string_view path_or_name) const {
    if (path_or_name.starts_with('/')) return walk(*state_, path_or_name, [](NodeId) { return false; });
    const auto found = state_->parts.names.find(path_or_name);
    if (found == state_->parts.names.end() || found->second.size() != 1) return no_node;
    std::vector<NodeId> nodes;
    state_->nodes_of(found->second.front(), 0, root_node, nodes);
    return nodes.size() == 1 ? nodes.front() : no_node;
}

std::optional<DraftEntry> Interview::draft_entry(NodeId node) const {
    if (!state_->exists(node)) return {};
    const InterviewNode& at = state_->nodes[node];
    const Template& shape = state_->template_of(node);
    DraftEntry entry;
    switch (shape.kind) {
        case NodeKind::root:
            // The order of lists that are shuffled without a seed.
            if (!state_->parts.draws_order) return {};
            entry.value = std::to_string(static_cast<std::int64_t>(state_->order_seed));
            break;
        case NodeKind::instance:
            if (state_->counted(at.parent)) return {};  // repeat_count makes it again
            break;
        case NodeKind::group:
        case NodeKind::repeat:
            return {};
        case NodeKind::question: {
            const bool kept = shape.item->type != QuestionType::calculate || is_drawn(shape.item->fill) ||
                              shape.keeps_calculated || shape.item->calculation.empty();
            const bool filled = shape.item->fill != Fill::none && !is_drawn(shape.item->fill);
            const auto withheld = state_->withheld.find(node);
            entry.value = withheld == state_->withheld.end() ? at.value : withheld->second;
            if (!kept || filled || (entry.value.empty() && !at.missing && !at.seen)) return {};
            entry.missing = at.missing;
            entry.seen = at.seen;
            break;
        }
    }
    entry.path = path_of(node);
    return entry;
}

std::vector<DraftEntry> Interview::draft() const {
    std::vector<DraftEntry> entries;
    std::vector<NodeId> waiting{root_node};
    while (!waiting.empty()) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        if (auto entry = draft_entry(node)) entries.push_back(std::move(*entry));
        const auto& below = state_->nodes[node].children;
        waiting.insert(waiting.end(), below.rbegin(), below.rend());
    }
    return entries;
}

Interview Interview::resume(std::shared_ptr<const CompiledForm> form, const Surroundings& surroundings,
                            std::span<const DraftEntry> entries, std::vector<DraftEntry>* dropped) {
    // What defaults gave is in the draft; what was cleared stays empty.
    auto state = std::make_unique<State>(std::move(form), surroundings, false);
    State& at = *state;
    std::vector<std::pair<NodeId, const DraftEntry*>> taken;
    const auto drop = [&](const DraftEntry& entry) {
        if (dropped != nullptr) dropped->push_back(entry);
    };
    for (const DraftEntry& entry : entries) {
        const NodeId node = walk(at, entry.path, [&](NodeId repeat) { return at.add_instance(repeat); });
        if (node == no_node) {
            drop(entry);
            continue;
        }
        const Template& shape = at.template_of(node);
        if (node == root_node) {
            const double seed = number_of_text(entry.value);
            if (seed >= 1 && seed < 2147483647) at.order_seed = seed;
        } else if (shape.kind == NodeKind::question) {
            const bool fits = shape.item->type != QuestionType::note || entry.value.empty();
            auto value =
                fits ? at.checked(node, entry.value, nullptr) : tl::unexpected(AnswerError::not_a_question);
            if (!value) {
                drop(entry);
                continue;
            }
            at.nodes[node].missing = entry.missing;
            at.nodes[node].seen = entry.seen;
            at.set_value(node, std::move(*value));
            taken.emplace_back(node, &entry);
        } else if (shape.kind != NodeKind::instance) {
            drop(entry);
        }
    }
    at.fill_at_start();
    at.waiting = {};  // everything is looked at anyway
    at.evaluate_all();
    at.with_defaults = true;
    at.run_load_actions(Event::load);
    at.end_loading();
    for (const auto& [node, entry] : taken)
        if (!at.exists(node)) drop(*entry);
    return Interview(std::move(state));
}

}  // namespace fieldfare::schema
