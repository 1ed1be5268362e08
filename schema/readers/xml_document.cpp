#include "schema/readers/xml_document.h"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>

#include "schema/unicode_text.h"

namespace fieldfare::schema::readers {

struct XmlDocument::Parsed {
    pugi::xml_document document;
};

namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;
constexpr std::string_view xml_space = "http://www.w3.org/XML/1998/namespace";

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == name.npos ? std::string_view{} : name.substr(0, colon);
}

bool declares_space(std::string_view attribute) {
    return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

/// Copies a parsed document into a tree, level by level without recursion.
class Copy {
  public:
    Copy(StaticDocument& tree, std::map<std::string_view, std::uint32_t>& instances)
        : tree_(tree), instances_(instances) {}

    void run(const pugi::xml_node& document) {
        std::vector<std::pair<std::uint32_t, std::size_t>> open{{tree_.root(), 0}};  // with spaces before
        for (pugi::xml_node at = document.first_child(); at;) {
            const std::uint32_t id = copy(at, open.back().first);
            if (at.type() == pugi::node_element && at.first_child()) {
                open.emplace_back(id, spaces_before_);
                at = at.first_child();
                continue;
            }
            if (at.type() == pugi::node_element) spaces_.resize(spaces_before_);
            while (at && !at.next_sibling()) {
                spaces_.resize(open.back().second);
                open.pop_back();
                at = open.empty() ? pugi::xml_node() : at.parent();
            }
            if (at) at = at.next_sibling();
        }
    }

  private:
    std::uint32_t copy(const pugi::xml_node& node, std::uint32_t parent) {
        switch (node.type()) {
            case pugi::node_element:
                return element(node, parent);
            case pugi::node_pcdata:
            case pugi::node_cdata:
                return tree_.add(parent, DocumentNodeKind::text, "", node.value());
            case pugi::node_comment:
                return tree_.add(parent, DocumentNodeKind::comment, "", node.value());
            case pugi::node_pi:
                return tree_.add(parent, DocumentNodeKind::instruction, node.name(), node.value());
            case pugi::node_doctype:
                return tree_.add(parent, DocumentNodeKind::doctype, "");
            default:
                return no_document_node;  // the XML declaration is no node
        }
    }

    std::uint32_t element(const pugi::xml_node& node, std::uint32_t parent) {
        spaces_before_ = spaces_.size();
        const std::uint32_t id = tree_.add(parent, DocumentNodeKind::element, node.name());
        for (const pugi::xml_attribute& each : node.attributes()) {
            const std::string_view name = each.name();
            if (!declares_space(name)) continue;
            const std::string_view prefix = name.size() > 6 ? name.substr(6) : std::string_view{};
            spaces_.emplace_back(prefix, each.value());
            tree_.add_attribute(id, prefix, each.value(), DocumentNodeKind::name_space);
        }
        set_space(id, prefix_of(node.name()));
        const std::string_view name = node.name();
        const std::string_view local = name.substr(name.find(':') + 1);  // npos + 1 is 0
        for (const pugi::xml_attribute& each : node.attributes()) {
            if (declares_space(each.name())) continue;
            const std::uint32_t attribute = tree_.add_attribute(id, each.name(), each.value());
            if (const auto prefix = prefix_of(each.name()); !prefix.empty()) set_space(attribute, prefix);
            if (local == "instance" && std::string_view(each.name()) == "id")
                instances_.emplace(each.value(), id);
        }
        return id;
    }

    void set_space(std::uint32_t node, std::string_view prefix) {
        if (prefix == "xml") return tree_.set_name_space(node, xml_space);
        const auto found = std::find_if(spaces_.rbegin(), spaces_.rend(),
                                        [&](const auto& each) { return each.first == prefix; });
        if (found != spaces_.rend() && !found->second.empty()) tree_.set_name_space(node, found->second);
    }

    StaticDocument& tree_;
    std::map<std::string_view, std::uint32_t>& instances_;
    std::vector<std::pair<std::string_view, std::string_view>> spaces_;  ///< prefix and namespace, in scope
    std::size_t spaces_before_ = 0;
};

}  // namespace

XmlDocument::XmlDocument() : parsed_(std::make_unique<Parsed>()) {}
XmlDocument::~XmlDocument() = default;

tl::expected<std::unique_ptr<const XmlDocument>, std::string> XmlDocument::parse(std::string_view xml) {
    const auto refused = [](std::string why) { return tl::unexpected(std::move(why)); };
    if (xml.size() > most_bytes) return refused("The document is larger than 64 MiB.");
    if (!valid_utf8(xml)) return refused("The document is not UTF-8.");
    std::unique_ptr<XmlDocument> made(new XmlDocument);
    const pugi::xml_parse_result result = made->parsed_->document.load_buffer(
        xml.data(), xml.size(), pugi::parse_full | pugi::parse_ws_pcdata, pugi::encoding_utf8);
    if (!result)
        return refused("The document is no XML: " + std::string(result.description()) + " at byte " +
                       std::to_string(result.offset) + ".");
    for (const pugi::xml_node& each : made->parsed_->document)
        if (each.type() == pugi::node_doctype &&
            std::string_view(each.value()).find('[') != std::string_view::npos)
            return refused("The document declares entities of its own, which are not read.");
    Copy(made->tree_, made->instances_).run(made->parsed_->document);
    return made;
}

std::optional<std::uint32_t> XmlDocument::instance(std::string_view id) const {
    const auto found = instances_.find(id);
    return found == instances_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> XmlDocument::at(const std::vector<XmlStep>& path) const {
    std::uint32_t node = tree_.root();
    std::vector<std::uint32_t> near;
    for (const XmlStep& step : path) {
        near.clear();
        if (step.attribute.empty()) {
            tree_.children(node, near);
            if (step.index >= near.size()) return std::nullopt;
            node = near[step.index];
            continue;
        }
        tree_.attributes(node, near);
        const bool space = declares_space(step.attribute);
        const std::string_view name = space && step.attribute.size() > 6
                                          ? std::string_view(step.attribute).substr(6)
                                      : space ? std::string_view{}
                                              : std::string_view(step.attribute);
        const auto kind = space ? DocumentNodeKind::name_space : DocumentNodeKind::attribute;
        const auto found = std::find_if(near.begin(), near.end(), [&](std::uint32_t each) {
            return tree_.kind(each) == kind && tree_.name(each) == name;
        });
        if (found == near.end()) return std::nullopt;
        node = *found;
    }
    return node;
}

std::vector<XmlStep> XmlDocument::path_of(std::uint32_t node) const {
    std::vector<XmlStep> path;
    std::vector<std::uint32_t> siblings;
    for (; node != tree_.root(); node = tree_.parent(node)) {
        XmlStep step;
        if (tree_.kind(node) == DocumentNodeKind::attribute) {
            step.attribute = tree_.name(node);
        } else if (tree_.kind(node) == DocumentNodeKind::name_space) {
            const std::string prefix(tree_.name(node));
            step.attribute = prefix.empty() ? "xmlns" : "xmlns:" + prefix;
        } else {
            siblings.clear();
            tree_.children(tree_.parent(node), siblings);
            step.index = static_cast<std::size_t>(std::find(siblings.begin(), siblings.end(), node) -
                                                  siblings.begin());
        }
        path.push_back(std::move(step));
    }
    std::reverse(path.begin(), path.end());
    return path;
}

}  // namespace fieldfare::schema::readers
