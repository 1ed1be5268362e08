#include "schema/readers/xml_text.h"

namespace fieldfare::schema::readers {

XmlText::XmlText() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") {}

void XmlText::open(std::string_view name, Layout layout) {
    fill();
    if (open_.empty() || open_.back().layout == Layout::lines) line();
    out_.append("<").append(name);
    // Inside text every line break would count.
    if (!open_.empty() && open_.back().layout == Layout::text) layout = Layout::text;
    open_.push_back({std::string(name), layout, false});
}

void XmlText::attribute(std::string_view name, std::string_view value) {
    out_.append(" ").append(name).append("=\"");
    escape(value, true);
    out_ += '"';
}

void XmlText::text(std::string_view text) {
    if (text.empty()) return;
    fill();
    escape(text, false);
}

void XmlText::close() {
    const Open element = std::move(open_.back());
    open_.pop_back();
    if (!element.filled) {
        out_ += "/>";
    } else {
        if (element.layout == Layout::lines) line();
        out_.append("</").append(element.name).append(">");
    }
    if (open_.empty()) out_ += '\n';
}

void XmlText::empty(std::string_view name, const Attributes& attributes) {
    leaf(name, {}, attributes);
}

void XmlText::leaf(std::string_view name, std::string_view content, const Attributes& attributes) {
    open(name, Layout::text);
    for (const auto& [key, value] : attributes) attribute(key, value);
    text(content);
    close();
}

/// Ends the start tag that is still open, because something comes into its element.
void XmlText::fill() {
    if (open_.empty() || open_.back().filled) return;
    open_.back().filled = true;
    out_ += '>';
}

void XmlText::line() {
    out_ += '\n';
    out_.append(2 * open_.size(), ' ');
}

void XmlText::escape(std::string_view text, bool in_attribute) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        switch (c) {
            case '&':
                out_ += "&amp;";
                break;
            case '<':
                out_ += "&lt;";
                break;
            case '>':
                out_ += "&gt;";
                break;
            case '"':
                out_ += in_attribute ? "&quot;" : "\"";
                break;
            case '\r':
                out_ += "&#13;";
                break;
            case '\n':
                out_ += in_attribute ? "&#10;" : "\n";
                break;
            case '\t':
                out_ += in_attribute ? "&#9;" : "\t";
                break;
            default:
                // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
                if (static_cast<unsigned char>(c) < 0x20) {
                    out_ += "\xEF\xBF\xBD";
                } else if (text.substr(i, 2) == "\xEF\xBF" && i + 2 < text.size() &&
                           static_cast<unsigned char>(text[i + 2]) >= 0xBE) {
                    out_ += "\xEF\xBF\xBD";
                    i += 2;
                } else {
                    out_ += c;
                }
        }
    }
}

}  // namespace fieldfare::schema::readers
