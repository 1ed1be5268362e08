#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/xform.h"
#include "schema/words.h"
#include "tests/support/reader_forms.h"

// Words of the tests of the XForm reader: an XForm is its model and its body, an item is a line.
namespace fieldfare::schema::test {

/// An XForm with the usual namespaces around what stands in its model and its body, each line of its own; the
/// model begins in line 3, the body of a model with two lines in line 6.
inline std::string xform(std::string_view model, std::string_view body) {
    std::string xml =
        R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" )"
        R"(xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms">)"
        "\n<h:head><h:title>Test</h:title><model>\n";
    xml += model;
    xml += "\n</model></h:head>\n<h:body>";
    xml += body;
    return xml + "\n</h:body></h:html>\n";
}

/// The same for a primary instance and binds: `nodes` stand in <data id="f">, with their own meta block.
inline std::string xform_of(std::string_view nodes, std::string_view binds, std::string_view body) {
    return xform("<instance><data id=\"f\">" + std::string(nodes) +
                     "<meta><instanceID/></meta></data></instance>\n" + std::string(binds),
                 body);
}

inline Result<ReadForm> read_xml(std::string_view xml, const std::map<std::string, std::string>& files = {}) {
    return read_xform(xml, "f.xml", [&](std::string_view name) -> std::optional<std::string> {
        const auto found = files.find(std::string(name));
        return found == files.end() ? std::nullopt : std::optional(found->second);
    });
}

inline Form form_of_xml(std::string_view xml, const std::map<std::string, std::string>& files = {}) {
    auto read_form = read_xml(xml, files);
    if (!read_form) FAIL(to_string(read_form.error().errors.front()));
    return std::move(read_form->form);
}

inline std::vector<std::string> xml_errors(std::string_view xml,
                                           const std::map<std::string, std::string>& files = {}) {
    const auto read_form = read_xml(xml, files);
    return read_form ? std::vector<std::string>{} : sentences(read_form.error().errors);
}

inline std::vector<std::string> xml_warnings(std::string_view xml) {
    const auto read_form = read_xml(xml);
    return sentences(read_form ? read_form->warnings : read_form.error().warnings);
}

/// "A / Б": a text in its languages; the same in all of them is said once.
inline std::string dump(const Text& text) {
    std::string all;
    bool same = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        all += (i == 0 ? "" : " / ") + text[i];
        same = same && text[i] == text.front();
    }
    return same && !text.empty() ? text.front() : all;
}

inline std::string dump(const SetValue& action) {
    std::string line;
    for (const Event event : action.events) line += std::string(word_of(event_words, event)) + " ";
    return line + action.ref + " := " + (action.value.empty() ? "'" + action.literal + "'" : action.value);
}

/// Whatever an item says, one line: "q: integer label=Age required=true()".
inline std::string dump(const Item& item) {
    std::string line = item.name + ": " +
                       std::string(item.kind == ItemKind::question ? word_of(item.type) : word_of(item.kind));
    const auto add = [&](const std::string& name, const std::string& value) {
        if (!value.empty()) line += " " + name + "=" + value;
    };
    if (item.data_type != DataType::usual)
        add("data_type", std::string(word_of(data_type_words, item.data_type)));
    add("label", dump(item.label));
    add("hint", dump(item.hint));
    add("guidance", dump(item.guidance_hint));
    for (const auto& [form, text] : item.media) add(form, dump(text));
    add("relevant", item.relevant);
    add("required", item.required);
    add("required_message", dump(item.required_message));
    add("read_only", item.read_only);
    add("constraint", item.constraint);
    add("constraint_message", dump(item.constraint_message));
    add("calculation", item.calculation);
    add(item.default_is_literal ? "default" : "dynamic_default", item.default_value);
    add("count", item.repeat_count);
    if (item.no_add_remove) add("fixed", "yes");
    add("appearance", item.appearance);
    add("list", item.list);
    add("nodeset", item.itemset.nodeset);
    add("value", item.itemset.value);
    add("choice_label", item.itemset.label);
    if (item.randomize) add("randomize", "yes");
    add("seed", item.seed);
    add("preload", item.preload);
    add("preload_parameters", item.preload_parameters);
    for (const auto& [name, value] : item.parameters) add("parameter " + name, value);
    for (const Attribute& attribute : item.attributes) add("@" + attribute.name, attribute.value);
    for (const auto& [name, value] : item.bind_attributes) add("bind " + name, value);
    for (const auto& [name, value] : item.body_attributes) add("body " + name, value);
    for (const SetValue& action : item.actions) line += " {" + dump(action) + "}";
    for (const std::vector<InitialValue>& instance : item.initial) {
        line += " (";
        for (const InitialValue& value : instance)
            line += (line.ends_with('(') ? "" : ", ") + value.path + "=" + value.value;
        line += ")";
    }
    return line;
}

inline void dump_into(const std::vector<Item>& items, std::size_t depth, std::vector<std::string>& lines) {
    for (const Item& item : items) {
        lines.push_back(std::string(depth, ' ') + dump(item));
        dump_into(item.children, depth + 1, lines);
    }
}

/// A line for each item, children one deeper; the meta block of xform_of() is left out.
inline std::vector<std::string> dump(const Form& form) {
    std::vector<std::string> lines;
    dump_into(form.items, 0, lines);
    if (lines.size() >= 2 && lines[lines.size() - 2] == "meta: group") lines.resize(lines.size() - 2);
    return lines;
}

}  // namespace fieldfare::schema::test
