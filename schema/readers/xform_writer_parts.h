#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "schema/problem.h"
#include "schema/readers/xform_writer.h"
#include "schema/readers/xform_writer_itext.h"
#include "schema/readers/xform_writer_paths.h"
#include "schema/readers/xform_writer_references.h"
#include "schema/readers/xml_text.h"

namespace fieldfare::schema::readers {

/// A form on its way to being an XForm: what its parts share, and the faults found so far.
struct XFormWriter {
    const Form& form;
    FormPaths paths;
    ItextEntries itext;
    XmlText xml;
    Findings findings;
    std::set<std::string, std::less<>> prefixes;                       ///< declared namespaces
    std::unordered_multimap<std::string_view, const Item*> triggered;  ///< what takes its place, by trigger
    std::unordered_map<std::string_view, const ChoiceList*> lists;     ///< the first of each name

    explicit XFormWriter(const Form& written);  ///< xform_writer.cpp

    /// What the root's meta group needs beside its own rows: instanceID, instanceName.
    std::vector<std::string> made_meta;
    std::string meta_name = "meta";

    void document();             ///< xform_writer.cpp
    void primary_instance();     ///< xform_writer_instance.cpp
    void secondary_instances();  ///< xform_writer_lists.cpp
    void binds();                ///< xform_writer_binds.cpp
    void translations();         ///< xform_writer_texts.cpp
    void body();                 ///< xform_writer_body.cpp

    /// An expression as XPath; names that mean nothing are faults of the place.
    std::string xpath(std::string_view expression, int from, const Place& place,
                      SeenFrom seen_from = SeenFrom::row);
    /// The same without blanks around it.
    std::string path(std::string_view expression, int from, const Place& place);

    /// An attribute whose prefix is declared; otherwise a warning.
    void attribute(std::string_view name, std::string_view value, const Place& place);

    /// A text with outputs, into the open element.
    void piped(std::string_view text, int from, const Place& place);
    /// <label> or <hint>: what it says, or which entry of the itext.
    void shown_text(std::string_view element, const Text& text, int node, const Place& place);

    /// Actions without a value: odk:setgeopoint, odk:recordaudio. In the model those of loads; a question
    /// that triggers others has theirs in its control.
    void model_action(const Item& item);
    void triggered_actions(const Item& item);

    void set_value(const SetValue& action, int from, std::string_view events);
    /// The dynamic default of a question; nothing for others.
    void dynamic_default(const Item& item, std::string_view event);

    void entity_binds(const Item& item);  ///< xform_writer_entities.cpp; nothing for other items
    void new_entity_id(const Item& item, std::string_view event);

    void warn(Place place, std::string message) {
        findings.warnings.push_back({std::move(place), std::move(message)});
    }
    void fault(Place place, std::string message) {
        findings.errors.push_back({std::move(place), std::move(message)});
    }
};

inline Place place_of(const Item& item, std::string column) {
    return {"", "survey", item.row, std::move(column)};
}

/// Whether a default is an expression, as the engine decides it.
bool is_dynamic(const Item& item);

/// The name of the node that holds a repeat's count, "" when the count is a path itself (or there is none):
/// JavaRosa reads counts from nodes only.
std::string count_node_of(const Item& repeat, const FormPaths& paths);

/// yes, no and their kin as XPath; others as they are.
std::string condition(const std::string& source);

/// The group "meta" of the root, when the form itself has one.
const Item* meta_group(const Form& form);

/// A meta group anywhere: it has no control.
bool is_meta(const Item& item);
/// The entity that a submission creates or updates, as a group in a meta group.
bool is_entity(const Item& item);
/// The version of ODK's entities that the form needs; "" for one without.
std::string_view entities_version(const FormPaths& paths);

/// The types that a question's node has in the primary instance: "int", "odk:rank", …
std::string_view bind_type(const Item& item);

/// Whether the choices stand in the question, for search() to replace.
bool is_searched(const Item& item);

/// The tags that a question for OpenStreetMap asks for; nullptr for other questions.
using ListsByName = std::unordered_map<std::string_view, const ChoiceList*>;
const ChoiceList* osm_list(const Item& item, const ListsByName& lists);

/// The events of an action as an attribute has them: "odk-instance-first-load odk-new-repeat".
std::string events_of(const SetValue& action);

std::string_view trimmed_view(std::string_view text);

/// Parameters that stand in a bind or a control under another name; "" when a question's parameter has no
/// such place.
std::string_view bind_parameter(std::string_view parameter);
std::string_view control_parameter(std::string_view parameter);

}  // namespace fieldfare::schema::readers
