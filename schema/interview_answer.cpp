#include <algorithm>

#include "schema/answer_check.h"
#include "schema/interview_state.h"

namespace fieldfare::schema {
using Checked = tl::expected<std::string, AnswerError>;

Checked Interview::State::checked(NodeId node, std::string_view value,
                                  const std::vector<const Choice*>* offered) const {
    const std::uint32_t list = template_of(node).list;
    // What a draft or a default holds is compared with the nodes on offer once these are known.
    const bool picks = template_of(node).itemset != none && item_of(node).type != QuestionType::range;
    if (picks && offered == nullptr) return checked_choice_names(value);
    std::vector<const Choice*> all;
    if (offered == nullptr && list != none) {
        for (const Choice& choice : parts.form->lists[list].choices) all.push_back(&choice);
        offered = &all;
    }
    return checked_answer(item_of(node), offered == nullptr ? all : *offered, value, nodes[node].value);
}

namespace {

bool takes_answers(const Interview& interview, NodeId node) {
    if (interview.kind(node) != NodeKind::question) return false;
    const QuestionType type = interview.item(node).type;
    return type != QuestionType::note && type != QuestionType::calculate && !interview.read_only(node);
}

}  // namespace

tl::expected<void, AnswerError> Interview::answer(NodeId node, std::string_view value) {
    if (!state_->exists(node) || !takes_answers(*this, node))
        return tl::unexpected(AnswerError::not_a_question);
    const std::vector<const Choice*> offered = state_->offer(node);
    auto stored = state_->checked(node, value, &offered);
    if (!stored) return tl::unexpected(stored.error());
    // A rank orders all that is on offer.
    if (item(node).type == QuestionType::rank && !stored->empty() &&
        static_cast<std::size_t>(std::count(stored->begin(), stored->end(), ' ')) + 1 != offered.size())
        return tl::unexpected(AnswerError::not_a_choice);
    state_->begin_change();
    state_->mark_changed(node);
    state_->nodes[node].missing.reset();
    state_->nodes[node].seen = true;
    state_->set_value(node, std::move(*stored));
    state_->settle();
    state_->end_change();
    return {};
}

tl::expected<void, AnswerError> Interview::say_missing(NodeId node, SaidMissing missing) {
    const bool said =
        missing == Missing::refused || missing == Missing::dont_know || missing == Missing::not_applicable;
    if (!said || !state_->exists(node) || !takes_answers(*this, node))
        return tl::unexpected(AnswerError::not_a_question);
    state_->begin_change();
    state_->mark_changed(node);
    state_->nodes[node].missing = missing;
    state_->nodes[node].seen = true;
    state_->set_value(node, {});
    state_->settle();
    state_->end_change();
    return {};
}

}  // namespace fieldfare::schema
