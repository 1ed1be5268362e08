#include "schema/readers/survey_loop.h"

#include <string>
#include <string_view>

namespace fieldfare::schema::readers {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

void replace(std::string& text, const Choice& choice, std::size_t language) {
    if (text.find("%(") == text.npos) return;
    const std::string& label = language < choice.label.size() ? choice.label[language] : choice.name;
    text = replaced(replaced(std::move(text), "%(name)s", choice.name), "%(label)s", label);
}

Item for_choice(Item item, const Choice& choice) {
    for (Text* text :
         {&item.label, &item.hint, &item.guidance_hint, &item.constraint_message, &item.required_message})
        for (std::size_t language = 0; language < text->size(); ++language)
            replace((*text)[language], choice, language);
    for (std::string* text : {&item.name, &item.relevant, &item.constraint, &item.required, &item.read_only,
                              &item.calculation, &item.default_value, &item.choice_filter})
        replace(*text, choice, 0);
    return item;  // rows inside groups of the loop stay as they are
}

}  // namespace

std::vector<Item> unrolled(const Item& loop, const ChoiceList& list) {
    std::vector<Item> out;
    for (const Choice& choice : list.choices) {
        if (choice.name == "none") continue;
        Item group;
        group.kind = ItemKind::group;
        group.name = choice.name;
        group.label = choice.label;
        group.media = choice.media;
        group.row = loop.row;
        for (const Item& child : loop.children) group.children.push_back(for_choice(child, choice));
        out.push_back(std::move(group));
    }
    return out;
}

}  // namespace fieldfare::schema::readers
