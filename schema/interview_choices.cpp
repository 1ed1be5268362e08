#include <algorithm>
#include <set>

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

// The chosen names that are on offer. A rank is not completed with choices that came later, as ODK Web Forms
// does: it would hold an order that nobody gave.
std::string still_on_offer(std::string_view chosen, const std::vector<const Choice*>& now) {
    std::set<std::string_view> offered;
    for (const Choice* choice : now) offered.insert(choice->name);
    std::string result;
    for (std::size_t at = 0; at < chosen.size();) {
        const std::size_t end = std::min(chosen.find(' ', at), chosen.size());
        const std::string_view name = chosen.substr(at, end - at);
        if (offered.erase(name) > 0) (result += result.empty() ? "" : " ") += name;
        at = end + 1;
    }
    return result;
}

bool moves(const Template& shape, const Item& item) {
    return shape.cell(Property::choices) != none || item.randomize;
}

}  // namespace

std::vector<const Choice*> Interview::State::compute_offer(NodeId node) {
    const Template& shape = template_of(node);
    const Item& item = item_of(node);
    std::vector<const Choice*> result;
    const CellId cell = shape.cell(Property::choices);
    Evaluator evaluator(parts.ast, *this, {0, node});
    if (shape.itemset != none) {
        for (const NodeRef each : evaluator.nodes(parts.cells[cell].expression, Focus{{0, node}}))
            result.push_back(node_choice(shape.itemset, each, evaluator));
    } else if (cell != none && parts.cells[cell].expression != no_expression) {
        const std::vector<Choice>& all = parts.form->lists[shape.list].choices;
        const std::vector<std::uint32_t>& items = parts.list_items[shape.list];
        for (const NodeRef each : evaluator.nodes(parts.cells[cell].expression, Focus{{0, node}})) {
            const auto found = std::lower_bound(items.begin(), items.end(), each.node);
            result.push_back(&all[static_cast<std::size_t>(found - items.begin())]);
        }
    } else {
        for (const Choice& choice : parts.form->lists[shape.list].choices) result.push_back(&choice);
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

// Nodes of a secondary instance never change; those of the interview are read again.
const Choice* Interview::State::node_choice(std::uint32_t itemset, NodeRef node, Evaluator& evaluator) {
    const std::uint64_t key = std::uint64_t{node.document} << 32 | node.node;
    auto& kept = choice_of_node[itemset][key];
    if (kept != nullptr && node.document != 0) return kept;
    const ExpressionId value = parts.itemsets[itemset].value;
    std::string name = value == no_expression ? evaluator.text_of(node) : evaluator.text(value, Focus{node});
    if (kept != nullptr && kept->name == name) return kept;
    NodeChoice choice;
    choice.name = std::move(name);
    choice.origin = node;
    kept = &node_choices.emplace_back(std::move(choice));
    return kept;
}

std::vector<const Choice*> Interview::State::offer(NodeId node) {
    const Template& shape = template_of(node);
    if (shape.kind != NodeKind::question || (shape.list == none && shape.itemset == none)) return {};
    if (!moves(shape, item_of(node))) return compute_offer(node);
    const auto found = offers.find(node);
    if (found != offers.end()) return found->second;
    return offers.emplace(node, compute_offer(node)).first->second;
}

// What the choices depend on has changed: the list shown is computed again, and chosen names that are no
// longer on it are taken back. They come back with their choices, as in ODK, until somebody answers anew. A
// question that nobody is asked keeps its answer.
void Interview::State::refresh_offer(NodeId node) {
    const auto shown = offers.find(node);
    const auto kept = withheld.find(node);
    const std::string& chosen = kept != withheld.end() ? kept->second : nodes[node].value;
    // The itemset of a range has words for some of its numbers: the others are answers all the same.
    const bool picks = item_of(node).type != QuestionType::range;
    const bool answered = picks && nodes[node].relevant && !chosen.empty();
    if (shown == offers.end() && !answered) return;
    std::vector<const Choice*> now = compute_offer(node);
    if (answered) {
        std::string still = still_on_offer(chosen, now);
        if (still == chosen)
            withheld.erase(node);
        else
            withheld[node] = chosen;
        put_value(node, std::move(still));
    }
    if (shown == offers.end()) return;
    if (shown->second == now) return;
    shown->second = std::move(now);
    mark_changed(node);
    notify(node, Property::choices);
}

std::string Interview::State::choice_text(NodeId node, const Choice& choice, std::size_t in_language) {
    std::string text = choice_words(node, choice, in_language);
    return text.empty() ? choice.name : text;
}

std::string Interview::State::choice_words(NodeId node, const Choice& choice, std::size_t in_language) {
    const Template& shape = template_of(node);
    if (shape.itemset == none) return text_in(choice.label, node, in_language);
    const ExpressionId label = parts.itemsets[shape.itemset].label;
    if (label == no_expression) return {};
    const LanguageInUse now(*this, in_language, node);
    Evaluator evaluator(parts.ast, *this, {0, node});
    // The choices of an itemset are all made by node_choice.
    return evaluator.text(label, Focus{static_cast<const NodeChoice&>(choice).origin});
}

std::string Interview::State::choice_label(std::string_view name, TemplateId target, NodeRef owner) {
    const QuotedLabel level(*this);
    if (level.too_deep()) return {};
    NodeSet questions;
    reference(target, owner, questions);
    if (questions.empty()) return {};
    const NodeId node = questions.front().node;
    const Template& shape = parts.templates[target];
    if (shape.itemset != none) {
        for (const Choice* choice : offer(node))
            if (choice->name == name) return choice_text(node, *choice, language);
        return {};
    }
    for (const Choice& choice : parts.form->lists[shape.list].choices)
        if (choice.name == name) return choice_text(node, choice, language);
    return {};
}

}  // namespace fieldfare::schema
