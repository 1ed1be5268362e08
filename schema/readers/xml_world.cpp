#include "schema/readers/xml_world.h"

#include <vector>

namespace fieldfare::schema::readers {

std::optional<NodeRef> XmlWorld::instance(std::string_view id) const {
    const auto found = document_.instance(id);
    return found ? std::optional(NodeRef{0, *found}) : std::nullopt;
}

std::size_t XmlWorld::position_of(NodeRef node) const {
    const StaticDocument& tree = document_.tree();
    if (node.node == tree.root()) return 1;
    std::vector<std::uint32_t> siblings;
    tree.children(tree.parent(node.node), siblings);
    std::size_t position = 1;
    for (const std::uint32_t each : siblings) {
        if (each == node.node) break;
        position += tree.name(each) == tree.name(node.node) ? 1 : 0;
    }
    return position;
}

int XmlWorld::offset_minutes(std::int64_t seconds_since_1970) const {
    return surroundings_.offset_minutes ? surroundings_.offset_minutes(seconds_since_1970)
                                        : World::offset_minutes(seconds_since_1970);
}

std::optional<std::string_view> XmlWorld::name_space(std::string_view prefix) const {
    if (prefix.empty()) return std::string_view{};
    if (const auto found = name_spaces.find(prefix); found != name_spaces.end()) return found->second;
    if (prefix == "h" || prefix == "xhtml") return "http://www.w3.org/1999/xhtml";
    return std::nullopt;
}

}  // namespace fieldfare::schema::readers
