#include "schema/readers/xml_tree.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <unordered_map>

#include "schema/readers/cell_text.h"
#include "schema/readers/faults.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::size_t most_elements = 2'000'000;
constexpr std::size_t most_attributes = 3'000'000;
constexpr std::size_t most_levels = 512;
constexpr std::size_t longest_attribute = std::size_t{1} << 20;  // as long as an expression may be
constexpr std::size_t most_spaces = 64;  // in scope of one element: each name is looked up among them
constexpr std::string_view white = " \t\r\n";

std::string_view local_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == name.npos ? name : name.substr(colon + 1);
}

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == name.npos ? std::string_view{} : name.substr(0, colon);
}

// The five entities that need no declaration, and numbers of characters that XML may hold.
bool is_known_entity(std::string_view name) {
    if (name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos") return true;
    if (!name.starts_with('#')) return false;
    const bool hexadecimal = name.starts_with("#x");
    name.remove_prefix(hexadecimal ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), code, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != name.data() + name.size()) return false;
    return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xD800) ||
           (code >= 0xE000 && code < 0xFFFE) || (code >= 0x10000 && code <= 0x10FFFF);
}

struct Fault {
    std::size_t offset = 0;
    std::string message;
};

// What will cost memory: counted, and bounded, before it is taken.
struct Counts {
    std::size_t elements = 0, quotes = 0;
};

// What the parser lets pass but XML does not: "&" must begin one of the five entities that need no
// declaration or a number.
std::optional<Fault> fault_in_bytes(std::string_view xml, Counts& counts) {
    for (std::size_t at = 0; at < xml.size(); ++at) {
        const char c = xml[at];
        if (c != '<' && c != '&' && c != '"' && c != '\'') continue;
        if (c == '<') {
            const std::string_view rest = xml.substr(at);
            const std::string_view end = rest.starts_with("<!--")        ? "-->"
                                         : rest.starts_with("<![CDATA[") ? "]]>"
                                         : rest.starts_with("<?")        ? "?>"
                                                                         : "";
            if (!end.empty()) {
                const std::size_t found = xml.find(end, at);
                if (found == xml.npos) return Fault{at, "What begins here is never closed."};
                at = found + end.size() - 1;
            } else if (rest.starts_with("<!")) {
                return Fault{at,
                             "The XML has a document type (<!DOCTYPE …>). Nothing needs it here, and it can "
                             "do harm. Remove it."};
            } else if (!rest.starts_with("</") && ++counts.elements > most_elements) {
                return Fault{at, "The XML has more than 2,000,000 elements. Shorten it."};
            }
        } else if (c == '&') {
            const std::size_t end = xml.find_first_of(";<& \n", at + 1);
            const std::string_view name =
                end == xml.npos || xml[end] != ';' ? "" : xml.substr(at + 1, end - at - 1);
            if (!is_known_entity(name))
                return Fault{at,
                             "There is an & that begins no entity that XML knows. Write &amp; for the "
                             "character itself."};
        } else if (++counts.quotes > 2 * most_attributes) {
            return Fault{at, "The XML has more than 3,000,000 attributes. Shorten it."};
        }
    }
    return std::nullopt;
}

std::string sentence(pugi::xml_parse_status status) {
    switch (status) {
        case pugi::status_out_of_memory:
        case pugi::status_internal_error:
        case pugi::status_io_error:
        case pugi::status_file_not_found:
            return "There is not enough memory for this XML. Shorten it.";
        case pugi::status_unrecognized_tag:
        case pugi::status_bad_start_element:
            return "The XML is not well formed: here a tag begins that has no proper name.";
        case pugi::status_bad_attribute:
            return "The XML is not well formed: an attribute of this tag has no name, no quotes or no end.";
        case pugi::status_bad_end_element:
            return "The XML is not well formed: an end tag is cut off here.";
        case pugi::status_end_element_mismatch:
            return "The XML is not well formed: this end tag closes another element than the one that is "
                   "open.";
        case pugi::status_no_document_element:
            return "The file holds no XML element.";
        default:
            return "The XML is not well formed here.";
    }
}

}  // namespace

/// Turns pugixml's tree into ours, without recursion.
class XmlTreeBuilder {
  public:
    // `original` are the bytes before the parser changed them in place: lines are counted in them.
    XmlTreeBuilder(XmlTree& tree, std::string_view original) : tree_(tree), original_(original) {}

