#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/document.h"

namespace fieldfare::schema {

/// A tree that never changes once built: a choice list or an external instance. Texts and names are views
/// into what the caller keeps alive. Safe to read from several threads; lookup builds its index at the first
/// use.
class StaticDocument : public Document {
  public:
    StaticDocument();

    /// Adds a node; nodes must be added in document order. `text` is what an element without children holds.
    std::uint32_t add(std::uint32_t parent, DocumentNodeKind kind, std::string_view name,
                      std::string_view text = {});

    /// Adds an attribute; before the children of its element.
    std::uint32_t add_attribute(std::uint32_t element, std::string_view name, std::string_view text);

    DocumentNodeKind kind(std::uint32_t node) const override { return nodes_[node].kind; }
    std::uint32_t root() const override { return 0; }
    std::uint32_t parent(std::uint32_t node) const override { return nodes_[node].parent; }
    void children(std::uint32_t node, std::vector<std::uint32_t>& out) const override;
    void attributes(std::uint32_t node, std::vector<std::uint32_t>& out) const override;
    std::string_view name(std::uint32_t node) const override { return nodes_[node].name; }
    std::string text(std::uint32_t node) const override;
    bool before(std::uint32_t a, std::uint32_t b) const override { return a < b; }
    const std::vector<std::uint32_t>* lookup(std::uint32_t parent, std::string_view name,
                                             std::string_view child, std::string_view text) const override;

  private:
    struct Node {
        DocumentNodeKind kind = DocumentNodeKind::root;
        std::uint32_t parent = no_document_node;
        std::uint32_t first_child = no_document_node, last_child = no_document_node;
        std::uint32_t next_sibling = no_document_node;
        std::string_view name, text;
    };
    struct Key {
        std::uint32_t parent;
        std::string name, child;
        auto operator<=>(const Key&) const = default;
    };
    using Index = std::unordered_map<std::string_view, std::vector<std::uint32_t>>;

    std::vector<Node> nodes_;
    mutable std::mutex mutex_;
    mutable std::map<Key, std::unique_ptr<const Index>> indexes_;
    mutable std::vector<std::unique_ptr<const std::string>>
        texts_;  ///< texts that an index had to put together
};

}  // namespace fieldfare::schema
