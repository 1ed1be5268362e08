#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "schema/static_document.h"

namespace fieldfare::schema::readers {

/// One step from a node: to its child node at `index`, from 0, texts and comments included; or to its
/// attribute.
struct XmlStep {
    std::size_t index = 0;
    std::string attribute;  ///< when not empty: its name as written, "xmlns:prefix" for a namespace

    bool operator==(const XmlStep&) const = default;
};

/// A whole XML text as XPath sees it: elements, attributes, texts, comments, instructions and namespaces, of
/// which each element has those that it declares.
class XmlDocument {
  public:
    /// Refuses with a sentence what is not well-formed, a document type that says more than a name (which is
    /// how entity bombs and files from elsewhere come), and more than 64 MiB.
    static tl::expected<std::unique_ptr<const XmlDocument>, std::string> parse(std::string_view xml);
    ~XmlDocument();

    const StaticDocument& tree() const { return tree_; }

    /// The first element "instance" with that id, as a form's model holds it.
    std::optional<std::uint32_t> instance(std::string_view id) const;

    std::optional<std::uint32_t> at(const std::vector<XmlStep>& path) const;
    std::vector<XmlStep> path_of(std::uint32_t node) const;

  private:
    XmlDocument();
    struct Parsed;

    std::unique_ptr<Parsed> parsed_;  ///< what the tree's names and texts look at
    StaticDocument tree_;
    std::map<std::string_view, std::uint32_t> instances_;
};

}  // namespace fieldfare::schema::readers
