#include "schema/interview_state.h"

namespace fieldfare::schema {

// The language asked for, the form's default, the first that has the text.
std::string Interview::State::pick(const Text& text, std::size_t language) const {
    if (language < text.size() && !text[language].empty()) return text[language];
    if (parts.default_language < text.size() && !text[parts.default_language].empty())
        return text[parts.default_language];
    for (const std::string& each : text)
        if (!each.empty()) return each;
    return {};
}

std::string Interview::State::piped(std::string_view text, NodeId node) {
    if (text.find("${") == std::string_view::npos) return std::string(text);
    std::string result;
    split_piped(
        text, [&](std::string_view literal) { result += literal; },
        [&](std::string_view name) {
            const auto found = parts.names.find(name);
            if (found == parts.names.end()) return;
            NodeSet referred;
            reference(found->second.front(), {0, node}, referred);
            if (!referred.empty()) result += single_text(referred.front().node);
        });
    return result;
}

std::string Interview::label(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    const std::string text = state_->pick(item(node).label, language);
    return text.empty() ? item(node).name : state_->piped(text, node);
}

std::string Interview::hint(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->piped(state_->pick(item(node).hint, language), node);
}

std::string Interview::constraint_message(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->piped(state_->pick(item(node).constraint_message, language), node);
}

std::string Interview::required_message(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->piped(state_->pick(item(node).required_message, language), node);
}

std::vector<const Choice*> Interview::choices(NodeId node) const {
    return state_->exists(node) ? state_->offer(node) : std::vector<const Choice*>{};
}

std::string Interview::choice_label(NodeId node, const Choice& choice, std::size_t language) const {
    return state_->choice_text(node, choice, language);
}

}  // namespace fieldfare::schema
