#include "schema/form_meta.h"

#include <algorithm>

namespace fieldfare::schema {
namespace {

Item calculated(const char* name) {
    Item item;
    item.type = QuestionType::calculate;
    item.name = name;
    return item;
}

}  // namespace

Form with_meta(Form form) {
    const bool there = std::ranges::any_of(form.items, [](const Item& item) {
        return item.name.substr(item.name.find(':') + 1) == "meta";  // npos + 1 is the whole of it
    });
    if (there) return form;
    Item meta;
    meta.kind = ItemKind::group;
    meta.name = "meta";
    meta.children.push_back(calculated("instanceID"));
    meta.children.back().preload = "uid";
    meta.children.back().read_only = "true()";
    if (!form.settings.instance_name.empty()) {
        meta.children.push_back(calculated("instanceName"));
        meta.children.back().calculation = form.settings.instance_name;
    }
    form.items.push_back(std::move(meta));
    return form;
}

}  // namespace fieldfare::schema
