#include "client/app/steps.h"

#include <algorithm>

namespace fieldfare::app {

using schema::Interview;
using schema::Item;
using schema::ItemKind;
using schema::NodeId;
using schema::NodeKind;
using schema::QuestionType;

namespace {

bool holds_handover(const Item& item) {
    return item.handover || std::ranges::any_of(item.children, holds_handover);
}

// Cuts a group into runs of nodes that one person fills in: what stands on one page. Relevance plays no part,
// so that a page keeps its anchor.
class Cutter {
  public:
    explicit Cutter(const Interview& interview) : interview_(interview) {}

    std::vector<Step> cut() {
        for (const NodeId node : interview_.children(schema::root_node)) {
            switch (interview_.kind(node)) {
                case NodeKind::group:
                    close();
                    group(node, node, false);
                    break;
                case NodeKind::repeat:
                    close();
                    add(node, node, node, false);
                    close();
                    break;
                case NodeKind::question:
                    add(node, schema::no_node, schema::no_node, false);
                    break;
                case NodeKind::root:
                case NodeKind::instance:
                    break;
            }
        }
        close();
        return std::move(runs_);
    }

  private:
    void group(NodeId node, NodeId section, bool handed_over) {
        handed_over = handed_over || interview_.item(node).handover;
        for (const NodeId child : interview_.children(node)) {
            const bool splits = interview_.kind(child) == NodeKind::group && !handed_over &&
                                holds_handover(interview_.item(child));
            if (splits) {
                close();
                group(child, section, false);
                close();
            } else {
                add(child, section, node, handed_over);
            }
        }
        close();
    }

    void add(NodeId node, NodeId section, NodeId heading, bool handed_over) {
        if (!open_) {
            runs_.push_back({{StepKind::page, node}, section, heading, {}, handed_over});
            open_ = true;
        }
        runs_.back().nodes.push_back(node);
    }
    void close() { open_ = false; }

    const Interview& interview_;
    std::vector<Step> runs_;
    bool open_ = false;
};

void collect_questions(const Interview& interview, NodeId node, std::vector<NodeId>& found) {
    if (interview.kind(node) != NodeKind::question) {
        for (const NodeId child : interview.children(node)) {
            collect_questions(interview, child, found);
        }
        return;
    }
    if (shown(interview, node) && interview.item(node).type != QuestionType::note &&
        !interview.read_only(node)) {
        found.push_back(node);
    }
}

}  // namespace

bool shown(const Interview& interview, NodeId node) {
    if (!interview.relevant(node)) {
        return false;
    }
    if (interview.kind(node) == NodeKind::question) {
        const Item& item = interview.item(node);
        return item.type != QuestionType::calculate && item.extension.empty();
    }
    return std::ranges::any_of(interview.children(node),
                               [&](NodeId child) { return shown(interview, child); }) ||
           (interview.kind(node) == NodeKind::repeat && interview.item(node).repeat_count.empty());
}

std::vector<Step> steps_of(const Interview& interview) {
    std::vector<Step> steps;
    for (Step& run : Cutter(interview).cut()) {
        std::erase_if(run.nodes, [&](NodeId node) { return !shown(interview, node); });
        if (run.nodes.empty()) {
            continue;
        }
        const bool before = !steps.empty() && steps.back().handed_over;
        if (before && !run.handed_over) {
            steps.push_back({{StepKind::hand_back, steps.back().key.anchor},
                             schema::no_node,
                             schema::no_node,
                             {},
                             false});
        }
        if (!before && run.handed_over) {
            steps.push_back(
                {{StepKind::hand_over, run.key.anchor}, schema::no_node, schema::no_node, {}, true});
        }
        steps.push_back(std::move(run));
    }
    if (!steps.empty() && steps.back().handed_over) {
        steps.push_back(
            {{StepKind::hand_back, steps.back().key.anchor}, schema::no_node, schema::no_node, {}, false});
    }
    return steps;
}

StepKey nearest_step(const Interview& interview, const std::vector<Step>& steps, const StepKey& wanted) {
    if (steps.empty()) {
        return {};
    }
    if (std::ranges::any_of(steps, [&](const Step& step) { return step.key == wanted; })) {
        return wanted;
    }
    StepKey found = steps.front().key;
    for (const Step& run : Cutter(interview).cut()) {
        for (const Step& step : steps) {
            if (step.key.kind == StepKind::page && step.key.anchor == run.key.anchor) {
                found = step.key;
            }
        }
        if (run.key.anchor == wanted.anchor) {
            break;
        }
    }
    return found;
}

std::vector<NodeId> questions_of(const Interview& interview, const Step& step) {
    std::vector<NodeId> found;
    for (const NodeId node : step.nodes) {
        collect_questions(interview, node, found);
    }
    return found;
}

const Step* step_with(const Interview& interview, const std::vector<Step>& steps, NodeId node) {
    for (const Step& step : steps) {
        for (NodeId at = node; at != schema::no_node && at != schema::root_node; at = interview.parent(at)) {
            if (std::ranges::find(step.nodes, at) != step.nodes.end()) {
                return &step;
            }
        }
    }
    return nullptr;
}

}  // namespace fieldfare::app
