#include <array>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

struct Rule {
    std::string_view attribute;
    std::string Item::*expression;
};
constexpr std::array<Rule, 5> rules{{
    {"relevant", &Item::relevant},
    {"required", &Item::required},
    {"readonly", &Item::read_only},
    {"constraint", &Item::constraint},
    {"calculate", &Item::calculation},
}};

class BindReader {
  public:
    BindReader(XFormParts& form, XmlNode bind) : form_(form), bind_(bind) {}

    void read() {
        const auto nodeset = bind_.attribute("nodeset");
        if (!nodeset) return form_.error(bind_, "The bind names no node. Give it a nodeset.");
        const auto path = resolved_path(*nodeset, form_.root_path());
        if (!path)
            return form_.error(bind_, "The bind's nodeset " + shown(*nodeset) +
                                          " is not plain. Name one node, as in /data/question.");
        if (const std::string id = attribute_text(bind_, "id");
            !id.empty() && !form_.binds.emplace(id, *path).second)
            form_.error(bind_, "Two binds have the id " + shown(id) + ". Give each its own.");
        if (path->find("/@") != path->npos && form_.find(*path) == nullptr) return attribute_of_node(*path);
        if (*path == form_.root_path()) return root();
        XFormNode* node = form_.find(*path);
        if (node == nullptr)
            return form_.warning(bind_, "The bind for " + shown(*path) +
                                            " means nothing: the primary instance has no such node.");
        if (node->bind_line > 0)
            form_.warning(bind_, "The node " + shown(*path) + " has more than one bind, the first in line " +
                                     std::to_string(node->bind_line) +
                                     ". What both say is taken from the last.");
        node->bind_line = bind_.line();
        fill(*node, *path);
    }

  private:
    bool says_anything() const {
        for (const Rule& rule : rules)
            if (bind_.attribute(rule.attribute)) return true;
        return bind_.attribute("preload", xml_spaces::javarosa).has_value();
    }

    void attribute_of_node(const std::string& path) {
        const bool filled = bind_.attribute("calculate") || bind_.attribute("preload", xml_spaces::javarosa);
        if (filled)
            form_.warning(bind_, "The attribute " + shown(path) +
                                     " is not filled in: attributes keep what the primary instance says.");
    }

    void root() {
        if (says_anything())
            form_.warning(bind_, "What the bind says of the outermost node " + shown(form_.root_path()) +
                                     " means nothing.");
    }

    void fill(XFormNode& node, const std::string& path) {
        Item& item = *node.item;
        for (const Rule& rule : rules)
            if (bind_.attribute(rule.attribute))
                item.*rule.expression = attribute_text(bind_, rule.attribute);
        for (std::size_t i = 0; i < bind_.attribute_count(); ++i) {
            const XmlAttribute attribute = bind_.attribute(i);
            if (attribute.name.starts_with("xmlns")) continue;
            const std::string name = usual_name(attribute);
            if (name == "type")
                type(node, path, attribute.value);
            else if (name == "jr:constraintMsg")
                item.constraint_message = message_of(form_, bind_, attribute.value);
            else if (name == "jr:requiredMsg")
                item.required_message = message_of(form_, bind_, attribute.value);
            else if (name == "jr:preload")
                item.preload = trimmed(attribute.value);
            else if (name == "jr:preloadParams")
                item.preload_parameters = trimmed(attribute.value);
            else if (!is_rule(name) && name != "nodeset" && name != "id")
                item.bind_attributes[name] = std::string(attribute.value);
        }
        if (item.kind != ItemKind::question && !item.calculation.empty()) {
            form_.warning(bind_, "The node " + shown(path) +
                                     " holds other nodes: it has no value that could be calculated.");
            item.calculation.clear();
        }
    }

    static bool is_rule(std::string_view name) {
        for (const Rule& rule : rules)
            if (rule.attribute == name) return true;
        return false;
    }

    void type(XFormNode& node, const std::string& path, std::string_view type) {
        // "xsd:int" is an int.
        node.type = trimmed(type.substr(type.rfind(':') + 1));
        if (is_bind_type(node.type)) return;
        form_.warning(bind_, "The type " + shown(node.type) + " of " + shown(path) +
                                 " is not known. Its values are taken as text.");
        node.type.clear();
    }

    XFormParts& form_;
    XmlNode bind_;
};

}  // namespace

void read_binds(XFormParts& form) {
    for (const XmlNode& child : form.model.elements())
        if (child.local() == "bind") BindReader(form, child).read();
}

}  // namespace fieldfare::schema::readers
