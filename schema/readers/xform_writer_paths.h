#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/form.h"

namespace fieldfare::schema::readers {

/// Where each row of a form stands in the primary instance, found by its ${name}. Points into the form, which
/// must outlive it.
class FormPaths {
  public:
    static constexpr int root = 0, none = -1, several = -2;

    struct Node {
        const Item* item = nullptr;  ///< the root has none, nor have nodes that no row stands for
        int parent = none;
        int repeat = none;  ///< innermost repeat around it
        int depth = 0;
        std::string name, path;  ///< path: "/data/group/question"
    };

    /// Items deeper than `deepest` are left out; too_deep() then is the first of them.
    explicit FormPaths(const Form& form, int deepest = 200);

    const Item* too_deep() const { return too_deep_; }
    const Node& operator[](int node) const { return nodes_[static_cast<std::size_t>(node)]; }
    /// Nodes from 1 to before this are rows.
    int rows_end() const { return rows_end_; }
    int of(const Item& item) const { return by_item_.at(&item); }

    /// A node of /data/meta that is written without a row for it; ${name} may name it all the same.
    void add_made(std::string_view meta, std::string_view name);

    /// The node that ${name} means; `none` or `several` otherwise.
    int find(std::string_view name) const;

    /// The node at an absolute path, predicates not allowed; or `none`.
    int at(std::string_view path) const;

    /// From a node to another inside the innermost repeat around both: "../group/name"; the absolute path
    /// when no repeat is around both.
    std::string between(int from, int to) const;

  private:
    void add(const Item& item, int parent);
    int common(int a, int b) const;

    std::vector<Node> nodes_;
    std::unordered_map<std::string, int> by_name_, by_path_;
    std::unordered_map<const Item*, int> by_item_;
    int rows_end_ = 1;
    const Item* too_deep_ = nullptr;
};

}  // namespace fieldfare::schema::readers
