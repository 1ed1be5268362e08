#include <array>
#include <charconv>
#include <utility>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::array<std::string_view, 8> question_names{"input", "select",  "select1", "rank",
                                                         "range", "trigger", "upload",  "secret"};

bool is_question(XmlNode element) {
    for (const std::string_view name : question_names)
        if (element.local() == name) return true;
    return false;
}

// What JavaRosa shows around repeats and this program in its own words.
bool is_caption(XmlNode element) {
    const std::string_view name = element.local();
    return name.ends_with("Caption") || name.ends_with("Header");
}

std::optional<XmlNode> child_named(XmlNode element, std::string_view name) {
    for (auto child = element.first_child(); child; child = child->next_sibling())
        if (child->is_element() && child->local() == name) return child;
    return std::nullopt;
}

// The repeat that is the only thing in a group, beside its label.
std::optional<XmlNode> only_repeat(XmlNode group) {
    std::optional<XmlNode> repeat;
    for (const XmlNode& child : group.elements()) {
        if (child.local() == "label" || child.local() == "hint") continue;
        if (repeat || child.local() != "repeat") return std::nullopt;
        repeat = child;
    }
    return repeat;
}

/// Goes through the body twice: what is a repeat or a group must be known before the nodes are.
class RepeatFinder {
  public:
    explicit RepeatFinder(XFormParts& form) : form_(form) {
        for (const XmlNode& child : form.model.elements())
            if (child.local() == "bind" && child.attribute("id"))
                binds_.emplace(*child.attribute("id"), child.attribute("nodeset").value_or(""));
    }

    void look(XmlNode parent, const std::string& context) {
        for (const XmlNode& child : parent.elements()) {
            const std::string_view name = child.local();
            if (is_question(child)) continue;
            const auto path = path_of(child, context);
            if (path && *path != form_.root_path() && form_.afford_path(path->size()))
                (name == "repeat" ? form_.repeats : form_.groups).insert(*path);
            look(child, path.value_or(context));
        }
    }

  private:
    // Without faults: read_body() finds them.
    std::optional<std::string> path_of(XmlNode element, const std::string& context) const {
        if (element.local() != "repeat" && element.local() != "group") return std::nullopt;
        if (const auto bind = element.attribute("bind")) {
            const auto found = binds_.find(*bind);
            return found == binds_.end() ? std::nullopt : resolved_path(found->second, form_.root_path());
        }
        auto ref = element.attribute("nodeset");
        if (!ref) ref = element.attribute("ref");
        return ref ? resolved_path(*ref, context) : std::nullopt;
    }

    XFormParts& form_;
    std::map<std::string_view, std::string_view> binds_;  // nodesets by id
};

class BodyReader {
  public:
    explicit BodyReader(XFormParts& form) : form_(form) {}

    // `owner` is the item whose control is around; none at the top.
    void children(XmlNode parent, const std::string& context, Item* owner) {
        for (const XmlNode& child : parent.elements()) {
            const std::string_view name = child.local();
            if (is_question(child))
                question(child, context);
            else if (name == "group")
                group(child, context, owner);
            else if (name == "repeat")
                repeat(child, context, std::nullopt);
            else if (is_action(child))
                add_action(child, context, owner);
            else if (name != "label" && name != "hint" && !is_caption(child))
                unknown(child, context, owner);
        }
    }

  private:
    void unknown(XmlNode element, const std::string& context, Item* owner) {
        form_.warning(element, "The element " + shown(element.name()) +
                                   " of the body is not known. Only what stands in it is read.");
        children(element, context, owner);
    }

    void add_action(XmlNode element, const std::string& context, Item* owner) {
        if (auto action = read_action(form_, element, context))
            (owner != nullptr ? owner->actions : form_.form.actions).push_back(std::move(*action));
    }

