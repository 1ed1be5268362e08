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
    const std::string text = call.text(0);
    return text == "1" || text == "true";
}

// The first argument whose text is not empty.
Value coalesce(Call& call) {
    for (std::size_t i = 0; i + 1 < call.size(); ++i)
        if (std::string text = call.text(i); !text.empty()) return text;
    return call.value(call.size() - 1);
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
    {"once", 1, 1, once, {.keeps_own_value = true}},
};

}  // namespace

std::span<const FunctionInfo> logic_functions() {
    return table;
}

}  // namespace fieldfare::schema
