#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/problem.h"

namespace fieldfare::schema::readers {

class XmlTree;

/// An attribute; declarations of namespaces are attributes as well.
struct XmlAttribute {
    std::string_view name;   ///< as written, with its prefix
    std::string_view local;  ///< without
    std::string_view space;  ///< what its prefix stands for; "" without a prefix
    std::string_view value;
};

/// An element or a run of text in an XmlTree, which must outlive it. Cheap to copy.
class XmlNode {
  public:
    bool is_element() const;
    std::string_view name() const;   ///< as written, with its prefix; "" of a text
    std::string_view local() const;  ///< without
    std::string_view space() const;  ///< the namespace, "" for none
    int line() const;                ///< of an element, from 1
    std::string_view piece() const;  ///< of a text: what it says, CDATA included
    std::uint32_t number() const {
        return node_;
    }  ///< different for each node of the tree, in document order

    /// The text directly within this element, pieces joined; not trimmed.
    std::string text() const;

    std::optional<XmlNode> first_child() const;
    std::optional<XmlNode> next_sibling() const;
    std::optional<XmlNode> parent() const;
    std::vector<XmlNode> elements() const;  ///< children that are elements

    std::size_t attribute_count() const;
    XmlAttribute attribute(std::size_t index) const;
    /// Value of the attribute, nothing when it has none of that name in that namespace.
    std::optional<std::string_view> attribute(std::string_view local, std::string_view space = {}) const;

    bool operator==(const XmlNode&) const = default;

  private:
    friend class XmlTree;
    XmlNode(const XmlTree* tree, std::uint32_t node) : tree_(tree), node_(node) {}
    const XmlTree* tree_;
    std::uint32_t node_;
};

/// Whether texts that are nothing but white space are in the tree: they matter between elements of a label,
/// not between the rows of a list.
enum class BlankTexts { kept, left_out };

/// A whole XML text as a flat tree with its namespaces resolved: well-formed UTF-8 with one root element.
/// Refused with a sentence and the line: document types (which is how entity bombs and files from elsewhere
/// come), unknown entities, undeclared prefixes, over 64 MiB, 512 levels, 2,000,000 elements, 3,000,000
/// attributes, or 64 namespaces in scope.
class XmlTree {
  public:
    /// `file` is only named in the findings.
    static Result<XmlTree> parse(std::string_view bytes, const std::string& file,
                                 BlankTexts blank = BlankTexts::kept);

    XmlNode root() const { return {this, 0}; }

  private:
    friend class XmlNode;
    friend class XmlTreeBuilder;
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    struct Node {
        std::string_view name;  // of an element; the text of a text
        std::uint32_t space = 0;
        std::uint32_t parent = none, first_child = none, next_sibling = none;
        std::uint32_t first_attribute = 0, attribute_count = 0;
        std::uint32_t line = 0;
        bool element = false;
    };
    struct Attribute {
        std::string_view name, value;
        std::uint32_t space = 0;
    };

    std::unique_ptr<std::string> bytes_;  // what the views look at
    std::vector<Node> nodes_;
    std::vector<Attribute> attributes_;
    std::vector<std::string_view> spaces_{""};
};

}  // namespace fieldfare::schema::readers