    void group(XmlNode element, const std::string& context, Item* owner) {
        const bool named =
            element.attribute("ref") || element.attribute("nodeset") || element.attribute("bind");
        const auto path = form_.target(element, context);
        if (named && !path) return;
        if (const auto inner = only_repeat(element); inner && (!path || form_.repeats.contains(*path)))
            return repeat(*inner, path.value_or(context), element);
        if (!path || *path == form_.root_path()) {
            if (child_named(element, "label") || element.attribute("appearance"))
                form_.warning(element,
                              "The group has no node of its own: its label and appearance are not "
                              "shown. Give it a ref.");
            return children(element, context, owner);
        }
        XFormNode* node = control_of(element, *path, "group");
        if (node == nullptr) return children(element, *path, owner);
        if (node->item->kind == ItemKind::repeat) {
            node->control_line = 0;  // the repeat within it is the control
            form_.warning(element,
                          "The group has the node of a repeat but holds more than it: its label and "
                          "appearance are not shown.");
            return children(element, *path, owner);
        }
        describe(element, *node->item);
        children(element, *path, node->item);
    }

    void repeat(XmlNode element, const std::string& context, std::optional<XmlNode> around) {
        const auto path = repeat_path(element, context);
        if (!path) return;
        if (*path == form_.root_path())
            return form_.error(element, "The outermost node can't repeat. Name a node within it.");
        XFormNode* node = control_of(element, *path, "repeat");
        if (node == nullptr) return;
        Item& item = *node->item;
        describe(element, item);
        // JavaRosa and ODK Web Forms show the label of the group around and none of the repeat's own.
        if (!item.label.empty() && !(around && child_named(*around, "label")))
            form_.warning(element,
                          "The label within the repeat is not shown. Put it into a group around it.");
        item.label.clear();
        item.media.clear();
        if (around) {
            const std::string own = item.appearance;
            describe(*around, item);
            if (item.appearance.empty()) item.appearance = own;
        }
        item.repeat_count = attribute_text(element, "count", xml_spaces::javarosa);
        const std::string fixed = attribute_text(element, "noAddRemove", xml_spaces::javarosa);
        item.no_add_remove = !fixed.empty() && fixed != "false()" && fixed != "false";
        // Nobody could ever answer it without one.
        if (item.no_add_remove && item.repeat_count.empty() && item.initial.empty())
            item.initial.emplace_back();
        if (around)
            for (const XmlNode& child : around->elements())
                if (is_action(child)) add_action(child, *path, &item);
        const std::string outer = std::exchange(repeat_, *path);
        children(element, *path, &item);
        repeat_ = outer;
    }

    std::optional<std::string> repeat_path(XmlNode element, const std::string& context) {
        auto path = form_.target(element, context);
        if (!path && !element.attribute("nodeset") && !element.attribute("ref") && !element.attribute("bind"))
            form_.error(element, "The repeat names no node. Give it a nodeset.");
        return path;
    }

    // The node of a control, which must be there, have no other and stand in the same repeat.
    XFormNode* control_of(XmlNode element, const std::string& path, std::string_view what) {
        XFormNode* node = form_.find(path);
        const auto sentence = [&] { return "The " + std::string(what) + " is for " + shown(path); };
        if (node == nullptr) {
            // JavaRosa refuses such a form, ODK Web Forms passes over the control.
            form_.warning(element, sentence() + ", which the primary instance does not have. It is not shown.");
            return nullptr;
        }
        if (node->control_line > 0) {
            form_.error(element, sentence() + ", which has a control already, in line " +
                                     std::to_string(node->control_line) + ". Keep one of them.");
            return nullptr;
        }
        const std::string_view around = node->repeat;
        if (around != repeat_) {
            form_.error(element, sentence() + ", which stands " +
                                     (around.empty() ? "in no repeat" : "in the repeat " + shown(around)) +
                                     ". Its control must stand there, too.");
            return nullptr;
        }
        node->control_line = element.line();
        node->item->row = element.line();
        return node;
    }

