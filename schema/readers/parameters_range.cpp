#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/readers/parameters.h"

namespace fieldfare::schema::readers {
namespace {

std::optional<double> number_of(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

// Decimal fractions are meant: 0.3 is a multiple of 0.1.
bool is_multiple(double value, double of) {
    const double times = value / of;
    return std::abs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::abs(times));
}

struct Range {
    double start = 1, end = 10, step = 1;

    double low() const { return std::min(start, end); }
    double high() const { return std::max(start, end); }
    bool holds(double value) const { return value >= low() && value <= high(); }
};

void check_labels(const Range& range, std::optional<double> interval, const ChoiceList& labels, bool no_ticks,
                  ParameterFaults& faults) {
    std::set<double> values;
    for (const Choice& choice : labels.choices) {
        const std::string which = "The choice " + shown(choice.name) + " of the tick_labelset ";
        const auto value = number_of(choice.name);
        if (!value) {
            faults.add(which + "is no number. The names of its choices are places on the range.");
            continue;
        }
        values.insert(*value);
        if (!range.holds(*value))
            faults.add(which + "lies outside of the range.");
        else if (interval && *interval != 0 && !is_multiple(*value - range.start, *interval))
            faults.add(which + "is not the start plus a multiple of tick_interval.");
        else if (!is_multiple(*value - range.start, range.step))
            faults.add(which + "is not the start plus a multiple of step.");
    }
    if (no_ticks && values != std::set<double>{range.start, range.end})
        faults.add("With the appearance no-ticks the tick_labelset has two choices: the start and the end.");
}

}  // namespace

void take_range_parameters(const Parameters& parameters, Item& item, const ChoiceList* labels,
                           ParameterFaults& faults) {
    check_keys(parameters, {"end", "placeholder", "start", "step", "tick_interval", "tick_labelset"}, faults);
    const auto words = words_of(item.appearance);
    const bool no_ticks = std::find(words.begin(), words.end(), "no-ticks") != words.end();
    const bool plain_look = std::all_of(words.begin(), words.end(), [](const std::string& word) {
        return word == "vertical" || word == "no-ticks";
    });
    bool whole = true;
    const auto take = [&](const std::string& key) -> std::optional<double> {
        const auto found = parameters.find(key);
        if (found == parameters.end()) return std::nullopt;
        const auto value = number_of(found->second);
        if (!value) faults.add(key + " is a number; " + shown(found->second) + " is none.");
        whole &= !value || *value == std::floor(*value);
        return value;
    };
    const std::size_t before = faults.sentences.size();
    const auto start = take("start"), end = take("end"), step = take("step");
    const auto interval = take("tick_interval"), placeholder = take("placeholder");
    for (const char* key : {"tick_interval", "placeholder", "tick_labelset"})
        if (parameters.contains(key) && !plain_look)
            faults.add(std::string(key) + " does not go with the appearance " + shown(item.appearance) +
                       ". It goes with vertical, no-ticks, or none.");
    for (const char* key : {"start", "end", "step"}) {
        const auto found = parameters.find(key);
        item.parameters[key] = found != parameters.end()        ? found->second
                               : std::string_view(key) == "end" ? "10"
                                                                : "1";
    }
    if (!whole) item.data_type = DataType::decimal;
    if (faults.sentences.size() > before) return;

    const Range range{start.value_or(1), end.value_or(10), step.value_or(1)};
    const double width = range.high() - range.low();
    if (range.step == 0)
        faults.add("step must not be 0.");
    else if (range.step > width)
        faults.add("step is larger than the whole range, from start to end.");
    if (faults.sentences.size() > before) return;
    if (interval) {
        if (*interval == 0)
            faults.add("tick_interval must not be 0.");
        else if (*interval > width)
            faults.add("tick_interval is larger than the whole range, from start to end.");
        else if (!is_multiple(*interval, range.step))
            faults.add("tick_interval must be a multiple of step.");
        item.body_attributes["odk:tick-interval"] = parameters.at("tick_interval");
    }
    if (placeholder) {
        if (!is_multiple(*placeholder - range.start, range.step))
            faults.add("placeholder must be the start plus a multiple of step.");
        else if (!range.holds(*placeholder))
            faults.add("placeholder must lie between start and end.");
        item.body_attributes["odk:placeholder"] = parameters.at("placeholder");
    }
    const auto labelset = parameters.find("tick_labelset");
    if (labelset == parameters.end()) return;
    if (!labels) {
        faults.add("The choices sheet has no list " + shown(labelset->second) +
                   ", which tick_labelset names.");
        return;
    }
    check_labels(range, interval, *labels, no_ticks, faults);
    item.itemset = {"instance('" + labels->name + "')/root/item", "name", "label"};
}

}  // namespace fieldfare::schema::readers
