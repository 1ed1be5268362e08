#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fieldfare::schema {

enum class DocumentNodeKind : std::uint8_t {
    root,
    element,
    attribute,
    text,
    comment,
    instruction,
    name_space,
    doctype,  ///< XPath has none; like the peers we let node() see it
};

/// A node of one of the documents that an expression can see.
struct NodeRef {
    std::uint32_t document = 0;
    std::uint32_t node = 0;

    auto operator<=>(const NodeRef&) const = default;
};

using NodeSet = std::vector<NodeRef>;

/// What expressions need to know of a tree: the running interview, a choice list, an external instance. Nodes
/// are numbers of the document's own choosing.
class Document {
  public:
    virtual ~Document() = default;

    virtual DocumentNodeKind kind(std::uint32_t node) const = 0;
    virtual std::uint32_t root() const = 0;
    virtual std::uint32_t parent(std::uint32_t node) const = 0;  ///< no_document_node for the root
    /// Appends the children in document order.
    virtual void children(std::uint32_t node, std::vector<std::uint32_t>& out) const = 0;
    /// Appends attributes or, for name_space, the namespace nodes in scope.
    virtual void attributes(std::uint32_t, std::vector<std::uint32_t>&) const {}
    virtual std::string_view name(std::uint32_t node) const = 0;  ///< as written, "prefix:name"; "" for none
    virtual std::string_view name_space(std::uint32_t) const { return {}; }
    virtual std::string text(std::uint32_t node) const = 0;  ///< the string-value of XPath 1.0 section 5
    /// Whether a stands before b in document order.
    virtual bool before(std::uint32_t a, std::uint32_t b) const = 0;
    /// Whether expressions may see what it holds (false for what is not relevant).
    virtual bool visible(std::uint32_t) const { return true; }
    /// The elements below `parent` with the name `name` whose `child` has exactly this text, in document
    /// order; nothing when the document keeps no index of them. `child` is the name of a child element,
    /// "@name" for an attribute, "." for the element itself.
    virtual const std::vector<std::uint32_t>* lookup(std::uint32_t /*parent*/, std::string_view /*name*/,
                                                     std::string_view /*child*/,
                                                     std::string_view /*text*/) const {
        return nullptr;
    }
    /// The same for the children that hold this number ("5", "5.0" and " 05 " hold 5).
    virtual const std::vector<std::uint32_t>* lookup_number(std::uint32_t /*parent*/,
                                                            std::string_view /*name*/,
                                                            std::string_view /*child*/,
                                                            double /*number*/) const {
        return nullptr;
    }
};

inline constexpr std::uint32_t no_document_node = 0xffffffff;

}  // namespace fieldfare::schema
