#include "schema/static_document.h"

namespace fieldfare::schema {

StaticDocument::StaticDocument() {
    nodes_.emplace_back();
}

std::uint32_t StaticDocument::add(std::uint32_t parent, DocumentNodeKind kind, std::string_view name,
                                  std::string_view text) {
    const auto id = static_cast<std::uint32_t>(nodes_.size());
    Node node;
    node.kind = kind;
    node.parent = parent;
    node.name = name;
    node.text = text;
    nodes_.push_back(node);
    Node& above = nodes_[parent];
    if (above.last_child == no_document_node)
        above.first_child = id;
    else
        nodes_[above.last_child].next_sibling = id;
    above.last_child = id;
    return id;
}

std::uint32_t StaticDocument::add_attribute(std::uint32_t element, std::string_view name,
                                            std::string_view text) {
    Node node;
    node.kind = DocumentNodeKind::attribute;
    node.parent = element;
    node.name = name;
    node.text = text;
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void StaticDocument::attributes(std::uint32_t node, std::vector<std::uint32_t>& out) const {
    for (std::uint32_t at = node + 1; at < nodes_.size(); ++at) {
        if (nodes_[at].kind != DocumentNodeKind::attribute || nodes_[at].parent != node) return;
        out.push_back(at);
    }
}

void StaticDocument::children(std::uint32_t node, std::vector<std::uint32_t>& out) const {
    for (std::uint32_t child = nodes_[node].first_child; child != no_document_node;
         child = nodes_[child].next_sibling)
        out.push_back(child);
}

std::string StaticDocument::text(std::uint32_t node) const {
    if (nodes_[node].first_child == no_document_node) return std::string(nodes_[node].text);
    // Descendants stand right behind their ancestor, up to the next node that is not below it.
    std::string result;
    for (std::uint32_t at = node + 1; at < nodes_.size() && nodes_[at].parent >= node; ++at) {
        if (nodes_[at].parent == no_document_node) break;
        if (nodes_[at].kind == DocumentNodeKind::element || nodes_[at].kind == DocumentNodeKind::text)
            result += nodes_[at].text;
    }
    return result;
}

const std::vector<std::uint32_t>* StaticDocument::lookup(std::uint32_t parent, std::string_view name,
                                                         std::string_view child,
                                                         std::string_view text) const {
    static const std::vector<std::uint32_t> none;
    const Index* index = nullptr;
    {
        const std::lock_guard lock(mutex_);
        auto& kept = indexes_[Key{parent, std::string(name), std::string(child)}];
        if (!kept) {
            auto built = std::make_unique<Index>();
            for (std::uint32_t at = nodes_[parent].first_child; at != no_document_node;
                 at = nodes_[at].next_sibling) {
                if (nodes_[at].name != name) continue;
                for (std::uint32_t in = nodes_[at].first_child; in != no_document_node;
                     in = nodes_[in].next_sibling) {
                    if (nodes_[in].name != child || nodes_[in].kind != DocumentNodeKind::element) continue;
                    std::string_view key = nodes_[in].text;
                    if (nodes_[in].first_child != no_document_node)
                        key = *texts_.emplace_back(std::make_unique<const std::string>(this->text(in)));
                    auto& nodes = (*built)[key];
                    if (nodes.empty() || nodes.back() != at) nodes.push_back(at);
                }
            }
            kept = std::move(built);
        }
        index = kept.get();
    }
    const auto found = index->find(text);
    return found == index->end() ? &none : &found->second;
}

}  // namespace fieldfare::schema