    // Label, hint, appearance and what only other programs read.
    void describe(XmlNode element, Item& item) {
        for (const XmlNode& child : element.elements()) {
            if (child.local() == "label") {
                ElementText text = text_of(form_, child);
                item.label = std::move(text.text);
                item.media = std::move(text.media);
            } else if (child.local() == "hint") {
                ElementText text = text_of(form_, child);
                item.hint = std::move(text.text);
                item.guidance_hint = std::move(text.guidance);
            }
        }
        item.appearance = attribute_text(element, "appearance");
        for (std::size_t i = 0; i < element.attribute_count(); ++i) {
            const XmlAttribute attribute = element.attribute(i);
            const std::string name = usual_name(attribute);
            if (name.starts_with("xmlns") || name == "ref" || name == "nodeset" || name == "bind" ||
                name == "appearance" || name == "jr:count" || name == "jr:noAddRemove")
                continue;
            item.body_attributes[name] = std::string(attribute.value);
        }
    }

    void question(XmlNode element, const std::string& context) {
        const std::string kind(element.local());
        const auto path = form_.target(element, context);
        if (!path) {
            if (!element.attribute("ref") && !element.attribute("nodeset") && !element.attribute("bind"))
                form_.error(element, "The " + kind + " names no node. Give it a ref.");
            return;
        }
        XFormNode* node = control_of(element, *path, kind);
        if (node == nullptr) return;
        Item& item = *node->item;
        if (item.kind != ItemKind::question)
            return form_.error(element, "The " + kind + " is for " + shown(*path) +
                                            ", which holds other nodes and can have no answer.");
        describe(element, item);
        set_question_type(item, element, node->type);
        if (kind == "secret" && item.appearance.empty()) item.appearance = "masked";
        if (kind == "range") range(element, item);
        if (kind == "select" || kind == "select1" || kind == "rank")
            read_choices(form_, element, *path, item);
        if (kind == "input" && element.attribute("query"))
            form_.warning(element,
                          "The choices that the input takes by its query are not supported: it is "
                          "asked as text.");
        if (attribute_text(element, "mediatype") == "osm/*")
            form_.warning(element, "OpenStreetMap tags are not supported: any file is taken.");
        for (const XmlNode& child : element.elements())
            if (is_action(child)) add_action(child, *path, &item);
    }

    void range(XmlNode element, Item& item) {
        for (const std::string name : {"start", "end", "step"}) {
            const std::string text = attribute_text(element, name);
            double number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc{} || end != text.data() + text.size())
                form_.error(element, "The range's " + name + " must be a number.");
            item.body_attributes.erase(name);
            item.parameters[name] = text;
        }
    }

    XFormParts& form_;
    std::string repeat_;  // path of the repeat around, in the body
};

// Items stand in the order of the primary instance, which is the order of a submission, too.
void tell_other_order(XFormParts& form, const std::vector<Item>& items, const std::string& path) {
    int last = 0;
    for (const Item& item : items) {
        const std::string below = path + "/" + item.name;
        const XFormNode* const node = form.find(below);
        const int line = node == nullptr ? 0 : node->control_line;
        if (line > 0 && line < last)
            form.faults.warning("", line, "",
                                "The body asks for " + shown(below) +
                                    " earlier than the primary instance holds it. Questions are asked in the "
                                    "order of the primary instance.");
        last = std::max(last, line);
        tell_other_order(form, item.children, below);
    }
}

}  // namespace

void find_repeats(XFormParts& form) {
    if (form.body) RepeatFinder(form).look(*form.body, form.root_path());
}

void read_body(XFormParts& form) {
    if (form.body) BodyReader(form).children(*form.body, form.root_path(), nullptr);
    for (auto& [path, node] : form.nodes)
        if (node.item->kind == ItemKind::question && node.control_line == 0)
            set_calculate_type(*node.item, node.type);
    tell_other_order(form, form.form.items, form.root_path());
}

}  // namespace fieldfare::schema::readers
