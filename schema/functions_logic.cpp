#include <cmath>
#include <vector>

#include "schema/evaluator.h"
#include "schema/function_tables.h"

namespace fieldfare::schema {
namespace {

Value true_(Call&) {
    return true;
}
Value false_(Call&) {
    return false;
}
Value not_(Call& call) {
    return !call.boolean(0);
}
Value boolean(Call& call) {
    return call.boolean(0);
}
Value if_(Call& call) {
    return call.boolean(0) ? call.value(1) : call.value(2);
}

Value boolean_from_string(Call& call) {
    std::string storage;
    const std::string_view text = call.text(0, storage);
    return text == "1" || text == "true";
}

// The first argument whose text is not empty; a number that is none counts as empty, as in JavaRosa.
Value coalesce(Call& call) {
    for (std::size_t i = 0; i + 1 < call.size(); ++i) {
        const Value value = call.value(i);
        const auto* number = std::get_if<double>(&value);
        if (number != nullptr && std::isnan(*number)) continue;
        if (std::string text = call.evaluator().to_text(value); !text.empty()) return text;
    }
    return call.value(call.size() - 1);
}

// The truth of each argument; a node-set stands for its nodes, each of them for its text.
std::vector<bool> truths(Call& call, std::size_t i) {
    const Value value = call.value(i);
    const auto* nodes = std::get_if<NodeSet>(&value);
    if (nodes == nullptr) return {call.evaluator().to_boolean(value)};
    std::vector<bool> result;
    for (const NodeRef node : *nodes) result.push_back(!call.evaluator().text_of(node).empty());
    return result;
}

// Whether a count or weight lies between the first two arguments, of which -1 sets no bound.
bool in_bounds(Call& call, double weight) {
    const double minimum = call.number(0), maximum = call.number(1);
    return (minimum == -1 || weight >= minimum) && (maximum == -1 || weight <= maximum);
}

// checklist(least, most, truth…)
Value checklist(Call& call) {
    double count = 0;
    for (std::size_t i = 2; i < call.size(); ++i)
        for (const bool truth : truths(call, i)) count += truth ? 1 : 0;
    return in_bounds(call, count);
}

// weighted-checklist(least, most, truth, weight, …); the nodes of two sets go together in order.
Value weighted_checklist(Call& call) {
    double total = 0;
    for (std::size_t i = 2; i + 1 < call.size(); i += 2) {
        const std::vector<bool> flags = truths(call, i);
        const Value weight = call.value(i + 1);
        std::vector<double> weights;
        if (const auto* nodes = std::get_if<NodeSet>(&weight))
            for (const NodeRef node : *nodes) weights.push_back(call.evaluator().number_of(node));
        else
            weights.push_back(call.evaluator().to_number(weight));
        if (flags.size() != weights.size()) {
            call.world().complain("“weighted-checklist” has as many weights as there are answers.");
            return false;
        }
        for (std::size_t k = 0; k < flags.size(); ++k) total += flags[k] ? weights[k] : 0;
    }
    return in_bounds(call, total);
}

// JavaRosa's depend(value, what it depends on…): the value.
Value depend(Call& call) {
    return call.value(0);
}

// Keeps what the calculated question holds already; evaluates only while it is empty.
Value once(Call& call) {
    std::string kept = call.world().kept_text(call.evaluator().owner());
    if (!kept.empty()) return kept;
    return call.value(0);
}

constexpr FunctionInfo table[]{
    {"true", 0, 0, true_},
    {"false", 0, 0, false_},
    {"not", 1, 1, not_},
    {"boolean", 1, 1, boolean},
    {"boolean-from-string", 1, 1, boolean_from_string},
    {"if", 3, 3, if_},
    {"coalesce", 2, -1, coalesce},
    {"checklist", 2, -1, checklist},
    {"weighted-checklist", 2, -1, weighted_checklist, {.pairs = true}},
    {"depend", 1, -1, depend},
    {"once", 1, 1, once, {.keeps_own_value = true}},
};

}  // namespace

std::span<const FunctionInfo> logic_functions() {
    return table;
}

}  // namespace fieldfare::schema
