#include "schema/readers/xform_itext.h"

#include <algorithm>

#include "schema/readers/cell_text.h"
#include "schema/readers/instance_file.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t most_languages = 100;

std::string code_of(std::string_view language) {
    const std::size_t open = language.rfind('(');
    if (open == language.npos || !language.ends_with(')')) return {};
    return trimmed(language.substr(open + 1, language.size() - open - 2));
}

// "${" begins a reference in a Text; where the author means the characters they stand in an expression.
void add_literal(std::string& text, std::string_view piece) {
    for (std::size_t at = piece.find("${"); at != piece.npos; at = piece.find("${")) {
        text += piece.substr(0, at);
        text += "${'${'}";
        piece.remove_prefix(at + 2);
    }
    text += piece;
}

void add_expression(std::string& text, std::string_view expression) {
    // A lone name is a path to a child here, but would name a question anywhere in a Text.
    const bool path_to_child = expression.find_first_of("/('\".") == expression.npos;
    text += "${" + std::string(path_to_child ? "./" : "") + std::string(expression) + "}";
}

// What an element says: text, outputs, and HTML, which stays as it is written, for Markdown has it, too.
void add_content(XFormParts& form, XmlNode element, std::string& text) {
    for (auto child = element.first_child(); child; child = child->next_sibling()) {
        if (!child->is_element()) {
            add_literal(text, child->piece());
        } else if (child->local() == "output") {
            std::string expression = attribute_text(*child, "ref");
            if (expression.empty()) expression = attribute_text(*child, "value");
            if (expression.empty())
                form.error(*child, "The output says nothing. Give it a value, as in value=\"/data/name\".");
            else
                add_expression(text, expression);
        } else if (child->space() == xml_spaces::xhtml) {
            const std::string name(child->local());
            text += "<" + name;
            for (std::size_t i = 0; i < child->attribute_count(); ++i) {
                const XmlAttribute attribute = child->attribute(i);
                if (attribute.name.starts_with("xmlns")) continue;
                text += " " + std::string(attribute.local) + "=\"";
                add_literal(text, attribute.value);
                text += '"';
            }
            text += ">";
            add_content(form, *child, text);
            text += "</" + name + ">";
        } else {
            form.warning(*child,
                         "The element " + shown(child->name()) +
                             " means nothing within a text and is left out. HTML needs its namespace.");
        }
    }
}

std::string content(XFormParts& form, XmlNode element) {
    std::string text;
    add_content(form, element, text);
    if (text.size() <= limits::cell_bytes) return text;
    form.error(element, "The text is longer than 128 KiB. Shorten it.");
    return {};
}

void read_text(XFormParts& form, XmlNode element, std::size_t language) {
    const std::string id = attribute_text(element, "id");
    if (id.empty()) return form.warning(element, "The text has no id. Nothing can name it.");
    auto& forms = form.itext.texts[id];
    forms.resize(form.itext.languages.size());
    for (const XmlNode& value : element.elements()) {
        if (value.local() != "value") {
            form.error(value, "The text " + shown(id) + " holds " + shown(value.name()) +
                                  ". Only value elements can stand there.");
            continue;
        }
        const std::string kind = attribute_text(value, "form");
        if (!forms[language].emplace(kind, content(form, value)).second)
            form.error(value, "The text " + shown(id) + " says the same form twice. Keep one of its values.");
    }
}

bool is_media(std::string_view form) {
    return form == "image" || form == "big-image" || form == "audio" || form == "video";
}

}  // namespace

Text Itext::text(std::string_view id, std::string_view form) const {
    const auto found = texts.find(id);
    if (found == texts.end()) return {};
    Text result(languages.size());
    bool any = false;
    for (std::size_t i = 0; i < std::min(languages.size(), found->second.size()); ++i) {
        const Forms& forms = found->second[i];
        auto value = forms.find(form);
        for (const char* const other : {"long", "short"})
            if (form.empty() && value == forms.end()) value = forms.find(other);
        if (value == forms.end()) continue;
        result[i] = value->second;
        any = true;
    }
    return any ? result : Text{};
}

Text Itext::everywhere(const std::string& text) const {
    return text.empty() ? Text{} : Text(languages.size(), text);
}

void read_itext(XFormParts& form) {
    std::vector<XmlNode> translations;
    for (const XmlNode& child : form.model.elements())
        if (child.local() == "itext")
            for (const XmlNode& translation : child.elements())
                if (translation.local() == "translation") translations.push_back(translation);
    if (translations.empty()) return;
    if (translations.size() > most_languages)
        return form.error(translations[most_languages],
                          "The form has more than 100 translations. Keep fewer.");
    Itext& itext = form.itext;
    itext.languages.clear();
    std::optional<std::string> given_default;
    for (const XmlNode& translation : translations) {
        const std::string name = attribute_text(translation, "lang");
        if (name.empty()) form.error(translation, "The translation names no language. Write it into lang.");
        const bool twice = std::any_of(itext.languages.begin(), itext.languages.end(),
                                       [&](const Language& language) { return language.name == name; });
        if (twice) form.error(translation, "There are two translations for " + shown(name) + ". Keep one.");
        if (translation.attribute("default")) {
            if (given_default)
                form.error(translation, "Two translations are the default. Keep the attribute on one.");
            given_default = name;
        }
        itext.languages.push_back({name, code_of(name)});
    }
    itext.default_language = given_default.value_or(itext.languages.front().name);
    for (std::size_t i = 0; i < translations.size(); ++i)
        for (const XmlNode& text : translations[i].elements())
            if (text.local() == "text") read_text(form, text, i);
}

