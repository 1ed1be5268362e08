#include <algorithm>

#include "schema/readers/cell_text.h"
#include "schema/readers/xform_parts.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t longest_path = 4096;
constexpr std::size_t most_path_bytes = 64u << 20;
constexpr std::size_t most_text_bytes = 256u << 20;

bool is_name(std::string_view text) {
    if (text.empty() || (text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '.') return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':';
    });
}

}  // namespace

std::optional<std::string> resolved_path(std::string_view path, std::string_view context) {
    std::string_view rest = trimmed_part(path);
    constexpr std::string_view current = "current()/";
    if (rest.starts_with(current)) rest.remove_prefix(current.size());
    std::string result(rest.starts_with('/') ? std::string_view{} : context);
    if (rest.starts_with('/')) rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
    while (!rest.empty()) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        const std::string_view step = trimmed_part(rest.substr(0, slash));
        rest.remove_prefix(std::min(slash + 1, rest.size()));
        if (step == ".") continue;
        if (step == "..") {
            if (result.empty()) return std::nullopt;
            result.erase(result.rfind('/'));
            continue;
        }
        const bool attribute = step.starts_with('@');
        if (!is_name(step.substr(attribute ? 1 : 0))) return std::nullopt;
        if (attribute && !rest.empty()) return std::nullopt;
        result += '/';
        result += step;
        if (result.size() > longest_path) return std::nullopt;
    }
    return result;
}

std::string without_predicates(std::string_view path) {
    std::string result;
    int depth = 0;
    char quote = 0;
    for (const char c : path) {
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '[') {
            ++depth;
        } else if (c == ']') {
            --depth;
            continue;
        }
        if (depth <= 0) result += c;
    }
    return result;
}

XFormNode* XFormParts::find(std::string_view path) {
    const auto found = nodes.find(path);
    return found == nodes.end() ? nullptr : &found->second;
}

bool XFormParts::afford_path(std::size_t bytes) {
    if (path_bytes > most_path_bytes) return false;
    path_bytes += bytes;
    if (path_bytes <= most_path_bytes) return true;
    error(root,
          "The paths of the form's nodes are longer than 64 MiB together. Shorten their names, or nest "
          "them less.");
    return false;
}

bool XFormParts::afford_text(std::size_t bytes) {
    if (text_bytes > most_text_bytes) return false;
    text_bytes += bytes;
    if (text_bytes <= most_text_bytes) return true;
    error(root, "The form's texts, in all languages, are larger than 256 MiB. Shorten them.");
    return false;
}

std::optional<std::string> XFormParts::target(XmlNode element, std::string_view context) {
    if (const auto bind = element.attribute("bind")) {
        const auto found = binds.find(*bind);
        if (found != binds.end()) return found->second;
        error(element, "There is no bind with the id " + shown(*bind) + ". Write its id, or use ref.");
        return std::nullopt;
    }
    auto path = element.attribute("ref");
    if (!path) path = element.attribute("nodeset");
    if (!path) return std::nullopt;
    auto result = resolved_path(*path, context);
    if (!result)
        error(element, "The path " + shown(*path) + " is not plain. Name one node, as in /data/question.");
    return result;
}

std::string usual_name(const XmlAttribute& attribute) {
    const auto with = [&](std::string_view prefix) {
        return std::string(prefix) + ":" + std::string(attribute.local);
    };
    if (attribute.space == xml_spaces::javarosa) return with("jr");
    if (attribute.space == xml_spaces::openrosa) return with("orx");
    if (attribute.space == xml_spaces::odk) return with("odk");
    if (attribute.space == xml_spaces::entities) return with("entities");
    return std::string(attribute.name);
}

std::string attribute_text(XmlNode element, std::string_view local, std::string_view space) {
    return trimmed(element.attribute(local, space).value_or(std::string_view{}));
}

}  // namespace fieldfare::schema::readers
