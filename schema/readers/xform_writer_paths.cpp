#include "schema/readers/xform_writer_paths.h"

namespace fieldfare::schema::readers {

FormPaths::FormPaths(const Form& form, int deepest) {
    nodes_.push_back({nullptr, none, none, 0, form.settings.root, "/" + form.settings.root});
    struct Level {
        const std::vector<Item>* items;
        std::size_t next;
        int parent;
    };
    std::vector<Level> levels{{&form.items, 0, root}};
    while (!levels.empty()) {
        Level& level = levels.back();
        if (level.next == level.items->size()) {
            levels.pop_back();
            continue;
        }
        const Item& item = (*level.items)[level.next++];
        if (static_cast<int>(levels.size()) > deepest) {
            too_deep_ = &item;
            return;
        }
        add(item, level.parent);
        if (!item.children.empty())
            levels.push_back({&item.children, 0, static_cast<int>(nodes_.size() - 1)});
    }
}

void FormPaths::add(const Item& item, int parent) {
    const int node = rows_end_++;
    const Node& above = (*this)[parent];
    const bool in_repeat = above.item && above.item->kind == ItemKind::repeat;
    nodes_.push_back({&item, parent, in_repeat ? parent : above.repeat, above.depth + 1, item.name,
                      above.path + "/" + item.name});
    by_item_.emplace(&item, node);
    by_path_.emplace(nodes_.back().path, node);
    const auto [found, first] = by_name_.emplace(item.name, node);
    if (!first) found->second = several;
}

void FormPaths::add_made(std::string_view meta, std::string_view name) {
    const int node = static_cast<int>(nodes_.size());
    const std::string path = nodes_[root].path + "/" + std::string(meta) + "/" + std::string(name);
    by_path_.emplace(path, node);
    by_name_.emplace(name, node);
    nodes_.push_back({nullptr, root, none, 2, std::string(name), path});
}

int FormPaths::find(std::string_view name) const {
    const auto found = by_name_.find(std::string(name));
    if (found != by_name_.end()) return found->second;
    return name == nodes_[root].name ? root : none;
}

int FormPaths::at(std::string_view path) const {
    const auto found = by_path_.find(std::string(path));
    return found == by_path_.end() ? none : found->second;
}

int FormPaths::common(int a, int b) const {
    while (a != b) {
        if ((*this)[a].depth >= (*this)[b].depth)
            a = (*this)[a].parent;
        else
            b = (*this)[b].parent;
    }
    return a;
}

std::string FormPaths::between(int from, int to) const {
    const int shared = common((*this)[from].repeat == none ? root : (*this)[from].repeat,
                              (*this)[to].repeat == none ? root : (*this)[to].repeat);
    const Item* item = (*this)[shared].item;
    const bool in_repeat = (item && item->kind == ItemKind::repeat) || (*this)[shared].repeat != none;
    if (!in_repeat) return (*this)[to].path;

    const int meeting = common(from, to);
    std::string path;
    int at = from;
    // A node is reached from itself by way of its parent, as pyxform writes it.
    do {
        path += path.empty() ? ".." : "/..";
        at = (*this)[at].parent;
    } while ((*this)[at].depth > (*this)[meeting].depth);
    if (meeting == to && at == to) return path;
    return path + (*this)[to].path.substr((*this)[at].path.size());
}

}  // namespace fieldfare::schema::readers
