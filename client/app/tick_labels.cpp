#include "client/app/tick_labels.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "schema/number_range.h"

namespace fieldfare::app {

using schema::Interview;
using schema::NodeId;

namespace {

// The choice list that the form has under the name of the instance. Its nodes would speak the form's default
// language only.
const schema::ChoiceList* list_of(const schema::Form& form, const std::string& nodeset) {
    for (const schema::ChoiceList& list : form.lists)
        if (nodeset == "instance('" + list.name + "')/root/item") return &list;
    return nullptr;
}

std::string in_language(const schema::Form& form, const schema::Text& text, std::size_t language) {
    if (language < text.size() && !text[language].empty()) return text[language];
    for (std::size_t i = 0; i < text.size() && i < form.languages.size(); ++i)
        if (form.languages[i].name == form.settings.default_language && !text[i].empty()) return text[i];
    const auto any = std::ranges::find_if(text, [](const std::string& each) { return !each.empty(); });
    return any == text.end() ? std::string() : *any;
}

}  // namespace

std::vector<TickLabel> tick_labels(const Interview& interview, NodeId node, std::size_t language) {
    std::vector<TickLabel> found;
    const schema::Item& item = interview.item(node);
    const auto range = schema::NumberRange::of(item);
    if (item.type != schema::QuestionType::range || !range || item.itemset.nodeset.empty()) return found;
    const auto add = [&](std::string_view name, std::string words) {
        auto number = range->spelled(name);
        if (!number || words.empty()) return;
        if (std::ranges::find(found, *number, &TickLabel::number) != found.end()) return;
        found.push_back({*std::move(number), std::move(words)});
    };
    const schema::Form& form = interview.form().form();
    if (const schema::ChoiceList* list = list_of(form, item.itemset.nodeset)) {
        for (const schema::Choice& choice : list->choices)
            add(choice.name, in_language(form, choice.label, language));
    } else {
        for (const schema::Choice* choice : interview.choices(node))
            add(choice->name, interview.choice_words(node, *choice, language));
    }
    const auto value = [](const TickLabel& tick) { return std::strtod(tick.number.c_str(), nullptr); };
    std::ranges::stable_sort(found, {}, value);
    if (range->nth(0) != range->low()) std::ranges::reverse(found);
    return found;
}

}  // namespace fieldfare::app
