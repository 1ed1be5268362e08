#include "schema/readers/xml_elements.h"

namespace fieldfare::schema::readers {
namespace {

std::string_view without_prefix(std::string_view name) {
    const std::size_t colon = name.rfind(':');
    return colon == name.npos ? name : name.substr(colon + 1);
}

}  // namespace

std::optional<XmlElements::Tag> XmlElements::next_tag() {
    const auto broken = [&]() -> std::optional<Tag> {
        damaged_ = true;
        return std::nullopt;
    };
    while (true) {
        const std::size_t begin = xml_.find('<', at_);
        if (begin == xml_.npos) return std::nullopt;
        const std::string_view rest = xml_.substr(begin);
        const auto skip_to = [&](std::string_view end) {
            const std::size_t found = xml_.find(end, begin);
            if (found == xml_.npos) return false;
            at_ = found + end.size();
            return true;
        };
        if (rest.starts_with("<!--")) {
            if (!skip_to("-->")) return broken();
            continue;
        }
        if (rest.starts_with("<![CDATA[")) {
            if (!skip_to("]]>")) return broken();
            continue;
        }
        if (rest.starts_with("<?")) {
            if (!skip_to("?>")) return broken();
            continue;
        }
        if (rest.starts_with("<!")) return broken();
        // To the '>' that ends the tag: one inside an attribute's quotes does not.
        std::size_t end = begin + 1;
        for (;;) {
            end = xml_.find_first_of("\"'>", end);
            if (end == xml_.npos) return broken();
            if (xml_[end] == '>') break;
            end = xml_.find(xml_[end], end + 1);
            if (end == xml_.npos) return broken();
            ++end;
        }
        at_ = end + 1;
        Tag tag;
        tag.begin = begin;
        tag.end = end + 1;
        tag.closing = xml_[begin + 1] == '/';
        tag.empty = xml_[end - 1] == '/';
        const std::size_t name_begin = begin + (tag.closing ? 2 : 1);
        const std::size_t name_end = xml_.find_first_of(" \t\r\n/>", name_begin);
        tag.name = without_prefix(xml_.substr(name_begin, name_end - name_begin));
        return tag;
    }
}

std::optional<std::string_view> XmlElements::next() {
    while (auto tag = next_tag()) {
        if (tag->closing || tag->name != name_) continue;
        if (tag->empty) return xml_.substr(tag->begin, tag->end - tag->begin);
        while (auto inner = next_tag()) {
            if (inner->name != name_) continue;
            if (!inner->closing) break;
            return xml_.substr(tag->begin, inner->end - tag->begin);
        }
        damaged_ = true;
        return std::nullopt;
    }
    return std::nullopt;
}

bool is_whole_xml(std::string_view xml) {
    std::size_t at = 0;
    // The prologue: declaration, comments, white space.
    for (;;) {
        at = xml.find('<', at);
        if (at == xml.npos) return false;
        if (xml.substr(at).starts_with("<?")) {
            at = xml.find("?>", at);
        } else if (xml.substr(at).starts_with("<!--")) {
            at = xml.find("-->", at);
        } else {
            break;
        }
        if (at == xml.npos) return false;
    }
    if (xml.substr(at).starts_with("<!")) return false;
    const std::size_t name_end = xml.find_first_of(" \t\r\n/>", at + 1);
    if (name_end == xml.npos) return false;
    const std::string_view name = xml.substr(at + 1, name_end - at - 1);
    while (!xml.empty() &&
           (xml.back() == ' ' || xml.back() == '\n' || xml.back() == '\r' || xml.back() == '\t'))
        xml.remove_suffix(1);
    if (xml.ends_with("/>") && xml.find('>', at) == xml.size() - 1) return true;
    if (xml.empty() || xml.back() != '>') return false;
    xml.remove_suffix(1);
    while (!xml.empty() && xml.back() == ' ') xml.remove_suffix(1);
    return xml.ends_with(name) && xml.substr(0, xml.size() - name.size()).ends_with("</");
}

}  // namespace fieldfare::schema::readers
