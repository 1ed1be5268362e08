#include <algorithm>
#include <unordered_map>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

// Whether a node of a repeat that is built keeps what its element says: only a template's values, and those
// of nodes outside of repeats, are defaults. Without a template new instances are empty, as in JavaRosa.
enum class Values { kept, left_out };

struct SameName {
    std::string_view name;
    std::vector<XmlNode> elements;
};

bool is_template(XmlNode element) {
    return element.attribute("template", xml_spaces::javarosa).has_value();
}

// The child elements by name, in the order in which each name comes first.
std::vector<SameName> by_name(XmlNode parent) {
    std::vector<SameName> result;
    std::unordered_map<std::string_view, std::size_t> seen;
    for (auto child = parent.first_child(); child; child = child->next_sibling()) {
        if (!child->is_element()) continue;
        const auto [found, is_new] = seen.emplace(child->name(), result.size());
        if (is_new) result.push_back({child->name(), {}});
        result[found->second].elements.push_back(*child);
    }
    return result;
}

class InstanceBuilder {
  public:
    explicit InstanceBuilder(XFormParts& form) : form_(form) {}

    std::vector<Item> children(XmlNode parent, const std::string& path, Values values) {
        std::vector<Item> items = filled_attributes(parent, path);
        std::vector<SameName> names = by_name(parent);
        items.reserve(items.size() + names.size() + 1);  // they are large; one more for a meta block
        for (SameName& same : names) {
            const std::string below = path + "/" + std::string(same.name);
            if (!form_.afford_path(below.size())) break;
            Item& item = items.emplace_back();
            if (form_.repeats.contains(below))
                repeat(item, same, below, values);
            else
                single(item, same, below, values);
        }
        return items;
    }

  private:
    static void begin(Item& item, XmlNode element) {
        item.name = element.name();
        item.row = element.line();
        for (std::size_t i = 0; i < element.attribute_count(); ++i) {
            const XmlAttribute attribute = element.attribute(i);
            if (attribute.space == xml_spaces::javarosa &&
                (attribute.local == "template" || attribute.local == "recordset"))
                continue;
            item.attributes.push_back({std::string(attribute.name), std::string(attribute.value)});
        }
    }

    // Attributes that a bind or an action puts something into.
    std::vector<Item> filled_attributes(XmlNode element, const std::string& path) {
        std::vector<Item> items;
        for (std::size_t i = 0; i < element.attribute_count(); ++i) {
            const XmlAttribute attribute = element.attribute(i);
            const std::string name = "@" + std::string(attribute.name);
            if (!form_.filled_attributes.contains(path + "/" + name)) continue;
            Item& item = items.emplace_back();
            item.name = name;
            item.row = element.line();
            set_default(item, std::string(attribute.value));
        }
        return items;
    }

    void single(Item& item, SameName& same, const std::string& path, Values values) {
        const auto is_plain = [](XmlNode element) { return !is_template(element); };
        if (std::any_of(same.elements.begin(), same.elements.end(), is_template)) {
            form_.warning(same.elements.front(),
                          "The node " + shown(path) + " has a jr:template but is no repeat of the body.");
            if (std::any_of(same.elements.begin(), same.elements.end(), is_plain))
                std::erase_if(same.elements, is_template);
        }
        if (same.elements.size() > 1)
            form_.error(same.elements[1],
                        "The node " + shown(path) +
                            " stands more than once but is no repeat of the body. Keep one, "
                            "or add a repeat with this nodeset.");
        const XmlNode element = same.elements.front();
        begin(item, element);
        if (!element.elements().empty() || form_.groups.contains(path)) {
            item.kind = ItemKind::group;
            item.children = children(element, path, values);
        } else {
            item.children = filled_attributes(element, path);
            if (values == Values::kept) set_default(item, trimmed(element.text()));
        }
    }

    void repeat(Item& item, const SameName& same, const std::string& path, Values values) {
        std::vector<XmlNode> templates, instances;
        for (const XmlNode& element : same.elements)
            (is_template(element) ? templates : instances).push_back(element);
        if (templates.size() > 1)
            form_.error(templates[1], "The repeat " + shown(path) + " has two templates. Keep one.");
        const XmlNode shape = templates.empty() ? instances.front() : templates.front();
        begin(item, shape);
        item.kind = ItemKind::repeat;
        // An inner repeat without a template of its own is still part of the template around it.
        item.children = children(shape, path, templates.empty() ? Values::left_out : Values::kept);
        for (const XmlNode& instance : instances) {
            item.initial.emplace_back();
            if (values == Values::kept) add_values(item, instance, "", item.initial.back());
        }
    }

    static void set_default(Item& item, std::string value) {
        item.default_is_literal = !value.empty();
        item.default_value = std::move(value);
    }

    // What an instance says otherwise than a new one would.
    void add_values(const Item& container, XmlNode element, const std::string& path,
                    std::vector<InitialValue>& values) {
        std::map<std::string_view, std::vector<XmlNode>> by_name;
        for (const XmlNode& child : element.elements())
            if (!is_template(child)) by_name[child.name()].push_back(child);
        for (const Item& item : container.children) {
            const std::vector<XmlNode>& found = by_name[item.name];
            const std::string below = path + item.name;
            if (!form_.afford_path(below.size())) return;
            switch (item.kind) {
                case ItemKind::question:
                    if (!found.empty())
                        if (std::string value = trimmed(found.front().text()); value != item.default_value)
                            values.push_back({below, std::move(value)});
                    break;
                case ItemKind::group:
                    if (!found.empty()) add_values(item, found.front(), below + "/", values);
                    break;
                case ItemKind::repeat:
                    add_inner(item, found, below, values);
                    break;
            }
        }
    }

