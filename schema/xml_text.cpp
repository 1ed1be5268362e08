#include "schema/xml_text.h"

#include "schema/unicode_text.h"

namespace fieldfare::schema {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

enum class Within { text, attribute };

void append_plain(std::string& out, char c, Within within) {
    switch (c) {
        case '&':
            out += "&amp;";
            return;
        case '<':
            out += "&lt;";
            return;
        case '>':
            out += "&gt;";
            return;
        case '"':
            out += within == Within::attribute ? "&quot;" : "\"";
            return;
        case '\r':  // a reader makes a line feed of the character itself
            out += "&#13;";
            return;
        case '\n':
            out += within == Within::attribute ? "&#10;" : "\n";
            return;
        case '\t':
            out += within == Within::attribute ? "&#9;" : "\t";
            return;
        default:
            if (static_cast<unsigned char>(c) < 0x20)
                out += replacement;
            else
                out += c;
    }
}

void append(std::string& out, std::string_view text, Within within) {
    for (std::size_t at = 0; at < text.size();) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            append_plain(out, text[at++], within);
            continue;
        }
        std::size_t length = 1;
        while (length < 4 && at + length < text.size() &&
               (static_cast<unsigned char>(text[at + length]) & 0xc0) == 0x80)
            ++length;
        // The longest valid character that begins here; a stray byte is replaced alone.
        while (length > 1 &&
               !(valid_utf8(text.substr(at, length)) && count_code_points(text.substr(at, length)) == 1))
            --length;
        const std::string_view character = text.substr(at, length);
        const bool held = length > 1 && character != "\xef\xbf\xbe" && character != "\xef\xbf\xbf";
        out += held ? character : replacement;
        at += length;
    }
}

}  // namespace

void XmlText::end_tag() {
    if (in_tag_) out_ += '>';
    in_tag_ = false;
}

void XmlText::open(std::string_view name) {
    end_tag();
    (out_ += '<') += name;
    names_.emplace_back(name);
    in_tag_ = true;
}

void XmlText::attribute(std::string_view name, std::string_view value) {
    ((out_ += ' ') += name) += "=\"";
    append(out_, value, Within::attribute);
    out_ += '"';
}

void XmlText::text(std::string_view text) {
    if (text.empty()) return;
    end_tag();
    append(out_, text, Within::text);
}

void XmlText::close() {
    if (in_tag_)
        out_ += "/>";
    else
        ((out_ += "</") += names_.back()) += '>';
    in_tag_ = false;
    names_.pop_back();
}

}  // namespace fieldfare::schema
