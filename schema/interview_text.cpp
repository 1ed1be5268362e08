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

std::string Interview::State::output(std::string_view inside, NodeId node) {
    if (const auto found = parts.names.find(inside); found != parts.names.end()) {
        NodeSet referred;
        reference(found->second.front(), {0, node}, referred);
        return referred.empty() ? std::string{} : std::string(single_text(referred.front().node));
    }
    auto found = parts.outputs.find({nodes[node].template_id, inside});
    if (found == parts.outputs.end()) found = parts.outputs.find({0, inside});
    if (found == parts.outputs.end()) return {};
    Evaluator evaluator(parts.ast, *this, {0, node});
    return text_of_result(evaluator.value(found->second), evaluator);
}

std::string Interview::State::piped(std::string_view text, NodeId node, std::size_t in_language) {
    if (text.find("${") == std::string_view::npos) return std::string(text);
    if (!changing && label_depth == 0) steps_left = surroundings.most_steps;
    const LanguageInUse now(*this, in_language, node);
    std::string result;
    split_piped(
        text, [&](std::string_view literal) { result += literal; },
        [&](std::string_view inside) { result += output(inside, node); });
    return result;
}

std::string Interview::State::text_in(const Text& text, NodeId node, std::size_t in_language) {
    return piped(pick(text, in_language), node, in_language);
}

std::string Interview::label(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    const std::string text = state_->pick(item(node).label, language);
    return text.empty() ? item(node).name : state_->piped(text, node, language);
}

std::string Interview::hint(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->text_in(item(node).hint, node, language);
}

std::string Interview::guidance_hint(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->text_in(item(node).guidance_hint, node, language);
}

std::string Interview::constraint_message(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->text_in(item(node).constraint_message, node, language);
}

std::string Interview::required_message(NodeId node, std::size_t language) const {
    if (!state_->exists(node) || node == root_node) return {};
    return state_->text_in(item(node).required_message, node, language);
}

std::vector<const Choice*> Interview::choices(NodeId node) const {
    return state_->exists(node) ? state_->offer(node) : std::vector<const Choice*>{};
}

std::string Interview::choice_label(NodeId node, const Choice& choice, std::size_t language) const {
    return state_->choice_text(node, choice, language);
}

std::string Interview::choice_words(NodeId node, const Choice& choice, std::size_t language) const {
    return state_->choice_words(node, choice, language);
}

}  // namespace fieldfare::schema
