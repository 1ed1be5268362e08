#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "schema/evaluator.h"
#include "schema/function_tables.h"

namespace fieldfare::schema {
namespace {

// number × 10^places, exact in the decimal digits that name the number: 2.15 is 21.5 tenths, not 21.499….
double shift_point(double number, int places) {
    if (number == 0 || !std::isfinite(number)) return number;
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific);
    std::string text(digits, end.ptr);
    const std::size_t e = text.find('e');
    int exponent = std::stoi(text.substr(e + 1));
    text = text.substr(0, e + 1) + std::to_string(exponent + places);
    double result = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), result);
    if (read.ec == std::errc::result_out_of_range) return exponent + places > 0 ? HUGE_VAL * number : 0;
    return result;
}

// Halves go towards positive infinity (XPath 1.0, 4.4; JavaRosa with digits too).
double round_half_up(double number) {
    const double floor = std::floor(number);
    return std::copysign(number - floor >= 0.5 ? floor + 1 : floor, number);  // -0.5 gives -0
}

Value round(Call& call) {
    const double number = call.number(0);
    if (call.size() == 1 || !std::isfinite(number)) return round_half_up(number);
    const double digits = call.number(1);
    if (std::isnan(digits)) return digits;
    const int places = static_cast<int>(std::fmin(std::fmax(digits, -400), 400));
    const double shifted = shift_point(number, places);
    if (!std::isfinite(shifted)) return number;  // it has no such digits
    return shift_point(round_half_up(shifted), -places);
}

Value number(Call& call) {
    if (call.size() > 0) return call.number(0);
    return call.evaluator().number_of(call.focus().node);
}

Value integer(Call& call) {
    return std::trunc(call.number(0));
}
Value random(Call& call) {
    return static_cast<double>(call.world().random() >> 11) * 0x1p-53;
}
Value pi(Call&) {
    return std::numbers::pi;
}
Value power(Call& call) {
    return std::pow(call.number(0), call.number(1));
}
Value atan2(Call& call) {
    return std::atan2(call.number(0), call.number(1));
}
Value exp10(Call& call) {
    return std::pow(10.0, call.number(0));
}

template <double (*function)(double)>
Value apply(Call& call) {
    return function(call.number(0));
}

double absolute(double x) {
    return std::fabs(x);
}
double floor_of(double x) {
    return std::floor(x);
}
double ceiling_of(double x) {
    return std::ceil(x);
}
double root_of(double x) {
    return std::sqrt(x);
}
double log_of(double x) {
    return std::log(x);
}
double log10_of(double x) {
    return std::log10(x);
}
double exp_of(double x) {
    return std::exp(x);
}
double sine(double x) {
    return std::sin(x);
}
double cosine(double x) {
    return std::cos(x);
}
double tangent(double x) {
    return std::tan(x);
}
double arc_sine(double x) {
    return std::asin(x);
}
double arc_cosine(double x) {
    return std::acos(x);
}
double arc_tangent(double x) {
    return std::atan(x);
}

Value sum(Call& call) {
    double total = 0;
    for (const NodeRef node : call.nodes(0)) total += call.evaluator().number_of(node);
    return total;
}

// min and max of node-sets and numbers together. Nothing to compare gives NaN, and so does one that is no
// number.
template <typename Better>
Value extreme(Call& call, Better better) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    double best = nan;
    bool any = false;
    const auto take = [&](double number) {
        if (!any || std::isnan(number) || better(number, best)) best = std::isnan(best) && any ? nan : number;
        any = true;
    };
    for (std::size_t i = 0; i < call.size(); ++i) {
        const Value value = call.value(i);
        if (const auto* nodes = std::get_if<NodeSet>(&value)) {
            for (const NodeRef node : *nodes) take(call.evaluator().number_of(node));
        } else {
            take(call.evaluator().to_number(value));
        }
    }
    return best;
}

Value minimum(Call& call) {
    return extreme(call, [](double a, double b) { return a < b; });
}

Value maximum(Call& call) {
    return extreme(call, [](double a, double b) { return a > b; });
}

constexpr FunctionInfo table[]{
    {"number", 0, 1, number, {.uses_context = true}},
    {"int", 1, 1, integer},
    {"round", 1, 2, round},
    {"floor", 1, 1, apply<floor_of>},
    {"ceiling", 1, 1, apply<ceiling_of>},
    {"abs", 1, 1, apply<absolute>},
    {"pow", 2, 2, power},
    {"sqrt", 1, 1, apply<root_of>},
    {"log", 1, 1, apply<log_of>},
    {"log10", 1, 1, apply<log10_of>},
    {"exp", 1, 1, apply<exp_of>},
    {"exp10", 1, 1, exp10},
    {"sin", 1, 1, apply<sine>},
    {"cos", 1, 1, apply<cosine>},
    {"tan", 1, 1, apply<tangent>},
    {"asin", 1, 1, apply<arc_sine>},
    {"acos", 1, 1, apply<arc_cosine>},
    {"atan", 1, 1, apply<arc_tangent>},
    {"atan2", 2, 2, atan2},
    {"pi", 0, 0, pi},
    {"random", 0, 0, random},
    {"sum", 1, 1, sum, {.needs_nodes = true}},
    {"min", 1, -1, minimum},
    {"max", 1, -1, maximum},
};

}  // namespace

std::span<const FunctionInfo> number_functions() {
    return table;
}

}  // namespace fieldfare::schema
