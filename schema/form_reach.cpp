#include <algorithm>
#include <string_view>

#include "schema/form_compiler.h"
#include "schema/functions.h"

namespace fieldfare::schema {
namespace {

// Templates as XPath sees an interview: a repeat is not a node, its instances stand in its place.
class TemplateWalk {
  public:
    TemplateWalk(const CompiledForm::Parts& parts, std::vector<Reach>& out) : parts_(parts), out_(out) {}

    void run(Axis axis, Reach from) {
        switch (axis) {
            case Axis::child:
                children(from);
                return;
            case Axis::self:
                out_.push_back(from);
                return;
            case Axis::descendant_or_self:
                out_.push_back(from);
                descendants(from);
                return;
            case Axis::descendant:
                descendants(from);
                return;
            case Axis::ancestor_or_self:
                out_.push_back(from);
                [[fallthrough]];
            case Axis::ancestor:
                for (Reach at = parent(from); at.node != none; at = parent(at)) out_.push_back(at);
                return;
            case Axis::parent:
                if (const Reach above = parent(from); above.node != none) out_.push_back(above);
                return;
            case Axis::following_sibling:
            case Axis::preceding_sibling:
                if (const Reach above = parent(from); above.node != none) children(above);
                return;
            case Axis::following:
            case Axis::preceding:
                descendants({0, 0});
                return;
            case Axis::attribute:
                children(from, true);
                return;
            case Axis::namespace_:
                return;
        }
    }

  private:
    Reach parent(Reach from) const {
        const Template& node = parts_.templates[from.node];
        if (node.parent == none) return {none, 0};
        if (node.kind != NodeKind::instance) return {node.parent, from.common};
        // Out of an instance: from here on its siblings can be reached.
        const TemplateId above = parts_.templates[node.parent].parent;
        return {above, parts_.common_scope(from.common, parts_.templates[above].scope)};
    }

    void children(Reach from, bool attributes = false) {
        const Template& node = parts_.templates[from.node];
        for (TemplateId child = from.node + 1; child < node.end; child = parts_.templates[child].end)
            if (is_attribute(*parts_.templates[child].item) == attributes)
                out_.push_back(
                    {parts_.templates[child].kind == NodeKind::repeat ? child + 1 : child, from.common});
    }

    void descendants(Reach from) {
        for (TemplateId id = from.node + 1; id < parts_.templates[from.node].end; ++id)
            if (parts_.templates[id].kind != NodeKind::repeat && !is_attribute(*parts_.templates[id].item))
                out_.push_back({id, from.common});
    }

    const CompiledForm::Parts& parts_;
    std::vector<Reach>& out_;
};

bool passes(const CompiledForm::Parts& parts, TemplateId id, const Step& step) {
    const Template& node = parts.templates[id];
    switch (step.test) {
        case NodeTest::name: {
            std::string_view name = node.item != nullptr ? node.item->name : parts.form->settings.root;
            if (step.axis == Axis::attribute) name.remove_prefix(1);
            return name == parts.ast.strings[step.name];
        }
        case NodeTest::any_name:
        case NodeTest::any_node:
            return true;
        case NodeTest::any_in_space:
        case NodeTest::text:
        case NodeTest::comment:
        case NodeTest::instruction:
            return false;
    }
    return false;
}

}  // namespace

namespace {

// By the name, not by going through all children: a form of ten thousand questions has as many absolute
// paths.
void children_named(const CompiledForm::Parts& parts, Reach from, std::string_view name,
                    std::vector<Reach>& out) {
    const auto found = parts.names.find(name);
    if (found == parts.names.end()) return;
    for (const TemplateId child : found->second)
        if (parts.templates[child].parent == from.node)
            out.push_back({parts.templates[child].kind == NodeKind::repeat ? child + 1 : child, from.common});
}

// Drops from `from` what leads nowhere that the others don't lead to, so that a path like //*/following::*
// costs no more than the form is long. Siblings are the children of the parents.
std::vector<Reach> starting_points(const CompiledForm::Parts& parts, Axis& axis, std::vector<Reach> from) {
    if (axis == Axis::following_sibling || axis == Axis::preceding_sibling) {
        std::vector<Reach> parents;
        for (const Reach each : from)
            if (each.node != none) TemplateWalk(parts, parents).run(Axis::parent, each);
        axis = Axis::child;
        from = std::move(parents);
    }
    std::sort(from.begin(), from.end());
    from.erase(std::unique(from.begin(), from.end()), from.end());
    if ((axis == Axis::following || axis == Axis::preceding) && from.size() > 1) from.resize(1);
    if (axis == Axis::descendant || axis == Axis::descendant_or_self) {
        // In document order what lies below another stands behind it. (A node's own place among `self` is
        // kept by the one above it, which reaches it as a descendant; only the widest common scope counts.)
        std::vector<Reach> outermost;
        for (const Reach each : from) {
            const bool covered = each.node != none && !outermost.empty() && outermost.back().node != none &&
                                 each.node < parts.templates[outermost.back().node].end &&
                                 each.node > outermost.back().node && each.common == outermost.back().common;
            if (!covered) outermost.push_back(each);
        }
        from = std::move(outermost);
    }
    return from;
}

}  // namespace

std::vector<Reach> follow(const CompiledForm::Parts& parts, const Step& step,
                          const std::vector<Reach>& from) {
    std::vector<Reach> result;
    if (from.size() == 1 && step.axis == Axis::child && step.test == NodeTest::name) {
        // A step of most paths there are.
        if (from.front().node != none)
            children_named(parts, from.front(), parts.ast.strings[step.name], result);
        else if (passes(parts, 0, step))
            result.push_back({0, 0});
        std::erase_if(result, [&](Reach one) { return !passes(parts, one.node, step); });
        std::sort(result.begin(), result.end());
        return result;
    }
    Axis axis = step.axis;
    for (const Reach each : starting_points(parts, axis, from)) {
        std::vector<Reach> reached;
        // The document node above the root element, which is template 0, is `none` here.
        if (each.node == none) {
            if (axis == Axis::child) reached.push_back({0, 0});
            if (axis == Axis::descendant_or_self || axis == Axis::descendant)
                TemplateWalk(parts, reached).run(Axis::descendant_or_self, {0, 0});
            if (axis == Axis::descendant_or_self) result.push_back(each);
        } else if (axis == Axis::child && step.test == NodeTest::name) {
            children_named(parts, each, parts.ast.strings[step.name], reached);
        } else {
            TemplateWalk(parts, reached).run(axis, each);
        }
        for (const Reach one : reached)
            if (passes(parts, one.node, step)) result.push_back(one);
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

bool start_of(const CompiledForm::Parts& parts, const AstNode& path, Reach owner, bool focus_is_owner,
              std::vector<Reach>& out) {
    switch (path.start) {
        case PathStart::root:
            out.push_back({none, 0});
            return true;
        case PathStart::context:
            if (focus_is_owner) out.push_back(owner);
            return focus_is_owner;
        case PathStart::expression: {
            const AstNode& start = parts.ast.nodes[path.target];
            if (path.start_predicates > 0 || start.kind != AstKind::call ||
                function_info(start.function).name != "current")
                return false;
            out.push_back(owner);
            return true;
        }
    }
    return false;
}

}  // namespace fieldfare::schema
