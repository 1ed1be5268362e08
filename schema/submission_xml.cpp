#include "schema/submission_xml.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "schema/answer_check.h"
#include "schema/instance_value.h"
#include "schema/xml_text.h"

namespace fieldfare::schema {
namespace {

constexpr std::string_view openrosa = "http://openrosa.org/xforms";

// What a form's author need not declare at the root itself, because forms declare it further up.
std::string_view known_namespace(std::string_view prefix) {
    if (prefix == "orx") return openrosa;
    if (prefix == "jr") return "http://openrosa.org/javarosa";
    if (prefix == "odk") return "http://www.opendatakit.org/xforms";
    if (prefix == "entities") return "http://www.opendatakit.org/xforms/entities";
    if (prefix == "h") return "http://www.w3.org/1999/xhtml";
    return {};
}

std::string composed(std::string text) {
    const bool plain =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (plain) return text;
    utf8proc_uint8_t* made = nullptr;
    const utf8proc_ssize_t length = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
        &made, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (length >= 0) text.assign(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
    std::free(made);
    return text;
}

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}

std::string_view local_name(std::string_view name) {
    return name.substr(name.find(':') + 1);  // npos + 1 is the whole of it
}

bool declares(std::string_view attribute) {
    return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

// The prefixes of a form's elements and attributes, each once, in the order in which they come.
class Prefixes {
  public:
    explicit Prefixes(const Form& form) {
        take(form.settings.root);
        take(form.settings.root_attributes);
        take_all(form.items);
    }

    void take(std::string_view name) {
        const std::string_view prefix = prefix_of(name);
        if (!prefix.empty() && std::find(found_.begin(), found_.end(), prefix) == found_.end())
            found_.emplace_back(prefix);
    }

    const std::vector<std::string>& found() const { return found_; }

  private:
    void take(const std::vector<Attribute>& attributes) {
        for (const Attribute& attribute : attributes)
            if (!declares(attribute.name)) take(attribute.name);
    }
    // Groups lie at most as deep as the readers allow.
    void take_all(const std::vector<Item>& items) {
        for (const Item& item : items) {
            take(item.name);
            take(item.attributes);
            take_all(item.children);
        }
    }

    std::vector<std::string> found_;
};

bool is_attribute(const Item& item) {
    return item.name.starts_with('@');
}

/// The values of the bound attributes of an element by their names, "@id".
using Bound = std::map<std::string_view, std::string>;

std::string_view value_of(const Attribute& attribute, const Bound& bound) {
    const auto found = bound.find("@" + attribute.name);
    return found == bound.end() ? std::string_view(attribute.value) : std::string_view(found->second);
}

Bound bound_attributes(const Interview& interview, NodeId node) {
    Bound bound;
    for (const NodeId child : interview.children(node))
        if (is_attribute(interview.item(child)))
            bound.emplace(interview.item(child).name, interview.value(child));
    return bound;
}

Bound bound_attributes(const std::vector<SubmissionNode>& nodes) {
    Bound bound;
    for (const SubmissionNode& node : nodes)
        if (const auto* answer = std::get_if<Answer>(&node.content);
            answer != nullptr && node.name.starts_with('@'))
            bound.emplace(node.name, answer->value);
    return bound;
}

void open_root(XmlText& xml, const Form& form, const Prefixes& prefixes, const Bound& bound) {
    const auto& attributes = form.settings.root_attributes;
    const auto given = [&](const std::string& name) -> const std::string* {
        const auto found = std::ranges::find(attributes, name, &Attribute::name);
        return found == attributes.end() ? nullptr : &found->value;
    };
    xml.open(form.settings.root);
    if (const std::string* own = given("xmlns")) xml.attribute("xmlns", *own);
    for (const std::string& prefix : prefixes.found()) {
        const std::string* declared = given("xmlns:" + prefix);
        const std::string_view uri = declared != nullptr ? *declared : known_namespace(prefix);
        if (!uri.empty()) xml.attribute("xmlns:" + prefix, uri);
    }
    if (given("id") == nullptr) xml.attribute("id", form.settings.form_id);
    if (given("id") == nullptr && !form.settings.version.empty())
        xml.attribute("version", form.settings.version);
    for (const Attribute& attribute : attributes)
        if (!declares(attribute.name)) xml.attribute(attribute.name, value_of(attribute, bound));
}

void open_item(XmlText& xml, const Item& item, const Bound& bound = {}) {
    xml.open(item.name);
    for (const Attribute& attribute : item.attributes)
        xml.attribute(attribute.name, value_of(attribute, bound));
}

// What the form says at a repeat is not said of each of its instances, as ODK Web Forms has it.
void open_instance(XmlText& xml, const Item& repeat) {
    xml.open(repeat.name);
}

void put_value(XmlText& xml, const Item& item, std::string_view value) {
    xml.text(composed(instance_value(data_type_of(item), value)));
}

bool is_meta(const Item& item) {
    return item.kind == ItemKind::group && local_name(item.name) == "meta";
}

// The tree of a submission, and beside it the items that say what its nodes are.
class SubmissionWriter {
  public:
    SubmissionWriter(XmlText& xml, const Submission& submission) : xml_(xml), submission_(submission) {}

    void put(const std::vector<SubmissionNode>& nodes, const std::vector<Item>& items) {
        for (const Item& item : items) {
            if (is_attribute(item)) continue;
            const auto node = std::ranges::find(nodes, item.name, &SubmissionNode::name);
            if (node == nodes.end()) continue;
            if (const auto* answer = std::get_if<Answer>(&node->content)) {
                put_answer(item, *answer);
            } else if (const auto* group = std::get_if<std::vector<SubmissionNode>>(&node->content)) {
                open_item(xml_, item, bound_attributes(*group));
                if (is_meta(item)) put_id(item);
                in_meta_ = is_meta(item);
                put(*group, item.children);
                in_meta_ = false;
                xml_.close();
            } else {
                for (const auto& instance :
                     std::get<std::vector<std::vector<SubmissionNode>>>(node->content)) {
                    open_instance(xml_, item);
                    put(instance, item.children);
                    xml_.close();
                }
            }
        }
    }

    bool has_id() const { return has_id_; }

  private:
    void put_answer(const Item& item, const Answer& answer) {
        if (in_meta_ && local_name(item.name) == "instanceID") return;
        const bool asked = item.type == QuestionType::calculate ||
                           (answer.missing != Missing::not_asked && answer.missing != Missing::by_design);
        if (!asked) return;
        open_item(xml_, item);
        put_value(xml_, item, answer.value);
        xml_.close();
    }

    // One id for a submission, whatever the device drew for the form's own node.
    void put_id(const Item& meta) {
        const std::string_view prefix = prefix_of(meta.name);
        xml_.open(prefix.empty() ? "instanceID" : std::string(prefix) + ":instanceID");
        xml_.text("uuid:" + submission_.id);
        xml_.close();
        has_id_ = true;
    }

    XmlText& xml_;
    const Submission& submission_;
    bool has_id_ = false, in_meta_ = false;
};

}  // namespace

std::string instance_xml(const Interview& interview) {
    const Form& form = interview.form().form();
    std::string out;
    XmlText xml(out);
    open_root(xml, form, Prefixes(form), bound_attributes(interview, root_node));
    // Nodes still to write; no_node closes an element.
    std::vector<NodeId> waiting;
    const auto wait_for_children = [&](NodeId node) {
        const auto children = interview.children(node);
        waiting.insert(waiting.end(), children.rbegin(), children.rend());
    };
    wait_for_children(root_node);
    while (!waiting.empty()) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        if (node == no_node) {
            xml.close();
            continue;
        }
        if (!interview.relevant(node) || is_attribute(interview.item(node))) continue;
        switch (interview.kind(node)) {
            case NodeKind::root:
                break;
            case NodeKind::repeat:  // has no element of its own
                wait_for_children(node);
                break;
            case NodeKind::group:
            case NodeKind::instance:
                if (interview.kind(node) == NodeKind::instance)
                    open_instance(xml, interview.item(node));
                else
                    open_item(xml, interview.item(node), bound_attributes(interview, node));
                waiting.push_back(no_node);
                wait_for_children(node);
                break;
            case NodeKind::question:
                open_item(xml, interview.item(node), bound_attributes(interview, node));
                put_value(xml, interview.item(node), interview.value(node));
                xml.close();
                break;
        }
    }
    xml.close();
    return out;
}

std::string instance_xml(const Submission& submission, const Form& form, std::string_view name) {
    std::string out;
    XmlText xml(out);
    Prefixes prefixes(form);
    prefixes.take("orx:meta");
    open_root(xml, form, prefixes, bound_attributes(submission.answers));
    SubmissionWriter writer(xml, submission);
    writer.put(submission.answers, form.items);
    if (!writer.has_id()) {
        xml.open("orx:meta");
        xml.open("orx:instanceID");
        xml.text("uuid:" + submission.id);
        xml.close();
        if (!name.empty()) {
            xml.open("orx:instanceName");
            xml.text(composed(std::string(name)));
            xml.close();
        }
        xml.close();
    }
    xml.close();
    return out;
}

}  // namespace fieldfare::schema
