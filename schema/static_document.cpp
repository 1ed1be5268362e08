#include "schema/static_document.h"

#include <cmath>

#include "schema/value.h"

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
                                            std::string_view text, DocumentNodeKind kind) {
    Node node;
    node.kind = kind;
    node.parent = element;
    node.name = name;
    node.text = text;
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void StaticDocument::attributes(std::uint32_t node, std::vector<std::uint32_t>& out) const {
    for (std::uint32_t at = node + 1; at < nodes_.size(); ++at) {
        const DocumentNodeKind kind = nodes_[at].kind;
        if (kind != DocumentNodeKind::attribute && kind != DocumentNodeKind::name_space) return;
        if (nodes_[at].parent != node) return;
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

void StaticDocument::fill(Index& index, const Key& key) const {
    const auto enter = [&](std::uint32_t holder, std::uint32_t element) {
        std::string_view text = nodes_[holder].text;
        if (nodes_[holder].first_child != no_document_node)
            text = index.texts.emplace_back(this->text(holder));
        Nodes* nodes = nullptr;
        if (key.numbers) {
            const double number = number_of_text(text);
            if (std::isnan(number)) return;
            if (text.find('T') != text.npos) index.usable = false;
            nodes = &index.by_number[number == 0 ? 0.0 : number];  // one place for both zeros
        } else {
            nodes = &index.by_text[text];
        }
        if (nodes->empty() || nodes->back() != element) nodes->push_back(element);
    };
    const std::string& child = key.child;
    for (std::uint32_t at = nodes_[key.parent].first_child; at != no_document_node;
         at = nodes_[at].next_sibling) {
        if (nodes_[at].name != key.name || nodes_[at].kind != DocumentNodeKind::element) continue;
        if (child == ".") {
            enter(at, at);
        } else if (child.starts_with('@')) {
            Nodes attributes;
            this->attributes(at, attributes);
            for (const std::uint32_t each : attributes)
                if (nodes_[each].kind == DocumentNodeKind::attribute &&
                    nodes_[each].name == std::string_view(child).substr(1))
                    enter(each, at);
        } else {
            for (std::uint32_t in = nodes_[at].first_child; in != no_document_node;
                 in = nodes_[in].next_sibling)
                if (nodes_[in].name == child && nodes_[in].kind == DocumentNodeKind::element) enter(in, at);
        }
    }
}

const StaticDocument::Index* StaticDocument::index(const Key& key) const {
    // A few children are looked through faster than an index of them is found, and a document may have very
    // many such parents.
    constexpr int worth_an_index = 16;
    int children = 0;
    for (std::uint32_t at = nodes_[key.parent].first_child;
         at != no_document_node && children < worth_an_index; at = nodes_[at].next_sibling)
        ++children;
    if (children < worth_an_index) return nullptr;
    const std::lock_guard lock(mutex_);
    auto& kept = indexes_[key];
    if (!kept) {
        auto built = std::make_unique<Index>();
        fill(*built, key);
        kept = std::move(built);
    }
    return kept->usable ? kept.get() : nullptr;
}

namespace {
const std::vector<std::uint32_t> none;
}

const std::vector<std::uint32_t>* StaticDocument::lookup(std::uint32_t parent, std::string_view name,
                                                         std::string_view child,
                                                         std::string_view text) const {
    const Index* index = this->index({parent, std::string(name), std::string(child), false});
    if (index == nullptr) return nullptr;
    const auto found = index->by_text.find(text);
    return found == index->by_text.end() ? &none : &found->second;
}

const std::vector<std::uint32_t>* StaticDocument::lookup_number(std::uint32_t parent, std::string_view name,
                                                                std::string_view child, double number) const {
    const Index* index = this->index({parent, std::string(name), std::string(child), true});
    if (index == nullptr) return nullptr;
    const auto found = index->by_number.find(number == 0 ? 0.0 : number);
    return found == index->by_number.end() ? &none : &found->second;
}

}  // namespace fieldfare::schema
