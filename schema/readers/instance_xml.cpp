#include "schema/readers/cell_text.h"
#include "schema/readers/instance_sources.h"

namespace fieldfare::schema::readers {
namespace {

void take(XmlNode element, int depth, InstanceNodes& nodes) {
    bool leaf = true;
    for (auto child = element.first_child(); child && leaf; child = child->next_sibling())
        leaf = !child->is_element();
    nodes.push_back(
        {depth, false, std::string(element.name()), leaf ? trimmed(element.text()) : std::string{}});
    for (std::size_t i = 0; i < element.attribute_count(); ++i) {
        const XmlAttribute attribute = element.attribute(i);
        if (attribute.name == "xmlns" || attribute.name.starts_with("xmlns:")) continue;
        nodes.push_back({depth + 1, true, std::string(attribute.name), std::string(attribute.value)});
    }
}

std::optional<XmlNode> first_element(std::optional<XmlNode> node) {
    while (node && !node->is_element()) node = node->next_sibling();
    return node;
}

}  // namespace

InstanceNodes nodes_of_xml(XmlNode root) {
    InstanceNodes nodes;
    int depth = 0;
    std::optional<XmlNode> at = root;
    while (at) {
        take(*at, depth, nodes);
        if (auto child = first_element(at->first_child())) {
            at = child;
            ++depth;
            continue;
        }
        std::optional<XmlNode> next;
        while (at && *at != root && !(next = first_element(at->next_sibling()))) {
            at = at->parent();
            --depth;
        }
        at = next;
    }
    return nodes;
}

}  // namespace fieldfare::schema::readers
