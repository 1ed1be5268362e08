#include <algorithm>
#include <cmath>

#include "schema/evaluator.h"
#include "schema/function_tables.h"

namespace fieldfare::schema {
namespace {

// The names in a select's value, which stand separated by spaces.
std::vector<std::string_view> names_in(std::string_view value) {
    std::vector<std::string_view> result;
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find_first_of(" \t\n\r", at), value.size());
        if (end > at) result.push_back(value.substr(at, end - at));
        at = end + 1;
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\n\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\n\r") - first + 1);
}

Value selected(Call& call) {
    std::string storage, wanted_storage;
    const std::string_view value = call.text(0, storage);
    const std::string_view wanted = trimmed(call.text(1, wanted_storage));
    if (wanted.empty()) return value.empty();
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t end = std::min(value.find_first_of(" \t\n\r", at), value.size());
        if (value.substr(at, end - at) == wanted) return true;
        at = end + 1;
    }
    return false;
}

Value selected_at(Call& call) {
    const std::string value = call.text(0);
    const auto names = names_in(value);
    const double index = call.number(1);
    if (!(index >= 0) || index >= static_cast<double>(names.size())) return std::string{};
    return std::string(names[static_cast<std::size_t>(index)]);
}

Value count_selected(Call& call) {
    return static_cast<double>(names_in(call.text(0)).size());
}

// The second argument was resolved to a question when the form was compiled.
Value choice_name(Call& call) {
    const AstNode& question = call.evaluator().ast().nodes[call.argument(1)];
    if (question.kind != AstKind::reference) return std::string{};
    return call.world().choice_label(call.text(0), question.target, call.evaluator().owner());
}

Value itext(Call& call) {
    return call.world().itext(call.text(0));
}

Value version(Call& call) {
    return std::string(call.world().form_version());
}

constexpr FunctionInfo table[]{
    {"selected", 2, 2, selected},
    {"is-selected", 2, 2, selected},
    {"selected-at", 2, 2, selected_at},
    {"count-selected", 1, 1, count_selected},
    {"jr:choice-name", 2, 2, choice_name, {.label_of_choice = true}},
    {"jr:itext", 1, 1, itext},
    {"version", 0, 0, version},
};

}  // namespace

std::span<const FunctionInfo> select_functions() {
    return table;
}

}  // namespace fieldfare::schema