    std::optional<Fault> build(const pugi::xml_document& document) {
        pugi::xml_node at = document.document_element();
        std::vector<std::uint32_t> path;  // of our elements around `at`
        std::vector<std::uint32_t> last;  // their last children
        scopes_.push_back(0);
        while (at) {
            std::uint32_t parent = XmlTree::none;
            if (!path.empty()) parent = path.back();
            const auto number = static_cast<std::uint32_t>(tree_.nodes_.size());
            const bool element = at.type() == pugi::node_element;
            if (element || at.type() == pugi::node_pcdata || at.type() == pugi::node_cdata) {
                XmlTree::Node node;
                node.name = element ? at.name() : at.value();
                node.parent = parent;
                node.element = element;
                tree_.nodes_.push_back(node);
                if (parent != XmlTree::none) {
                    if (last.back() == XmlTree::none)
                        tree_.nodes_[parent].first_child = number;
                    else
                        tree_.nodes_[last.back()].next_sibling = number;
                    last.back() = number;
                }
            }
            if (element) {
                if (path.size() >= most_levels)
                    return Fault{offset(at), "The elements are nested more than 512 deep. Nest them less."};
                if (auto fault = open(at, number)) return fault;
                if (at.first_child()) {
                    path.push_back(number);
                    last.push_back(XmlTree::none);
                    at = at.first_child();
                    continue;
                }
                close();
            }
            while (!at.next_sibling()) {
                if (path.empty()) return std::nullopt;
                at = at.parent();
                path.pop_back();
                last.pop_back();
                close();
                if (path.empty()) return std::nullopt;
            }
            at = at.next_sibling();
        }
        return std::nullopt;
    }

  private:
    static std::size_t offset(pugi::xml_node node) {
        const auto offset = node.offset_debug();
        return offset < 0 ? 0 : static_cast<std::size_t>(offset);
    }

    // Declarations first: they hold for the element's own name as well.
    std::optional<Fault> open(pugi::xml_node element, std::uint32_t number) {
        scopes_.push_back(declared_.size());
        const auto first = static_cast<std::uint32_t>(tree_.attributes_.size());
        for (const pugi::xml_attribute& attribute : element.attributes()) {
            const std::string_view name = attribute.name(), value = attribute.value();
            if (name.size() + value.size() > longest_attribute)
                return Fault{offset(element),
                             "An attribute of this element is longer than 1 MiB. Shorten it."};
            tree_.attributes_.push_back({name, value, 0});
            if (name != "xmlns" && prefix_of(name) != "xmlns") continue;
            declared_.push_back({name == "xmlns" ? std::string_view{} : local_of(name), space(value)});
            if (declared_.size() > most_spaces)
                return Fault{offset(element), "There are more than 64 namespaces in scope here."};
        }
        XmlTree::Node& node = tree_.nodes_[number];
        node.first_attribute = first;
        node.attribute_count = static_cast<std::uint32_t>(tree_.attributes_.size()) - first;
        node.line = static_cast<std::uint32_t>(line_of(offset(element)));
        const auto own = resolve(prefix_of(node.name));
        if (!own) return undeclared(element, node.name);
        node.space = *own;
        for (std::uint32_t i = first; i < tree_.attributes_.size(); ++i) {
            XmlTree::Attribute& attribute = tree_.attributes_[i];
            const std::string_view prefix = prefix_of(attribute.name);
            if (prefix.empty() || prefix == "xmlns") continue;
            const auto found = resolve(prefix);
            if (!found) return undeclared(element, attribute.name);
            attribute.space = *found;
        }
        return std::nullopt;
    }

    void close() {
        declared_.resize(scopes_.back());
        scopes_.pop_back();
    }

    static std::optional<Fault> undeclared(pugi::xml_node element, std::string_view name) {
        return Fault{offset(element), "The prefix of " + shown(name) +
                                          " stands for no namespace. Declare it: xmlns:" +
                                          std::string(prefix_of(name)) + "=\"…\"."};
    }

    std::optional<std::uint32_t> resolve(std::string_view prefix) {
        for (auto it = declared_.rbegin(); it != declared_.rend(); ++it)
            if (it->prefix == prefix) return it->space;
        if (prefix.empty()) return 0;
        if (prefix == "xml") return space("http://www.w3.org/XML/1998/namespace");
        return std::nullopt;
    }

    std::uint32_t space(std::string_view uri) {
        const auto [found, added] = known_.try_emplace(uri, static_cast<std::uint32_t>(tree_.spaces_.size()));
        if (added) tree_.spaces_.push_back(uri);
        return found->second;
    }

    // Elements come in the order of the text.
    std::size_t line_of(std::size_t offset) {
        offset = std::min(offset, original_.size());
        line_ += static_cast<std::size_t>(
            std::count(original_.begin() + static_cast<std::ptrdiff_t>(counted_),
                       original_.begin() + static_cast<std::ptrdiff_t>(std::max(offset, counted_)), '\n'));
        counted_ = std::max(offset, counted_);
        return line_;
    }

    struct Declared {
        std::string_view prefix;
        std::uint32_t space;
    };
    XmlTree& tree_;
    std::string_view original_;
    std::unordered_map<std::string_view, std::uint32_t> known_{{"", 0}};
    std::vector<Declared> declared_;
    std::vector<std::size_t> scopes_;
    std::size_t line_ = 1, counted_ = 0;
};

