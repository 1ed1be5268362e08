#pragma once

#include <compare>
#include <string>
#include <vector>

#include "schema/interview.h"

namespace fieldfare::app {

/// One screen of the interview. A page shows one section: a top-level group, or a run of ungrouped questions.
/// Groups that the respondent fills in alone (x_handover) are pages of their own, also inside another group;
/// before the first of a run stands hand_over, after the last hand_back.
enum class StepKind { page, hand_over, hand_back };

/// What a step is known by while relevance changes around it.
struct StepKey {
    StepKind kind = StepKind::page;
    schema::NodeId anchor = schema::no_node;  ///< the page's first node, relevant or not; for the other kinds
                                              ///< that of the page before (hand_back) or after (hand_over)

    auto operator<=>(const StepKey&) const = default;
};

struct Step {
    StepKey key;
    schema::NodeId section =
        schema::no_node;  ///< the top-level group (or repeat); no_node for ungrouped questions
    schema::NodeId heading = schema::no_node;  ///< the group whose label is the page's title; may be nested
    std::vector<schema::NodeId> nodes;  ///< what the page shows, in order; groups and repeats with all below
    bool handed_over = false;           ///< the respondent has the machine on this step
};

/// The steps as things stand: only pages with something relevant to show. At least one unless the form has
/// nothing to show at all.
std::vector<Step> steps_of(const schema::Interview& interview);

/// Where to be when `wanted` is no longer among the steps: the last one at or before its place, else the
/// first. An empty key when there are no steps.
StepKey nearest_step(const schema::Interview& interview, const std::vector<Step>& steps,
                     const StepKey& wanted);

/// True for what a page draws: relevant, no calculate, no row for a later extension.
bool shown(const schema::Interview& interview, schema::NodeId node);

/// The questions of a step in order, notes left out: what can be answered now.
std::vector<schema::NodeId> questions_of(const schema::Interview& interview, const Step& step);

/// The step that shows this node, or nullptr.
const Step* step_with(const schema::Interview& interview, const std::vector<Step>& steps,
                      schema::NodeId node);

}  // namespace fieldfare::app
