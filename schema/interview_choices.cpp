#include <algorithm>

#include "schema/interview_state.h"
#include "schema/shuffle.h"

namespace fieldfare::schema {
namespace {

// Spreads the interview's seed over its questions, so that two lists of equal length get different orders.
double seed_for(double order_seed, std::string_view path) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return static_cast<double>((static_cast<std::uint64_t>(order_seed) + hash % 2147483646) % 2147483646 + 1);
}

bool moves(const Template& shape, const Item& item) {
    return shape.cell(Property::choices) != none || item.randomize;
}

}  // namespace

std::vector<const Choice*> Interview::State::compute_offer(NodeId node) {
    const Template& shape = template_of(node);
    const Item& item = item_of(node);
    std::vector<const Choice*> result;
    const std::vector<Choice>& all = parts.form->lists[shape.list].choices;
    const CellId cell = shape.cell(Property::choices);
    Evaluator evaluator(parts.ast, *this, {0, node});
    if (cell != none && parts.cells[cell].expression != no_expression) {
        const std::vector<std::uint32_t>& items = parts.list_items[shape.list];
        for (const NodeRef each : evaluator.nodes(parts.cells[cell].expression, Focus{{0, node}})) {
            const auto found = std::lower_bound(items.begin(), items.end(), each.node);
            result.push_back(&all[static_cast<std::size_t>(found - items.begin())]);
        }
    } else {
        for (const Choice& choice : all) result.push_back(&choice);
    }
    if (item.randomize) {
        const double seed = shape.seed != no_expression ? evaluator.number(shape.seed, Focus{{0, node}})
                                                        : seed_for(order_seed, path_of(node));
        const auto pinned =
            std::stable_partition(result.begin(), result.end(), [](const Choice* c) { return !c->pin; });
        std::vector<const Choice*> moving(result.begin(), pinned);
        shuffle(moving, seed);
        std::copy(moving.begin(), moving.end(), result.begin());
    }
    return result;
}

std::vector<const Choice*> Interview::State::offer(NodeId node) {
    const Template& shape = template_of(node);
    if (shape.kind != NodeKind::question || shape.list == none) return {};
    if (!moves(shape, item_of(node))) return compute_offer(node);
    const auto found = offers.find(node);
    if (found != offers.end()) return found->second;
    return offers.emplace(node, compute_offer(node)).first->second;
}

// What an answer depends on has changed: the list shown is computed again, and chosen names that are no
// longer on it are taken back, as in ODK. A question that nobody is asked keeps its answer.
void Interview::State::refresh_offer(NodeId node) {
    const auto shown = offers.find(node);
    const bool answered = nodes[node].relevant && !nodes[node].value.empty();
    if (shown == offers.end() && !answered) return;
    std::vector<const Choice*> now = compute_offer(node);
    if (answered) {
        std::string kept;
        const std::string& value = nodes[node].value;
        for (std::size_t at = 0; at < value.size();) {
            const std::size_t end = std::min(value.find(' ', at), value.size());
            const std::string_view name = std::string_view(value).substr(at, end - at);
            if (std::any_of(now.begin(), now.end(),
                            [&](const Choice* choice) { return choice->name == name; }))
                (kept += kept.empty() ? "" : " ") += name;
            at = end + 1;
        }
        set_value(node, std::move(kept));
    }
    if (shown == offers.end()) return;
    if (shown->second == now) return;
    shown->second = std::move(now);
    mark_changed(node);
}

std::string Interview::State::choice_text(NodeId node, const Choice& choice, std::size_t language) {
    const std::string text = pick(choice.label, language);
    return text.empty() ? choice.name : piped(text, node);
}

std::string Interview::State::choice_label(std::string_view name, TemplateId target) const {
    const std::uint32_t list = parts.templates[target].list;
    for (const Choice& choice : parts.form->lists[list].choices) {
        if (choice.name != name) continue;
        const std::string text = pick(choice.label, parts.default_language);
        return text.empty() ? choice.name : text;
    }
    return {};
}

}  // namespace fieldfare::schema
