#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "schema/compiled_form.h"

namespace fieldfare::app::test {

/// A question as a value, labelled like its name with a capital: `item("rank", QuestionType::rank,
/// "things")`.
inline schema::Item item(const std::string& name, schema::QuestionType type, const std::string& list = {}) {
    schema::Item item;
    item.type = type;
    item.name = name;
    item.label = {static_cast<char>(name.front() - 'a' + 'A') + name.substr(1)};
    item.list = list;
    return item;
}

inline schema::Item range(const std::string& name, const std::string& start, const std::string& end,
                          const std::string& step) {
    schema::Item question = item(name, schema::QuestionType::range);
    question.parameters = {{"start", start}, {"end", end}, {"step", step}};
    return question;
}

inline schema::ChoiceList list(const std::string& name, const std::vector<std::string>& choices) {
    schema::ChoiceList made{name, {}};
    for (const std::string& each : choices) {
        schema::Choice choice;
        choice.name = each;
        choice.label = {static_cast<char>(each.front() - 'a' + 'A') + each.substr(1)};
        made.choices.push_back(choice);
    }
    return made;
}

inline schema::Item group(const std::string& name, std::vector<schema::Item> children) {
    schema::Item made = item(name, schema::QuestionType::text);
    made.kind = schema::ItemKind::group;
    made.children = std::move(children);
    return made;
}

/// A form of one nameless language with these questions.
inline std::shared_ptr<const schema::CompiledForm> form_of(std::vector<schema::Item> items,
                                                           std::vector<schema::ChoiceList> lists = {}) {
    schema::Form form;
    form.settings.form_title = form.settings.form_id = "test";
    form.settings.version = "1";
    form.languages = {{"", ""}};
    form.items = std::move(items);
    form.lists = std::move(lists);
    auto compiled = schema::CompiledForm::compile(std::make_shared<const schema::Form>(std::move(form)));
    REQUIRE_MESSAGE(compiled.has_value(),
                    (compiled ? "" : schema::to_string(compiled.error().errors.front())));
    return *compiled;
}

}  // namespace fieldfare::app::test
