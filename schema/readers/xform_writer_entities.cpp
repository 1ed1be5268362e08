#include <algorithm>

#include "schema/readers/xform_writer_parts.h"

// ODK's entities (https://getodk.github.io/xforms-spec/entities): an element "entity" in a meta group, whose
// attributes are calculated. Its item is a group; entity_id, create_if and update_if stand in its parameters.
namespace fieldfare::schema::readers {
namespace {

// An XForm's own binds and actions of an entity's attributes stand in the form as items and actions.
bool fills_itself(const Item& entity) {
    return std::ranges::any_of(entity.children,
                               [](const Item& child) { return child.name.starts_with('@'); });
}

std::string_view attribute_of(const Item& item, std::string_view name) {
    for (const Attribute& each : item.attributes)
        if (each.name == name) return each.value;
    return {};
}

std::string parameter(const Item& item, const char* name) {
    const auto found = item.parameters.find(name);
    return found == item.parameters.end() ? "" : found->second;
}

}  // namespace

bool is_meta(const Item& item) {
    return item.kind == ItemKind::group && (item.name == "meta" || item.name == "orx:meta") &&
           item.label.empty();
}

bool is_entity(const Item& item) {
    return item.kind == ItemKind::group && item.name == "entity" && !attribute_of(item, "dataset").empty();
}

std::string_view entities_version(const FormPaths& paths) {
    int entities = 0;
    bool in_repeat = false;
    for (int node = 1; node < paths.rows_end(); ++node) {
        if (!is_entity(*paths[node].item)) continue;
        ++entities;
        in_repeat = in_repeat || paths[node].repeat != FormPaths::none;
    }
    if (entities == 0) return {};
    return in_repeat || entities > 1 ? "2025.1.0" : "2024.1.0";
}

void XFormWriter::entity_binds(const Item& item) {
    if (!is_entity(item)) return;
    if (fills_itself(item)) return;
    const int node = paths.of(item);
    const std::string id = parameter(item, "entity_id");
    const auto bind = [&](const std::string& name, const std::string& calculation) {
        xml.open("bind");
        xml.attribute("nodeset", paths[node].path + "/@" + name);
        if (!calculation.empty())
            xml.attribute("calculate",
                          xpath(calculation, node, {"", "entities", item.row, ""}, SeenFrom::attribute));
        xml.attribute("type", "string");
        xml.attribute("readonly", "true()");
        xml.close();
    };
    if (id.empty() && !attribute_of(item, "update").empty()) {
        warn(place_of(item, ""),
             "Which entity is updated stands in binds of attributes, which are not read: "
             "add them to the XForm by hand.");
        return;
    }
    for (const auto& [name, column] : {std::pair{"create", "create_if"}, std::pair{"update", "update_if"}})
        if (const std::string condition = parameter(item, column); !condition.empty()) bind(name, condition);
    bind("id", id);
    if (id.empty()) {
        new_entity_id(item, "odk-instance-first-load");
        return;
    }
    const std::string row =
        "instance(" + quoted(attribute_of(item, "dataset")) + ")/root/item[name=" + id + "]/__";
    for (const auto& [name, column] :
         {std::pair{"baseVersion", "version"}, std::pair{"trunkVersion", "trunkVersion"},
          std::pair{"branchId", "branchId"}})
        bind(name, row + column);
}

void XFormWriter::new_entity_id(const Item& item, std::string_view event) {
    if (fills_itself(item)) return;
    if (!is_entity(item) || !attribute_of(item, "update").empty()) return;
    xml.empty("setvalue",
              {{"ref", paths[paths.of(item)].path + "/@id"}, {"event", event}, {"value", "uuid()"}});
}

}  // namespace fieldfare::schema::readers
