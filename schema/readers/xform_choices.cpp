#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

// The arguments of a call "name(a, b)", split at the commas that stand in no bracket and no quotes.
std::optional<std::vector<std::string>> arguments_of(std::string_view call, std::string_view name) {
    const std::string text = trimmed(call);
    if (!text.starts_with(name)) return std::nullopt;
    const std::string rest = trimmed(std::string_view(text).substr(name.size()));
    if (!rest.starts_with('(') || !rest.ends_with(')')) return std::nullopt;
    std::vector<std::string> arguments(1);
    int depth = 0;
    char quote = 0;
    for (const char c : std::string_view(rest).substr(1, rest.size() - 2)) {
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[') {
            ++depth;
        } else if (c == ')' || c == ']') {
            if (--depth < 0) return std::nullopt;
        } else if (c == ',' && depth == 0) {
            arguments.emplace_back();
            continue;
        }
        arguments.back() += c;
    }
    for (std::string& argument : arguments) argument = trimmed(argument);
    return arguments;
}

void read_itemset(XFormParts& form, XmlNode element, Item& item) {
    std::string nodeset = attribute_text(element, "nodeset");
    if (nodeset.empty()) nodeset = attribute_text(element, "ref");
    if (nodeset.empty())
        return form.error(element,
                          "The itemset names no nodes. Give it a nodeset, as in "
                          "instance('cities')/root/item.");
    if (const auto arguments = arguments_of(nodeset, "randomize")) {
        nodeset = arguments->front();
        item.randomize = true;
        if (arguments->size() > 1) item.seed = (*arguments)[1];
    }
    item.itemset.nodeset = nodeset;
    for (const XmlNode& child : element.elements()) {
        if (child.local() == "value")
            item.itemset.value = attribute_text(child, "ref");
        else if (child.local() == "label")
            item.itemset.label = attribute_text(child, "ref");
        else if (child.local() == "copy")
            form.error(child,
                       "Choices that are copied into the answer are not supported. Give the itemset a "
                       "value instead.");
    }
    if (item.itemset.value.empty())
        form.error(element,
                   "The itemset does not say where each choice's name stands. Give it a value with a ref.");
    if (item.itemset.label.empty())
        form.error(element,
                   "The itemset does not say where each choice's label stands. Give it a label with "
                   "a ref.");
}

void read_item(XFormParts& form, XmlNode element, ChoiceList& list) {
    Choice choice;
    choice.row = element.line();
    bool has_label = false, has_value = false;
    for (const XmlNode& child : element.elements()) {
        if (child.local() == "label") {
            ElementText text = text_of(form, child);
            choice.label = std::move(text.text);
            choice.media = std::move(text.media);
            has_label = true;
        } else if (child.local() == "value") {
            choice.name = trimmed(child.text());
            has_value = true;
        }
    }
    if (!has_value || choice.name.empty()) form.error(element, "The item has no value. Give it one.");
    if (!has_label) form.error(element, "The item has no label. Give it one.");
    list.choices.push_back(std::move(choice));
}

}  // namespace

void read_choices(XFormParts& form, XmlNode control, const std::string& path, Item& item) {
    ChoiceList list{path, {}};
    bool has_itemset = false;
    for (const XmlNode& child : control.elements()) {
        if (child.local() == "item") {
            read_item(form, child, list);
        } else if (child.local() == "itemset") {
            if (has_itemset) form.error(child, "The select has two itemsets. Keep one.");
            has_itemset = true;
            read_itemset(form, child, item);
        }
    }
    if (has_itemset && !list.choices.empty())
        form.error(control, "The select has items and an itemset. Keep one of the two.");
    if (has_itemset) return;
    if (list.choices.empty())
        form.warning(control, "The select " + shown(path) + " has no choices. Add items or an itemset.");
    item.list = path;
    form.form.lists.push_back(std::move(list));
}

}  // namespace fieldfare::schema::readers
