#pragma once

#include <vector>

#include "client/app/state.h"

namespace fieldfare::app {

/// How a question stands on the review: what is listed there to be looked at once more.
enum class Standing { answered, unanswered, unfitting, required_open };

/// unfitting: the answer breaks its constraint, what was typed can't be read, or a rank lacks choices that
/// came onto its list later.
Standing standing_of(const OpenInterview& open, schema::NodeId question);

struct ReviewItem {
    schema::NodeId question;
    Standing standing;
};

/// A page of the interview on the review screen.
struct ReviewSection {
    StepKey step;
    schema::NodeId heading;  ///< no_node: ungrouped questions
    int answered = 0, questions = 0;
    std::vector<ReviewItem> open;  ///< all but the answered ones
};

std::vector<ReviewSection> review_of(const OpenInterview& open);

/// The first question for which the interview can't be finalised yet, or no_node: a required one without an
/// answer, or one with an answer that does not fit. Questions left open by choice never stand in the way.
schema::NodeId blocks_finalising(const OpenInterview& open);

}  // namespace fieldfare::app
