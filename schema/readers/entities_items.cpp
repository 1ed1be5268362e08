#include "schema/readers/entities_items.h"

#include <algorithm>

namespace fieldfare::schema::readers {
namespace {

std::vector<Item>* children_of(const EntityPath& path, Form& form) {
    std::vector<Item>* items = &form.items;
    for (const EntityContainer& container : path) {
        const auto found = std::find_if(items->begin(), items->end(),
                                        [&](const Item& item) { return item.name == container.name; });
        if (found == items->end()) return nullptr;
        items = &found->children;
    }
    return items;
}

Item group(std::string name, int row) {
    Item item;
    item.kind = ItemKind::group;
    item.name = std::move(name);
    item.row = row;
    return item;
}

Item entity(const PlacedEntity& from) {
    Item item = group("entity", from.row);
    const bool updates = !from.entity_id.empty(), creates = !updates || !from.create_if.empty();
    item.attributes.push_back({"dataset", from.name});
    if (creates) item.attributes.push_back({"create", "1"});
    if (updates)
        for (const auto& [name, value] : {std::pair{"update", "1"}, std::pair{"baseVersion", ""},
                                          std::pair{"trunkVersion", ""}, std::pair{"branchId", ""}})
            item.attributes.push_back({name, value});
    item.attributes.push_back({"id", ""});
    for (const auto& [name, value] :
         {std::pair{"entity_id", &from.entity_id}, std::pair{"create_if", &from.create_if},
          std::pair{"update_if", &from.update_if}})
        if (!value->empty()) item.parameters[name] = *value;
    if (from.label.empty()) return item;
    Item label;
    label.type = QuestionType::calculate;
    label.name = "label";
    label.row = from.row;
    label.calculation = from.label;
    label.read_only = "true()";
    item.children.push_back(std::move(label));
    return item;
}

}  // namespace

void add_entities(const std::vector<PlacedEntity>& entities, Form& form) {
    for (const PlacedEntity& each : entities) {
        std::vector<Item>* items = children_of(each.path, form);
        if (!items) continue;
        auto meta =
            std::find_if(items->begin(), items->end(), [](const Item& item) { return item.name == "meta"; });
        if (meta == items->end()) {
            items->push_back(group("meta", each.row));
            meta = items->end() - 1;
        }
        meta->children.push_back(entity(each));
    }
}

}  // namespace fieldfare::schema::readers
