#pragma once

#include <string>
#include <vector>

#include "tests/support/scenario.h"

namespace fieldfare::schema {

/// Some answer that the question takes, drawn with `random`; "" now and then.
inline std::string random_answer(const Interview& interview, NodeId node, SeededRandom& random) {
    if (random() % 8 == 0) return "";
    const Item& item = interview.item(node);
    switch (item.type) {
        case QuestionType::text:
            return random() % 3 == 0 ? "AB12CD34" : "текст " + std::to_string(random() % 100);
        case QuestionType::integer:
            return std::to_string(random() % 6);
        case QuestionType::decimal:
            return std::to_string(random() % 100) + "." + std::to_string(random() % 10);
        case QuestionType::date:
            return "2026-0" + std::to_string(1 + random() % 9) + "-15";
        case QuestionType::time:
            return "12:0" + std::to_string(random() % 10) + ":00.000";
        case QuestionType::date_time:
            return "2026-0" + std::to_string(1 + random() % 9) + "-15T12:00:00.000Z";
        case QuestionType::range:
            return std::to_string(random() % 10);
        case QuestionType::acknowledge:
            return "OK";
        case QuestionType::geopoint:
            return std::to_string(random() % 90) + " 44.5 0 0";
        case QuestionType::geotrace:
            return std::to_string(random() % 90) + " 44.5; 41 45";
        case QuestionType::geoshape:
            return "40 44; 41 44; 41 45; 40 44";
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
        case QuestionType::barcode:
            return "file-" + std::to_string(random() % 100);
        case QuestionType::rank: {
            std::string value;
            for (const Choice* choice : interview.choices(node))
                value += (value.empty() ? "" : " ") + choice->name;
            return value;
        }
        case QuestionType::select_one:
        case QuestionType::select_multiple: {
            const auto offered = interview.choices(node);
            if (offered.empty()) return "";
            std::string value = offered[random() % offered.size()]->name;
            if (item.type == QuestionType::select_one) return value;
            for (const Choice* choice : offered)
                if (random() % 3 == 0 && value.find(choice->name) == std::string::npos)
                    value += " " + choice->name;
            return value;
        }
        case QuestionType::note:
        case QuestionType::calculate:
            return "";
    }
    return "";
}

/// The questions that can be answered now, in document order.
inline std::vector<NodeId> answerable(const Interview& interview) {
    std::vector<NodeId> result, waiting{root_node};
    while (!waiting.empty()) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        const auto below = interview.children(node);
        waiting.insert(waiting.end(), below.rbegin(), below.rend());
        if (interview.kind(node) != NodeKind::question || !interview.relevant(node)) continue;
        const QuestionType type = interview.item(node).type;
        if (type != QuestionType::note && type != QuestionType::calculate) result.push_back(node);
    }
    return result;
}

/// One random step: an answer, a missing state, a look.
inline void random_step(Interview& interview, SeededRandom& random) {
    const auto nodes = answerable(interview);
    if (nodes.empty()) return;
    const NodeId node = nodes[random() % nodes.size()];
    interview.mark_seen(node);
    if (random() % 15 == 0)
        (void)interview.say_missing(node, Missing::refused);
    else
        (void)interview.answer(node, random_answer(interview, node, random));
}

/// Everything that can be seen of an interview, as text, to compare two.
inline std::string picture(const Interview& interview) {
    std::string text;
    std::vector<NodeId> waiting{root_node};
    while (!waiting.empty()) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        const auto below = interview.children(node);
        waiting.insert(waiting.end(), below.rbegin(), below.rend());
        text += interview.path_of(node) + (interview.relevant(node) ? " +" : " -");
        if (interview.kind(node) == NodeKind::question) {
            text += interview.required(node) ? "r" : "";
            text += std::to_string(static_cast<int>(interview.violation(node))) + " " +
                    std::string(interview.value(node));
            for (const Choice* choice : interview.choices(node)) text += "," + choice->name;
        }
        text += "\n";
    }
    return text;
}

}  // namespace fieldfare::schema
