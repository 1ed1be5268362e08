#include "schema/readers/xform_writer_parts.h"

namespace fieldfare::schema::readers {
namespace {

// ${'${'} is how a text says "${" itself.
bool is_literal(std::string_view expression) {
    return expression.size() >= 2 && (expression[0] == '\'' || expression[0] == '"') &&
           expression.find(expression[0], 1) == expression.size() - 1;
}

bool is_name(std::string_view text) {
    return text.find_first_of("()[]/ '\"=<>+*,|@$.") == std::string_view::npos;
}

std::string file_uri(std::string_view form, std::string_view file) {
    if (file.find("://") != std::string_view::npos) return std::string(file);
    const std::string_view folder = form == "image" || form == "big-image" ? "images" : form;
    return "jr://" + std::string(folder) + "/" + std::string(file);
}

bool is_file(std::string_view form) {
    return form == "image" || form == "big-image" || form == "audio" || form == "video";
}

}  // namespace

void XFormWriter::piped(std::string_view text, int from, const Place& place) {
    for (const TextPiece& piece : text_pieces(text)) {
        if (!piece.is_expression) {
            xml.text(piece.text);
        } else if (is_literal(piece.text)) {
            xml.text(piece.text.substr(1, piece.text.size() - 2));
        } else {
            std::string expression(piece.text);
            if (is_name(expression)) expression = "${" + expression + "}";
            xml.empty("output", {{"value", xpath(expression, from, place)}});
        }
    }
}

void XFormWriter::shown_text(std::string_view element, const Text& text, int node, const Place& place) {
    const std::string id = paths[node].path + ":" + std::string(element);
    if (itext.has(id)) {
        xml.empty(element, {{"ref", "jr:itext('" + id + "')"}});
        return;
    }
    const std::string_view shown = itext.inline_text(text);
    if (shown.empty()) return;
    xml.open(element, Layout::text);
    piped(shown, node, place);
    xml.close();
}

void XFormWriter::translations() {
    if (itext.entries().empty()) return;
    xml.open("itext");
    for (std::size_t language = 0; language < form.languages.size(); ++language) {
        if (!itext.speaks(language)) continue;
        const std::string& name = form.languages[language].name;
        xml.open("translation");
        xml.attribute("lang", name.empty() ? "default" : name);
        if (name.empty() || name == form.settings.default_language) xml.attribute("default", "true()");
        for (const ItextEntry& entry : itext.entries()) {
            xml.open("text");
            xml.attribute("id", entry.id);
            for (const ItextEntry::Value& value : entry.values) {
                std::string_view text;
                if (language < value.text->size()) text = (*value.text)[language];
                if (is_file(value.form)) {
                    if (!text.empty()) xml.leaf("value", file_uri(value.form, text), {{"form", value.form}});
                    continue;
                }
                xml.open("value", Layout::text);
                if (!value.form.empty()) xml.attribute("form", value.form);
                // What no translation says would not be shown at all: ODK's tools know no other fallback.
                piped(text.empty() ? "-" : text, entry.seen_from, entry.place);
                xml.close();
            }
            xml.close();
        }
        xml.close();
    }
    xml.close();
}

}  // namespace fieldfare::schema::readers