    void add_inner(const Item& repeat, const std::vector<XmlNode>& instances, const std::string& path,
                   std::vector<InitialValue>& values) {
        // No instance where a new one would have some.
        if (instances.empty() && !repeat.initial.empty()) values.push_back({path + "[0]", ""});
        for (std::size_t i = 0; i < instances.size(); ++i) {
            const std::string indexed = path + "[" + std::to_string(i + 1) + "]";
            values.push_back({indexed, ""});
            add_values(repeat, instances[i], indexed + "/", values);
        }
    }

    XFormParts& form_;
};

void index(XFormParts& form, std::vector<Item>& items, const std::string& path, std::string_view repeat) {
    for (Item& item : items) {
        const auto node = form.nodes.try_emplace(path + "/" + item.name).first;
        node->second.item = &item;
        node->second.repeat = repeat;
        index(form, item.children, node->first,
              item.kind == ItemKind::repeat ? std::string_view(node->first) : repeat);
    }
}

bool is_meta(XmlNode element) {
    return element.local() == "meta";
}

// Every submission needs an id: where the form has no node for it, there is one in its meta block.
void add_instance_id(XFormParts& form) {
    std::string prefix;
    for (std::optional<XmlNode> at = form.root; at && prefix.empty(); at = at->parent())
        for (std::size_t i = 0; i < at->attribute_count() && prefix.empty(); ++i)
            if (at->attribute(i).value == xml_spaces::openrosa && at->attribute(i).name.starts_with("xmlns:"))
                prefix = std::string(at->attribute(i).local) + ":";
    Item* meta = nullptr;
    for (const XmlNode& element : form.root.elements()) {
        if (!is_meta(element)) continue;
        for (const XmlNode& child : element.elements())
            if (child.local() == "instanceID") return;
        const std::string_view name = element.name();
        prefix = name.substr(0, name.size() - element.local().size());
        for (Item& item : form.form.items)
            if (item.name == name) meta = &item;
    }
    if (meta == nullptr) {
        meta = &form.form.items.emplace_back();
        meta->name = prefix + "meta";
    }
    meta->kind = ItemKind::group;
    Item& id = meta->children.emplace_back();
    id.name = prefix + "instanceID";
    id.type = QuestionType::calculate;
    id.preload = "uid";
}

// The root's attributes, and declarations of the prefixes that its nodes use.
void read_root(XFormParts& form) {
    Settings& settings = form.form.settings;
    settings.root = form.root.name();
    std::set<std::string, std::less<>> declared;
    for (std::size_t i = 0; i < form.root.attribute_count(); ++i) {
        const XmlAttribute attribute = form.root.attribute(i);
        settings.root_attributes.push_back({std::string(attribute.name), std::string(attribute.value)});
        declared.emplace(attribute.name);
    }
    std::vector<Attribute> outer;
    for (auto at = form.root.parent(); at; at = at->parent())
        for (std::size_t i = 0; i < at->attribute_count(); ++i)
            if (const XmlAttribute attribute = at->attribute(i);
                attribute.name.starts_with("xmlns:") && declared.emplace(attribute.name).second)
                outer.push_back({std::string(attribute.name), std::string(attribute.value)});
    std::set<std::string, std::less<>> used;
    const auto use = [&](std::string_view name) {
        if (const std::size_t colon = name.find(':'); colon != name.npos)
            used.insert("xmlns:" + std::string(name.substr(0, colon)));
    };
    use(settings.root);
    for (const Attribute& attribute : settings.root_attributes) use(attribute.name);
    for (const auto& [path, node] : form.nodes) {
        use(node.item->name);
        for (const Attribute& attribute : node.item->attributes) use(attribute.name);
    }
    for (Attribute& declaration : outer)
        if (used.contains(declaration.name)) settings.root_attributes.push_back(std::move(declaration));
    settings.form_id = attribute_text(form.root, "id");
    settings.version = attribute_text(form.root, "version");
    if (settings.version.empty())
        settings.version = attribute_text(form.root, "version", xml_spaces::openrosa);
}

void find_filled_attributes(XFormParts& form) {
    for (const XmlNode& element : form.model.elements()) {
        std::string path;
        if (element.local() == "bind" &&
            (element.attribute("calculate") || element.attribute("preload", xml_spaces::javarosa)))
            path = attribute_text(element, "nodeset");
        else if (is_action(element))
            path = attribute_text(element, "ref");
        if (path.find("/@") == std::string::npos) continue;
        if (auto resolved = resolved_path(path, form.root_path())) form.filled_attributes.insert(*resolved);
    }
}

}  // namespace

void read_primary_instance(XFormParts& form) {
    find_filled_attributes(form);
    form.form.items = InstanceBuilder(form).children(form.root, form.root_path(), Values::kept);
    add_instance_id(form);
    index(form, form.form.items, form.root_path(), {});
    read_root(form);
}

}  // namespace fieldfare::schema::readers
