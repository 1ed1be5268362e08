#include <array>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

struct NamedEvent {
    std::string_view name;
    Event event;
};
// The last two are the names that they had before ODK gave them new ones.
constexpr std::array<NamedEvent, 6> known_events{{
    {"odk-instance-first-load", Event::first_load},
    {"odk-instance-load", Event::load},
    {"odk-new-repeat", Event::new_repeat},
    {"xforms-value-changed", Event::value_changed},
    {"xforms-ready", Event::load},
    {"jr-insert", Event::new_repeat},
}};

std::vector<Event> events_of(XFormParts& form, XmlNode element) {
    std::vector<Event> events;
    const std::string all = collapsed(element.attribute("event").value_or(std::string_view{}));
    for (std::string_view rest = all; !rest.empty();) {
        const std::string_view name = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        bool found = false;
        for (const NamedEvent& known : known_events)
            if (known.name == name) {
                events.push_back(known.event);
                found = true;
            }
        if (!found)
            form.error(element, "The event " + shown(name) +
                                    " is not known. Write odk-instance-first-load, odk-instance-load, "
                                    "odk-new-repeat or xforms-value-changed.");
    }
    if (all.empty())
        form.error(element,
                   "The action names no event. Write when it runs, as in "
                   "event=\"odk-instance-first-load\".");
    return events;
}

// The node that takes the value; a predicate may choose among the instances of a repeat.
std::optional<std::string> target_of(XFormParts& form, XmlNode element, std::string_view context) {
    const std::string ref = attribute_text(element, "ref");
    if (element.attribute("bind")) return form.target(element, context);
    if (ref.empty()) {
        form.error(element, "The action names no node. Give it a ref.");
        return std::nullopt;
    }
    auto path = resolved_path(without_predicates(ref), context);
    if (!path) form.error(element, "The path " + shown(ref) + " names no node that an action could set.");
    return path;
}

}  // namespace

bool is_action(XmlNode element) {
    const std::string_view name = element.local();
    return name == "setvalue" || name == "setgeopoint" || name == "recordaudio";
}

std::optional<SetValue> read_action(XFormParts& form, XmlNode element, std::string_view context) {
    SetValue action;
    action.events = events_of(form, element);
    action.row = element.line();
    const auto path = target_of(form, element, context);
    if (!path) return std::nullopt;
    const std::size_t attribute = path->find("/@");
    const std::string node = path->substr(0, attribute);
    if (form.find(node) == nullptr && node != form.root_path()) {
        form.error(element,
                   "The action sets " + shown(*path) + ", which the primary instance does not have.");
        return std::nullopt;
    }
    const bool unknown_attribute = attribute != path->npos && form.find(*path) == nullptr;
    if (unknown_attribute || (attribute == path->npos && node == form.root_path())) {
        form.warning(element, "The action does not run: " + shown(*path) + " is no node that takes a value.");
        return std::nullopt;
    }
    if (element.local() != "setvalue") {
        form.warning(element, "The action " + shown(element.name()) + " does not run: " + shown(*path) +
                                  " stays empty. This program does not record places or sounds unasked.");
        return std::nullopt;
    }
    // A relative path stays relative: which instance of a repeat it means shows from where the action stands.
    action.ref = element.attribute("bind") ? *path : attribute_text(element, "ref");
    if (action.ref.empty()) action.ref = *path;
    if (element.attribute("value"))
        action.value = attribute_text(element, "value");
    else
        action.literal = trimmed(element.text());
    return action;
}

void read_model_actions(XFormParts& form) {
    for (const XmlNode& child : form.model.elements())
        if (is_action(child))
            if (auto action = read_action(form, child, form.root_path()))
                form.form.actions.push_back(std::move(*action));
}

}  // namespace fieldfare::schema::readers
