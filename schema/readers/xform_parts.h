#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/form.h"
#include "schema/readers/faults.h"
#include "schema/readers/xform_itext.h"
#include "schema/readers/xml_tree.h"
#include "schema/text_hash.h"

namespace fieldfare::schema::readers {

namespace xml_spaces {
inline constexpr std::string_view javarosa = "http://openrosa.org/javarosa";
inline constexpr std::string_view openrosa = "http://openrosa.org/xforms";
inline constexpr std::string_view odk = "http://www.opendatakit.org/xforms";
inline constexpr std::string_view entities = "http://www.opendatakit.org/xforms/entities";
inline constexpr std::string_view xforms = "http://www.w3.org/2002/xforms";
inline constexpr std::string_view xhtml = "http://www.w3.org/1999/xhtml";
}  // namespace xml_spaces

/// A node of the primary instance, and what is known of it so far.
struct XFormNode {
    Item* item = nullptr;
    std::string_view repeat;  ///< path of the repeat around; "" for none
    std::string type;         ///< of its bind, without prefix; "" when no bind gives one
    int bind_line = 0, control_line = 0;
};

/// A form on its way from XML. Paths of nodes are absolute, without positions: "/data/group/question".
struct XFormParts {
    Faults& faults;
    XmlNode model, root;  ///< root: the element within the primary instance
    std::optional<XmlNode> body;

    Form form;
    Itext itext;
    std::set<std::string, std::less<>> repeats, groups;  ///< paths that body controls of those kinds name
    std::unordered_map<std::string, XFormNode, TextHash, std::equal_to<>>
        nodes;                                              ///< by path; the root is not among them
    std::map<std::string, std::string, std::less<>> binds;  ///< paths by id
    std::set<std::string, std::less<>> filled_attributes = {};  ///< paths of those that binds or actions fill

    void error(XmlNode at, std::string message) { faults.error("", at.line(), "", std::move(message)); }
    void warning(XmlNode at, std::string message) { faults.warning("", at.line(), "", std::move(message)); }

    std::size_t path_bytes = 0, text_bytes = 0;

    std::string root_path() const { return "/" + std::string(root.name()); }
    XFormNode* find(std::string_view path);

    /// Counts what is about to be kept of paths and of texts: a few bytes of XML can ask for very many.
    /// False, with one fault for all, when it is too much.
    bool afford_path(std::size_t bytes);
    bool afford_text(std::size_t bytes);

    /// What a body control or an action names by its attribute ref, nodeset or bind, seen from `context`.
    /// Nothing when it has none of these, or with a fault, when it is no plain path or no such bind.
    std::optional<std::string> target(XmlNode element, std::string_view context);
};

/// A path without predicates, seen from the node `context`: "/data/a/b", also "/data/a/@b". Nothing for other
/// expressions, and for paths over 4 KiB.
std::optional<std::string> resolved_path(std::string_view path, std::string_view context);

/// A path without its predicates: "/data/r/q" for "/data/r[position() = 1]/q".
std::string without_predicates(std::string_view path);

/// The name of an attribute with the prefix that forms usually give its namespace: "jr:count".
std::string usual_name(const XmlAttribute& attribute);

/// An attribute's value without white space at its ends; "" when there is none.
std::string attribute_text(XmlNode element, std::string_view local, std::string_view space = {});

// The steps of reading, in this order. Each adds its faults.

/// Which paths are repeats and groups of the body: whether an element of the instance is one shows there.
void find_repeats(XFormParts& form);
/// Items, with their default values and the instances of repeats that the primary instance holds.
void read_primary_instance(XFormParts& form);
void read_binds(XFormParts& form);
void read_body(XFormParts& form);
/// setvalue of the model.
void read_model_actions(XFormParts& form);

/// An element setvalue, whose relative paths are seen from `context`. Nothing for a fault or for an action
/// that can't be run.
std::optional<SetValue> read_action(XFormParts& form, XmlNode element, std::string_view context);
/// True for elements that are actions, also those that can't be run.
bool is_action(XmlNode element);

/// The type of a question with this control and the type of its bind; sets data_type where that differs.
void set_question_type(Item& item, XmlNode control, std::string_view bind_type);
/// Of a node without control.
void set_calculate_type(Item& item, std::string_view bind_type);
/// False for a bind type that no one knows.
bool is_bind_type(std::string_view type);

/// Choices of a select or rank: static ones as a list named by `path`, or an itemset.
void read_choices(XFormParts& form, XmlNode control, const std::string& path, Item& item);

}  // namespace fieldfare::schema::readers
