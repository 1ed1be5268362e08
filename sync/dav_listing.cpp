#include "sync/dav_listing.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "sync/http_address.h"
#include "sync/list_bounds.h"
#include "sync/object_name.h"

namespace fieldfare::sync {

namespace {

// Servers name the prefix of "DAV:" as they like ("D:", "d:", "lp1:"), so only the name after it is looked
// at.
bool is_named(const pugi::xml_node& node, std::string_view name) {
    std::string_view whole = node.name();
    const auto colon = whole.rfind(':');
    return (colon == std::string_view::npos ? whole : whole.substr(colon + 1)) == name;
}

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
    return parent.find_child([&](const pugi::xml_node& node) { return is_named(node, name); });
}

std::string_view without_spaces(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto first = text.find_first_not_of(spaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

// The path of an href, which may be a whole address (RFC 4918, 8.3).
std::string_view path_of(std::string_view href) {
    const auto scheme = href.find("://");
    if (scheme == std::string_view::npos) return href;
    const auto slash = href.find('/', scheme + 3);
    return slash == std::string_view::npos ? std::string_view("/") : href.substr(slash);
}

// The object name of a response; empty when it is none of a file in `folder`.
std::string name_of(const pugi::xml_node& response, std::string_view folder, std::string_view prefix) {
    const std::string path = percent_decoded(path_of(without_spaces(child(response, "href").text().get())));
    if (!path.starts_with(folder)) return {};
    const std::string_view last = std::string_view(path).substr(folder.size());
    std::string name = std::string(prefix).append(last);
    if (last.find('/') != std::string_view::npos || !is_object_name(name)) return {};
    return name;
}

struct Properties {
    bool is_folder = false;
    std::optional<std::uint64_t> size{};
};

Properties properties_of(const pugi::xml_node& response) {
    Properties properties;
    for (const pugi::xml_node& status : response.children()) {
        if (!is_named(status, "propstat")) continue;
        const auto found = child(status, "prop");
        if (child(child(found, "resourcetype"), "collection")) properties.is_folder = true;
        const auto length = without_spaces(child(found, "getcontentlength").text().get());
        std::uint64_t size = 0;
        const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
        if (error == std::errc() && end == length.data() + length.size()) properties.size = size;
    }
    return properties;
}

}  // namespace

std::string_view propfind_body() {
    return R"(<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>
)";
}

std::optional<std::vector<ListedFile>> parse_dav_listing(std::string_view xml, std::string_view base,
                                                         std::string_view prefix) {
    // pugixml reads no document type, so no entity can grow; elements nest without recursion.
    if (is_crowded_xml(xml)) return std::nullopt;
    pugi::xml_document document;
    if (!document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8))
        return std::nullopt;
    const auto all = child(document, "multistatus");
    if (!all) return std::nullopt;
    const std::string folder = percent_decoded(base) + "/" + std::string(prefix);
    std::vector<ListedFile> files;
    for (const pugi::xml_node& response : all.children()) {
        if (!is_named(response, "response")) continue;
        std::string name = name_of(response, folder, prefix);
        const Properties properties = properties_of(response);
        if (name.empty() || properties.is_folder) continue;
        files.push_back({std::move(name), properties.size.value_or(0), properties.size.has_value()});
    }
    std::ranges::sort(files, {}, &ListedFile::name);
    const auto same_name = [](const ListedFile& left, const ListedFile& right) {
        return left.name == right.name;
    };
    files.erase(std::unique(files.begin(), files.end(), same_name), files.end());
    return files;
}

}  // namespace fieldfare::sync
