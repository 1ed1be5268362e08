#pragma once

#include <map>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

// What an XForm says, apart from its layout: one line for each bind, text, control and instance, so that two
// of them can be compared and their differences be read.
namespace fieldfare::schema::test {

/// Runs of white space as one blank, none at the ends; non-breaking spaces and curved quotes made plain,
/// which our reader keeps and pyxform does not.
inline std::string squeezed(std::string_view text) {
    std::string out, plain(text);
    for (const auto& [curved, straight] :
         {std::pair{"\u2018", "'"}, {"\u2019", "'"}, {"\u201C", "\""}, {"\u201D", "\""}, {"\u00A0", " "}})
        for (std::size_t at = 0; (at = plain.find(curved, at)) != std::string::npos;)
            plain.replace(at, std::string_view(curved).size(), straight);
    for (const char c : plain) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

class XFormStructure {
  public:
    explicit XFormStructure(const pugi::xml_document& document) {
        const pugi::xml_node html = document.child("h:html");
        find_uniform(html.child("h:head").child("model").child("itext"));
        add("title " + squeezed(html.child("h:head").child("h:title").text().get()));
        model(html.child("h:head").child("model"));
        const pugi::xml_node body = html.child("h:body");
        add("body" + attributes(body));
        controls(body, "/");
    }

    std::multiset<std::string> lines;

  private:
    std::map<std::string, std::string> uniform_;  // by "jr:itext('id')"

    void add(std::string line) { lines.insert(std::move(line)); }

    // Blanks beside brackets and commas mean nothing in an expression.
    static std::string without_inner_blanks(const std::string& text) {
        constexpr std::string_view beside = "()[],";
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool next = i + 1 < text.size() && beside.find(text[i + 1]) != std::string_view::npos;
            const bool before = !out.empty() && beside.find(out.back()) != std::string_view::npos;
            if (text[i] != ' ' || !(next || before)) out += text[i];
        }
        return out;
    }

    // Texts that are the same in all languages say what a text without a language says.
    void find_uniform(const pugi::xml_node& itext) {
        std::map<std::string, std::multiset<std::string>> texts;
        std::size_t languages = 0;
        for (const pugi::xml_node& translation : itext.children()) {
            ++languages;
            for (const pugi::xml_node& text : translation.children()) {
                const bool plain = text.first_child() && !text.first_child().next_sibling() &&
                                   !text.first_child().attribute("form");
                texts[text.attribute("id").value()].insert(plain ? inner(text.first_child()) : "");
            }
        }
        for (const auto& [id, values] : texts)
            if (values.size() == languages && values.count(*values.begin()) == languages &&
                !values.begin()->empty())
                uniform_["jr:itext('" + id + "')"] = *values.begin();
    }

    // A label or hint, or a message of a bind, with what a uniform text says instead of its name.
    std::string shown(const pugi::xml_node& node) const {
        const auto found = uniform_.find(node.attribute("ref").value());
        return found == uniform_.end() ? attributes(node) + " " + inner(node) : " " + found->second;
    }
    std::string with_messages(std::string line) const {
        for (const auto& [name, text] : uniform_)
            if (const std::size_t at = line.find(name); at != std::string::npos)
                line.replace(at, name.size(), text);
        return line;
    }

    static std::string attributes(const pugi::xml_node& node) {
        std::map<std::string, std::string> sorted;
        for (const pugi::xml_attribute& each : node.attributes())
            sorted[each.name()] = without_inner_blanks(squeezed(each.value()));
        std::string out;
        for (const auto& [name, value] : sorted) out += " " + name + "=\"" + value + "\"";
        return out;
    }

    // Text with its elements, in order.
    static std::string inner(const pugi::xml_node& node) {
        std::string out;
        for (const pugi::xml_node& each : node.children()) {
            if (each.type() == pugi::node_element)
                out += "<" + std::string(each.name()) + attributes(each) + ">" + inner(each) + "</>";
            else if (each.type() == pugi::node_pcdata || each.type() == pugi::node_cdata)
                out += each.value();
        }
        return squeezed(out);
    }

    // Elements whose order means nothing, such as the columns of a choice.
    static std::string sorted(const pugi::xml_node& node) {
        std::multiset<std::string> parts;
        for (const pugi::xml_node& each : node.children())
            if (each.type() == pugi::node_element)
                parts.insert("<" + std::string(each.name()) + attributes(each) + ">" + inner(each));
        std::string out;
        for (const std::string& part : parts) out += part;
        return out;
    }

    void model(const pugi::xml_node& model) {
        add("model" + attributes(model));
        bool primary = true;
        for (const pugi::xml_node& each : model.children()) {
            const std::string name = each.name();
            if (name == "itext") {
                // Without a mark the first translation is the default one.
                const pugi::xml_node marked =
                    each.find_child_by_attribute("translation", "default", "true()");
                add(std::string("default ") +
                    (marked ? marked : each.first_child()).attribute("lang").value());
                for (const pugi::xml_node& translation : each.children()) {
                    const std::string language = translation.attribute("lang").value();
                    add("translation " + language);
                    for (const pugi::xml_node& text : translation.children())
                        if (!uniform_.contains(std::string("jr:itext('") + text.attribute("id").value() +
                                               "')"))
                            add("text " + language + " " + text.attribute("id").value() + " " + sorted(text));
                }
            } else if (name == "instance" && primary) {
                primary = false;
                nodes(each, "");
            } else if (name == "instance") {
                const std::string head = "instance" + attributes(each);
                add(head);
                int number = 0;
                for (const pugi::xml_node& item : each.child("root").children())
                    add(head + " " + std::to_string(++number) + " " + sorted(item));
            } else {
                add(with_messages(name + attributes(each) + " " + inner(each)));
            }
        }
    }

    void nodes(const pugi::xml_node& above, const std::string& path) {
        int number = 0;
        for (const pugi::xml_node& each : above.children()) {
            if (each.type() != pugi::node_element) {
                add("value " + path + " " + squeezed(each.value()));
                continue;
            }
            const std::string here = path + "/" + std::to_string(++number) + ":" + each.name();
            add("node " + here + attributes(each));
            nodes(each, here);
        }
    }

    void controls(const pugi::xml_node& above, const std::string& path) {
        int number = 0;
        for (const pugi::xml_node& each : above.children()) {
            if (each.type() != pugi::node_element) continue;
            const std::string name = each.name();
            if (name == "group" || name == "repeat") {
                const std::string here = path + std::to_string(++number) + "/";
                add(here + name + attributes(each));
                controls(each, here);
            } else if (name == "label" || name == "hint") {
                add(path + name + shown(each));
            } else if (name == "setvalue" || name == "odk:setgeopoint") {
                add(path + name + attributes(each) + " " + inner(each));
            } else {
                const std::string here = path + std::to_string(++number) + "/";
                add(here + name + attributes(each));
                for (const pugi::xml_node& part : each.children()) add(here + part.name() + shown(part));
            }
        }
    }
};

}  // namespace fieldfare::schema::test
