#pragma once

#include <memory>

#include "schema/submission.h"

namespace fieldfare::tests {

/// A form written in a test, item by item, and submissions to it.
struct FormText {
    schema::Form form;

    static schema::Item question(schema::QuestionType type, const std::string& name,
                                 const std::string& list = {}) {
        schema::Item item;
        item.type = type;
        item.name = name;
        item.label = {name};
        item.list = list;
        return item;
    }
    static schema::Item holding(schema::ItemKind kind, const std::string& name,
                                std::vector<schema::Item> children) {
        schema::Item item;
        item.kind = kind;
        item.name = name;
        item.children = std::move(children);
        return item;
    }
    static schema::Choice choice(const std::string& name, std::optional<int> code = {}) {
        schema::Choice made;
        made.name = name;
        made.label = {name};
        made.code = code;
        return made;
    }
    std::shared_ptr<const schema::Form> shared() const { return std::make_shared<const schema::Form>(form); }
};

inline schema::SubmissionNode value(const std::string& name, const std::string& answer) {
    return {name, schema::Answer{answer, {}}};
}
inline schema::SubmissionNode missing(const std::string& name, schema::Missing state) {
    return {name, schema::Answer{"", state}};
}

}  // namespace fieldfare::tests
