#include <algorithm>
#include <cmath>

#include "schema/answer_check.h"
#include "schema/date_text.h"
#include "schema/interview_state.h"
#include "schema/number_text.h"

namespace fieldfare::schema {
namespace {

// A whole number as number_to_text() writes it: "0", "-12".
bool is_whole_number_text(std::string_view text) {
    if (text == "0") return true;
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.empty() || text.size() > 15 || text.front() == '0') return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

// Every cell once, in dependency order, for all nodes that exist by then.
void Interview::State::evaluate_all() {
    for (std::uint64_t rank = 0; rank < parts.order.size(); ++rank) {
        const CellId id = parts.order[rank];
        const Cell& cell = parts.cells[id];
        if (cell.expression == no_expression && cell.property != Property::relevant) continue;
        passed_rank = rank;
        std::vector<NodeId> all;
        nodes_of(cell.node, 0, root_node, all);
        for (const NodeId node : all) evaluate(id, node);
        if (give_up()) break;
    }
    passed_rank = ~std::uint64_t{0};
    settle();
}

void Interview::State::settle() {
    do {
        while (!waiting.empty()) {
            const std::uint64_t key = waiting.top();
            while (!waiting.empty() && waiting.top() == key) waiting.pop();
            const auto node = static_cast<NodeId>(key & 0xffffffff);
            const CellId cell = parts.order[key >> 32];
            // The node may be gone, and its place taken by another instance of the same scope, which waits
            // itself.
            if (exists(node) && nodes[node].template_id == parts.cells[cell].node) evaluate(cell, node);
            if (give_up()) return;
        }
        const std::vector<NodeId> defaults = std::move(waiting_defaults);
        waiting_defaults.clear();
        for (const NodeId node : defaults) {
            if (!exists(node)) continue;
            Evaluator evaluator(parts.ast, *this, {0, node});
            const Value result = evaluator.value(template_of(node).default_value);
            if (auto value = checked(node, text_of_result(result, evaluator), nullptr))
                set_value(node, std::move(*value));
        }
        if (waiting.empty() && waiting_defaults.empty()) run_pending_actions();
    } while (!waiting.empty() || !waiting_defaults.empty());
}

void Interview::State::begin_change() {
    changed_nodes.clear();
    heard.clear();
    actions_run = 0;
    counts_changed = 0;
    steps_left = surroundings.most_steps;
    changing = true;
}

void Interview::State::end_loading() {
    loading = false;
    changed_nodes.clear();
    changing = false;
}

bool Interview::State::give_up() {
    if (steps_left > 0) return false;
    waiting = {};
    waiting_defaults.clear();
    changed_questions.clear();
    new_instances.clear();
    return true;
}

void Interview::State::wait_for(CellId cell, NodeId node) {
    const Cell& waiting_cell = parts.cells[cell];
    if (waiting_cell.rank > passed_rank && passed_rank != ~std::uint64_t{0}) return;
    waiting.push(std::uint64_t{waiting_cell.rank} << 32 | node);
}

void Interview::State::wait_for_new(NodeId base, ScopeId scope) {
    const auto& slots = parts.scopes[scope].slots;
    for (std::uint32_t slot = 0; slot < slots.size(); ++slot) {
        mark_changed(base + slot);
        for (const CellId cell : parts.templates[slots[slot]].cells) {
            if (cell == none) continue;
            if (parts.cells[cell].expression != no_expression ||
                parts.cells[cell].property == Property::relevant)
                wait_for(cell, base + slot);
        }
        // A default may be in place already.
        if (!nodes[base + slot].value.empty()) notify(base + slot, Property::value);
    }
}

void Interview::State::notify(NodeId node, Property property) {
    const CellId id = template_of(node).cell(property);
    if (id == none) return;
    const Cell& cell = parts.cells[id];
    std::vector<NodeId> found;
    for (std::uint32_t i = 0; i < cell.reader_count; ++i) {
        const Reader& reader = parts.readers[cell.first_reader + i];
        const Template& shape = parts.templates[parts.cells[reader.cell].node];
        if (shape.scope == 0) {
            wait_for(reader.cell, shape.slot);
            continue;
        }
        found.clear();
        nodes_of(parts.cells[reader.cell].node, reader.common, base_in(node, reader.common), found);
        for (const NodeId each : found) wait_for(reader.cell, each);
    }
}

std::string Interview::State::text_of_result(const Value& value, Evaluator& evaluator) const {
    // What cannot be calculated is empty, as in JavaRosa, not the text "NaN".
    if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isnan(*number)) return {};
    return evaluator.to_text(value);
}

// A calculated value as the node can hold it: whole numbers are cut as in JavaRosa, numbers of days become
// dates; what does not fit is empty. The bound on length keeps a chain of concat() from doubling without end.
std::string Interview::State::fitted(NodeId node, std::string text) const {
    const Item& item = item_of(node);
    if (text.empty()) return text;
    const DataType type = data_type_of(item);
    const bool is_number = type == DataType::integer || type == DataType::decimal;
    if (is_number && !is_whole_number_text(text)) {
        const double number = number_of_text(text);
        if (std::isnan(number)) return {};
        if (type == DataType::integer) text = number_to_text(std::trunc(number));
    }
    if (type == DataType::date && text.find('-', 1) == std::string::npos) {
        const double days = number_of_text(text);
        if (std::abs(days) < 3e6) text = day_text(day_from_days(static_cast<std::int64_t>(std::floor(days))));
    }
    if (type == DataType::date && text.size() > 10) text.resize(10);
    if (item.type == QuestionType::calculate || item.type == QuestionType::note)
        return text.size() > max_value_bytes ? std::string{} : text;
    auto value = checked(node, text, nullptr);
    return value ? std::move(*value) : std::string{};
}

void Interview::State::evaluate(CellId id, NodeId node) {
    const Cell& cell = parts.cells[id];
    take_steps(1);
    Evaluator evaluator(parts.ast, *this, {0, node});
    const bool has_expression = cell.expression != no_expression;
    const auto boolean = [&] { return has_expression ? evaluator.boolean(cell.expression) : cell.constant; };
    const auto store = [&](bool InterviewNode::*flag, bool value) {
        if (nodes[node].*flag == value) return;
        nodes[node].*flag = value;
        mark_changed(node);
    };
    switch (cell.property) {
        case Property::relevant: {
            const bool relevant = nodes[nodes[node].parent].relevant && boolean();
            if (relevant == nodes[node].relevant) return;
            set_relevance(node, relevant);
            notify(node, Property::relevant);
            return;
        }
        case Property::value: {
            if (!has_expression) return;
            const Value result = evaluator.value(cell.expression);
            set_value(node, fitted(node, text_of_result(result, evaluator)));
            return;
        }
        case Property::required:
            store(&InterviewNode::required, boolean());
            return;
        case Property::read_only:
            store(&InterviewNode::read_only, boolean());
            return;
        case Property::constraint:
            // An empty answer breaks no constraint; that is what required is for.
            store(&InterviewNode::constraint_holds, nodes[node].value.empty() || boolean());
            return;
        case Property::choices:
            refresh_offer(node);
            return;
        case Property::instances:
            if (has_expression) set_instances(node, evaluator.number(cell.expression, Focus{{0, node}}));
            return;
    }
}

void Interview::State::set_value(NodeId node, std::string value) {
    if (!withheld.empty()) withheld.erase(node);
    put_value(node, std::move(value));
}

void Interview::State::put_value(NodeId node, std::string value) {
    if (nodes[node].value == value) return;
    nodes[node].number = number_of_text(value);
    nodes[node].value = std::move(value);
    mark_changed(node);
    notify(node, Property::value);
    if (!loading && !parts.change_actions.empty() && parts.change_actions.contains(nodes[node].template_id))
        changed_questions.push_back(node);
}

// Down to the next nodes that have a relevance of their own: those wait for this one.
void Interview::State::set_relevance(NodeId node, bool relevant) {
    std::vector<NodeId> waiting_nodes{node};
    while (!waiting_nodes.empty()) {
        const NodeId at = waiting_nodes.back();
        waiting_nodes.pop_back();
        nodes[at].relevant = relevant;
        mark_changed(at);
        for (const NodeId child : nodes[at].children)
            if (parts.templates[nodes[child].template_id].cell(Property::relevant) == none)
                waiting_nodes.push_back(child);
    }
}

void Interview::State::set_instances(NodeId repeat, double wanted) {
    const auto count =
        std::isnan(wanted) ? 0 : static_cast<std::size_t>(std::clamp(wanted, 0.0, double{max_instances}));
    const std::size_t before = nodes[repeat].children.size();
    // A count that depends on itself could go up and down for ever.
    if (before == count) return;
    const bool circular = parts.cells[template_of(repeat).cell(Property::instances)].circular;
    if (circular && ++counts_changed > max_count_changes) return;
    while (nodes[repeat].children.size() > count) remove_last_instance(repeat);
    while (nodes[repeat].children.size() < count && add_instance(repeat)) {
    }
    mark_changed(repeat);
    notify(repeat, Property::instances);
}

void Interview::State::end_change() {
    changing = false;
    std::erase_if(changed_nodes, [this](NodeId node) { return !exists(node); });
    std::sort(changed_nodes.begin(), changed_nodes.end());
    changed_nodes.erase(std::unique(changed_nodes.begin(), changed_nodes.end()), changed_nodes.end());
    if (parts.scopes.size() > 1)  // within one scope the order of the numbers is that of the form
        std::sort(changed_nodes.begin(), changed_nodes.end(),
                  [this](NodeId a, NodeId b) { return stands_before(a, b); });
}

}  // namespace fieldfare::schema
