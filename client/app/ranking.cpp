#include "client/app/ranking.h"

#include <algorithm>

#include "client/app/choices.h"

namespace fieldfare::app {

using schema::Choice;
using schema::Interview;
using schema::NodeId;

namespace {

std::string joined(const std::vector<const Choice*>& order) {
    std::string value;
    for (const Choice* choice : order) (value += value.empty() ? "" : " ") += choice->name;
    return value;
}

}  // namespace

std::vector<const Choice*> ranking(const Interview& interview, NodeId node) {
    std::vector<const Choice*> left = interview.choices(node);
    std::vector<const Choice*> order;
    for (const std::string& name : names_in(interview.value(node))) {
        const auto found = std::ranges::find_if(left, [&](const Choice* each) { return each->name == name; });
        if (found == left.end()) continue;
        order.push_back(*found);
        left.erase(found);
    }
    order.insert(order.end(), left.begin(), left.end());
    return order;
}

bool ranked(const Interview& interview, NodeId node) {
    const std::string_view value = interview.value(node);
    return !value.empty() && value == joined(ranking(interview, node));
}

std::string value_of_ranking(const Interview& interview, NodeId node) {
    return joined(ranking(interview, node));
}

std::string value_after_move(const Interview& interview, NodeId node, std::string_view choice,
                             std::size_t place) {
    std::vector<const Choice*> order = ranking(interview, node);
    const auto from = std::ranges::find_if(order, [&](const Choice* each) { return each->name == choice; });
    if (from == order.end() || place >= order.size()) return {};
    const auto to = order.begin() + static_cast<std::ptrdiff_t>(place);
    if (from == to) return {};
    if (from < to) {
        std::rotate(from, from + 1, to + 1);
    } else {
        std::rotate(to, from, from + 1);
    }
    return joined(order);
}

}  // namespace fieldfare::app
