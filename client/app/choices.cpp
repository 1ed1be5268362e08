#include "client/app/choices.h"

#include <algorithm>
#include <array>

#include "schema/number_range.h"

namespace fieldfare::app {

using schema::Interview;
using schema::Missing;
using schema::NodeId;
using schema::QuestionType;

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::vector<Pickable> numbers_in_a_row(const Interview& interview, NodeId node) {
    const auto range = schema::NumberRange::of(interview.item(node));
    const std::string value(interview.value(node));
    std::vector<std::string> row = range ? range->row() : std::vector<std::string>{};
    if (!value.empty() && std::ranges::find(row, value) == row.end()) row.clear();
    std::vector<Pickable> found;
    for (std::string& number : row) found.push_back({number, number, true});
    return found;
}

}  // namespace

std::vector<std::string> names_in(std::string_view value) {
    std::vector<std::string> names;
    while (!value.empty()) {
        const std::size_t end = std::min(value.find(' '), value.size());
        if (end > 0) names.emplace_back(value.substr(0, end));
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return names;
}

std::vector<Pickable> pickables(const Interview& interview, NodeId node, std::size_t language) {
    std::vector<Pickable> found;
    switch (interview.item(node).type) {
        case QuestionType::select_one:
        case QuestionType::select_multiple:
            for (const schema::Choice* choice : interview.choices(node))
                found.push_back({choice->name, interview.choice_label(node, *choice, language)});
            return found;
        case QuestionType::range:
            return numbers_in_a_row(interview, node);
        case QuestionType::acknowledge:
            return {{"OK", {}}};
        default:
            return found;
    }
}

std::vector<char> digit_keys(const std::vector<Pickable>& pickables) {
    std::vector<char> keys(pickables.size(), '\0');
    std::array<bool, 10> used{};
    std::size_t numerals = 0;
    for (std::size_t i = 0; i < pickables.size(); ++i) {
        const std::string& label = pickables[i].label;
        // "3 or more" counts as 3; "10" and "18–24" do not count.
        const bool leads = !label.empty() && is_digit(label[0]) && (label.size() == 1 || label[1] == ' ');
        if (leads && !used[static_cast<std::size_t>(label[0] - '0')]) {
            keys[i] = label[0];
            used[static_cast<std::size_t>(label[0] - '0')] = true;
            ++numerals;
        }
    }
    const bool range = std::ranges::any_of(pickables, &Pickable::number);
    if (numerals < 2 && !range) {
        std::ranges::fill(keys, '\0');
        used.fill(false);
    }
    if (range) {  // "5" must not pick 0.5, "1" not 10 in a row from 10 to 20
        for (std::size_t i = 0; i < pickables.size(); ++i)
            if (pickables[i].label == "10" && used[1] && !used[0]) keys[i] = '0';
        return keys;
    }
    static constexpr std::string_view order = "1234567890";
    std::size_t next = 0;
    for (char& key : keys) {
        while (next < order.size() && used[static_cast<std::size_t>(order[next] - '0')]) ++next;
        if (key == '\0' && next < order.size()) {
            key = order[next++];
        }
    }
    return keys;
}

std::vector<Missing> missing_offered(const Interview& interview, NodeId node) {
    const schema::Item& item = interview.item(node);
    if (interview.required(node) || interview.read_only(node) || item.type == QuestionType::note ||
        item.type == QuestionType::calculate) {
        return {};
    }
    for (const schema::ChoiceList& list : interview.form().form().lists) {
        if (!item.list.empty() && list.name == item.list &&
            std::ranges::any_of(list.choices, [](const schema::Choice& choice) {
                return choice.code && schema::missing_from_code(*choice.code);
            })) {
            return {};
        }
    }
    return {Missing::refused, Missing::dont_know, Missing::not_applicable};
}

bool chosen(const Interview& interview, NodeId node, std::string_view choice) {
    return std::ranges::any_of(names_in(interview.value(node)),
                               [&](const auto& name) { return name == choice; });
}

std::string value_after_pick(const Interview& interview, NodeId node, std::string_view choice) {
    const QuestionType type = interview.item(node).type;
    if (type == QuestionType::select_one || type == QuestionType::range) {
        return std::string(choice);
    }
    std::vector<std::string> names = names_in(interview.value(node));
    if (std::erase(names, choice) == 0) {
        names.emplace_back(choice);
    }
    std::string value;
    for (const std::string& name : names) {
        value += value.empty() ? name : ' ' + name;
    }
    return value;
}

}  // namespace fieldfare::app
