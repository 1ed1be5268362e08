#pragma once

#include <deque>
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

    /// Adds an attribute, or a namespace node (whose name is the prefix and whose text the namespace); before
    /// the children of its element, namespaces first.
    std::uint32_t add_attribute(std::uint32_t element, std::string_view name, std::string_view text,
                                DocumentNodeKind kind = DocumentNodeKind::attribute);

    /// The namespace of a node's name; without one it is in none.
    void set_name_space(std::uint32_t node, std::string_view space) { spaces_[node] = space; }

    std::size_t size() const { return nodes_.size(); }

    DocumentNodeKind kind(std::uint32_t node) const override { return nodes_[node].kind; }
    std::uint32_t root() const override { return 0; }
    std::uint32_t parent(std::uint32_t node) const override { return nodes_[node].parent; }
    void children(std::uint32_t node, std::vector<std::uint32_t>& out) const override;
    void attributes(std::uint32_t node, std::vector<std::uint32_t>& out) const override;
    std::string_view name(std::uint32_t node) const override { return nodes_[node].name; }
    std::string_view name_space(std::uint32_t node) const override {
        const auto found = spaces_.find(node);
        return found == spaces_.end() ? std::string_view{} : found->second;
    }
    std::string text(std::uint32_t node) const override;
    bool before(std::uint32_t a, std::uint32_t b) const override { return a < b; }
    const std::vector<std::uint32_t>* lookup(std::uint32_t parent, std::string_view name,
                                             std::string_view child, std::string_view text) const override;
    const std::vector<std::uint32_t>* lookup_number(std::uint32_t parent, std::string_view name,
                                                    std::string_view child, double number) const override;

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
        bool numbers;
        auto operator<=>(const Key&) const = default;
    };
    using Nodes = std::vector<std::uint32_t>;
    struct Index {
        std::unordered_map<std::string_view, Nodes> by_text;
        std::unordered_map<double, Nodes> by_number;
        bool usable = true;  ///< not where a number depends on more than the text: times without an offset
        std::deque<std::string> texts;  ///< keys that had to be put together
    };

    const Index* index(const Key& key) const;
    void fill(Index& index, const Key& key) const;

    std::vector<Node> nodes_;
    std::unordered_map<std::uint32_t, std::string_view> spaces_;
    mutable std::mutex mutex_;
    mutable std::map<Key, std::unique_ptr<const Index>> indexes_;
};

}  // namespace fieldfare::schema