std::string itext_id(std::string_view expression) {
    std::string text = trimmed(expression);
    constexpr std::string_view call = "jr:itext(";
    if (!text.starts_with(call) || !text.ends_with(')')) return {};
    text = trimmed(std::string_view(text).substr(call.size(), text.size() - call.size() - 1));
    if (text.size() < 2 || (text[0] != '\'' && text[0] != '"') || text.back() != text[0]) return {};
    const std::string id = text.substr(1, text.size() - 2);
    return id.find(text[0]) == std::string::npos ? id : std::string{};
}

namespace {

std::size_t size_of(const Text& text) {
    std::size_t size = sizeof(std::string) * text.size();
    for (const std::string& each : text) size += each.size();
    return size;
}

ElementText any_text_of(XFormParts& form, XmlNode element) {
    ElementText result;
    const auto ref = element.attribute("ref");
    if (!ref) {
        result.text = form.itext.everywhere(content(form, element));
        return result;
    }
    const std::string id = itext_id(*ref);
    if (id.empty()) {
        std::string text;
        add_expression(text, trimmed(*ref));
        result.text = form.itext.everywhere(text);
        return result;
    }
    const auto found = form.itext.texts.find(id);
    if (found == form.itext.texts.end()) {
        form.error(element,
                   "No translation has the text " + shown(id) + ". Add it, or name one that is there.");
        return result;
    }
    form.itext.shown.insert(id);
    result.text = form.itext.text(id, "");
    result.guidance = form.itext.text(id, "guidance");
    for (const Itext::Forms& forms : found->second)
        for (const auto& [kind, value] : forms)
            if (is_media(kind) && !result.media.contains(kind)) {
                Text files = form.itext.text(id, kind);
                for (std::string& file : files) file = file_name_of_source(file);
                result.media.emplace(kind, std::move(files));
            }
    return result;
}

}  // namespace

ElementText text_of(XFormParts& form, XmlNode element) {
    ElementText result = any_text_of(form, element);
    std::size_t size = size_of(result.text) + size_of(result.guidance);
    for (const auto& [kind, files] : result.media) size += size_of(files);
    return form.afford_text(size) ? result : ElementText{};
}

Text message_of(XFormParts& form, XmlNode element, std::string_view message) {
    const std::string id = itext_id(message);
    if (id.empty()) {
        std::string text;
        if (message.size() > limits::cell_bytes)
            form.error(element, "The message is longer than 128 KiB. Shorten it.");
        else
            add_literal(text, trimmed(message));
        Text result = form.itext.everywhere(text);
        return form.afford_text(size_of(result)) ? result : Text{};
    }
    if (!form.itext.texts.contains(id))
        form.warning(element, "No translation has the text " + shown(id) + ". The message stays empty.");
    form.itext.shown.insert(id);
    Text result = form.itext.text(id, "");
    return form.afford_text(size_of(result)) ? result : Text{};
}

namespace {

constexpr std::size_t longest_id = 1000;  // of a call, so that no expression is searched over and over

// Ids in quotes that an expression gives to jr:itext(). False when it asks for one that it works out.
bool asked_ids(std::string_view expression, std::set<std::string, std::less<>>& ids) {
    constexpr std::string_view call = "jr:itext(";
    bool all_known = true;
    for (std::size_t at = expression.find(call); at != expression.npos; at = expression.find(call, at + 1)) {
        const std::string_view rest = expression.substr(at, longest_id);
        const std::string id = itext_id(rest.substr(0, std::min(rest.find(')'), rest.size() - 1) + 1));
        if (id.empty())
            all_known = false;
        else
            ids.insert(id);
    }
    return all_known;
}

}  // namespace

void keep_asked_texts(XFormParts& form, XmlNode document) {
    std::set<std::string, std::less<>> asked;
    bool all_known = true;
    // Every attribute of the document but those that text_of() and message_of() have looked up.
    for (std::optional<XmlNode> at = document; at;) {
        for (std::size_t i = 0; i < at->attribute_count(); ++i) {
            const XmlAttribute attribute = at->attribute(i);
            if (attribute.value.find("jr:itext(") == attribute.value.npos) continue;
            const bool looked_up = (attribute.local == "ref" || attribute.local == "constraintMsg" ||
                                    attribute.local == "requiredMsg") &&
                                   !itext_id(attribute.value).empty();
            if (!looked_up) all_known = asked_ids(attribute.value, asked) && all_known;
        }
        std::optional<XmlNode> next = at->first_child();
        while (at && !next) {
            next = at->next_sibling();
            if (!next) at = at->parent();
        }
        at = next;
    }
    for (const auto& [id, forms] : form.itext.texts) {
        if (!asked.contains(id) && (all_known || form.itext.shown.contains(id))) continue;
        form.form.texts[id] = form.itext.text(id, "");
        // Media of choices that stand in an instance: beside their text, as JavaRosa names them.
        for (const char* const kind : {"image", "big-image", "audio", "video"})
            if (Text files = form.itext.text(id, kind); !files.empty()) {
                for (std::string& file : files) file = file_name_of_source(file);
                form.form.texts[id + ";" + kind] = std::move(files);
            }
    }
}

}  // namespace fieldfare::schema::readers