Result<XmlTree> XmlTree::parse(std::string_view bytes, const std::string& file, BlankTexts blank) {
    Faults faults(file);
    const auto refuse = [&](std::size_t offset, std::string message) -> Result<XmlTree> {
        const auto lines = std::count(
            bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(offset, bytes.size())), '\n');
        faults.error("", offset == 0 ? 0 : static_cast<int>(lines) + 1, "", std::move(message));
        return tl::unexpected(faults.take());
    };
    if (bytes.size() > limits::file_bytes) return refuse(0, "The file is larger than 64 MiB. Shorten it.");
    if (!is_clean_utf8(bytes)) return refuse(0, "The file is not UTF-8 text. Save it as UTF-8.");
    if (bytes.find_first_not_of(white) == bytes.npos) return refuse(0, "The file is empty.");
    Counts counts;
    if (auto fault = fault_in_bytes(bytes, counts)) return refuse(fault->offset, std::move(fault->message));

    XmlTree tree;
    tree.nodes_.reserve(counts.elements + counts.elements / 2);  // a third of the nodes are texts, mostly
    tree.attributes_.reserve(counts.quotes / 2);
    tree.bytes_ = std::make_unique<std::string>(bytes);
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer_inplace(
        tree.bytes_->data(), tree.bytes_->size(),
        pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_wconv_attribute |
            (blank == BlankTexts::kept ? pugi::parse_ws_pcdata : 0u),
        pugi::encoding_utf8);
    if (!parsed) {
        const auto offset = parsed.offset < 0 ? 0 : static_cast<std::size_t>(parsed.offset);
        return refuse(std::max<std::size_t>(offset, 1), sentence(parsed.status));
    }
    if (document.document_element().next_sibling())
        return refuse(static_cast<std::size_t>(std::max<std::ptrdiff_t>(
                          document.document_element().next_sibling().offset_debug(), 1)),
                      "The XML has more than one outermost element. Keep one.");
    if (auto fault = XmlTreeBuilder(tree, bytes).build(document))
        return refuse(fault->offset, std::move(fault->message));
    return tree;
}

bool XmlNode::is_element() const {
    return tree_->nodes_[node_].element;
}
std::string_view XmlNode::name() const {
    return is_element() ? tree_->nodes_[node_].name : std::string_view{};
}
std::string_view XmlNode::local() const {
    return local_of(name());
}
std::string_view XmlNode::space() const {
    return tree_->spaces_[tree_->nodes_[node_].space];
}
int XmlNode::line() const {
    return static_cast<int>(tree_->nodes_[node_].line);
}
std::string_view XmlNode::piece() const {
    return is_element() ? std::string_view{} : tree_->nodes_[node_].name;
}

std::string XmlNode::text() const {
    std::string result;
    for (auto child = first_child(); child; child = child->next_sibling()) result += child->piece();
    return result;
}

std::optional<XmlNode> XmlNode::first_child() const {
    const std::uint32_t child = tree_->nodes_[node_].first_child;
    return child == XmlTree::none ? std::nullopt : std::optional(XmlNode(tree_, child));
}
std::optional<XmlNode> XmlNode::next_sibling() const {
    const std::uint32_t sibling = tree_->nodes_[node_].next_sibling;
    return sibling == XmlTree::none ? std::nullopt : std::optional(XmlNode(tree_, sibling));
}
std::optional<XmlNode> XmlNode::parent() const {
    const std::uint32_t parent = tree_->nodes_[node_].parent;
    return parent == XmlTree::none ? std::nullopt : std::optional(XmlNode(tree_, parent));
}

std::vector<XmlNode> XmlNode::elements() const {
    std::vector<XmlNode> result;
    for (auto child = first_child(); child; child = child->next_sibling())
        if (child->is_element()) result.push_back(*child);
    return result;
}

std::size_t XmlNode::attribute_count() const {
    return tree_->nodes_[node_].attribute_count;
}

XmlAttribute XmlNode::attribute(std::size_t index) const {
    const XmlTree::Attribute& found = tree_->attributes_[tree_->nodes_[node_].first_attribute + index];
    return {found.name, local_of(found.name), tree_->spaces_[found.space], found.value};
}

std::optional<std::string_view> XmlNode::attribute(std::string_view local, std::string_view space) const {
    const XmlTree::Node& node = tree_->nodes_[node_];
    const auto first = tree_->attributes_.begin() + node.first_attribute;
    for (auto each = first; each != first + node.attribute_count; ++each)
        if (each->name.ends_with(local) && local_of(each->name) == local &&
            tree_->spaces_[each->space] == space && prefix_of(each->name) != "xmlns")
            return each->value;
    return std::nullopt;
}

}  // namespace fieldfare::schema::readers
