#include "client/app/review.h"

#include "client/app/ranking.h"

namespace fieldfare::app {

using schema::NodeId;

Standing standing_of(const OpenInterview& open, NodeId question) {
    const auto typed = open.typed.find(question);
    if (typed != open.typed.end() && typed->second.error) {
        return Standing::unfitting;
    }
    switch (open.interview.violation(question)) {
        case schema::Violation::constraint:
            return Standing::unfitting;
        case schema::Violation::required:
            return Standing::required_open;
        case schema::Violation::none:
            break;
    }
    const bool order_lacks_something = open.interview.item(question).type == schema::QuestionType::rank &&
                                       !open.interview.value(question).empty() &&
                                       !ranked(open.interview, question);
    if (order_lacks_something) {
        return Standing::unfitting;
    }
    return open.interview.answered(question) ? Standing::answered : Standing::unanswered;
}

std::vector<ReviewSection> review_of(const OpenInterview& open) {
    std::vector<ReviewSection> sections;
    for (const Step& step : open.steps) {
        if (step.key.kind != StepKind::page) {
            continue;
        }
        ReviewSection section{step.key, step.heading, 0, 0, {}};
        for (const NodeId question : questions_of(open.interview, step)) {
            const Standing standing = standing_of(open, question);
            ++section.questions;
            if (standing == Standing::answered) {
                ++section.answered;
            } else {
                section.open.push_back({question, standing});
            }
        }
        sections.push_back(std::move(section));
    }
    return sections;
}

NodeId blocks_finalising(const OpenInterview& open) {
    for (const Step& step : open.steps) {
        for (const NodeId question : questions_of(open.interview, step)) {
            const Standing standing = standing_of(open, question);
            if (standing == Standing::unfitting || standing == Standing::required_open) {
                return question;
            }
        }
    }
    return schema::first_violation(open.interview);
}

}  // namespace fieldfare::app
