#include <algorithm>

#include "schema/evaluator.h"
#include "schema/functions.h"

namespace fieldfare::schema {
namespace {

bool reverse_axis(Axis axis) {
    return axis == Axis::parent || axis == Axis::ancestor || axis == Axis::ancestor_or_self ||
           axis == Axis::preceding || axis == Axis::preceding_sibling;
}

// From nodes in document order of which none lies in another, these axes give such nodes again.
bool keeps_order(Axis axis) {
    return axis == Axis::child || axis == Axis::attribute || axis == Axis::self || axis == Axis::parent;
}

class AxisWalk {
  public:
    AxisWalk(const Document& document, std::vector<std::uint32_t>& out) : document_(document), out_(out) {}

    void run(Axis axis, std::uint32_t node) {
        switch (axis) {
            case Axis::child:
                document_.children(node, out_);
                return;
            case Axis::descendant:
                descendants(node);
                return;
            case Axis::parent:
                if (const auto parent = document_.parent(node); parent != no_document_node)
                    out_.push_back(parent);
                return;
            case Axis::ancestor:
                ancestors(document_.parent(node));
                return;
            case Axis::following_sibling:
                siblings(node, true);
                return;
            case Axis::preceding_sibling:
                siblings(node, false);
                return;
            case Axis::following:
                following(node);
                return;
            case Axis::preceding:
                preceding(node);
                return;
            case Axis::attribute:
                of_kind(node, DocumentNodeKind::attribute);
                return;
            case Axis::namespace_:
                of_kind(node, DocumentNodeKind::name_space);
                return;
            case Axis::self:
                out_.push_back(node);
                return;
            case Axis::descendant_or_self:
                out_.push_back(node);
                descendants(node);
                return;
            case Axis::ancestor_or_self:
                ancestors(node);
                return;
        }
    }

    std::size_t visited = 0;  ///< nodes looked at and passed over

  private:
    void descendants(std::uint32_t node) {
        std::vector<std::uint32_t> waiting;  // the next one to visit is last
        const auto push_children = [&](std::uint32_t of) {
            const std::size_t first = waiting.size();
            document_.children(of, waiting);
            std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(first), waiting.end());
        };
        push_children(node);
        while (!waiting.empty()) {
            const std::uint32_t next = waiting.back();
            waiting.pop_back();
            out_.push_back(next);
            push_children(next);
        }
    }

    void ancestors(std::uint32_t node) {
        for (; node != no_document_node; node = document_.parent(node)) out_.push_back(node);
    }

    void siblings(std::uint32_t node, bool after) {
        const DocumentNodeKind kind = document_.kind(node);
        const std::uint32_t parent = document_.parent(node);
        if (parent == no_document_node || kind == DocumentNodeKind::attribute ||
            kind == DocumentNodeKind::name_space)
            return;
        std::vector<std::uint32_t> all;
        document_.children(parent, all);
        visited += all.size();
        const auto self = std::find(all.begin(), all.end(), node);
        if (self == all.end()) return;
        if (after)
            out_.insert(out_.end(), self + 1, all.end());
        else
            out_.insert(out_.end(), std::make_reverse_iterator(self), all.rend());
    }

    void following(std::uint32_t node) {
        // What follows an attribute begins with the content of its element.
        const DocumentNodeKind kind = document_.kind(node);
        if (kind == DocumentNodeKind::attribute || kind == DocumentNodeKind::name_space)
            descendants(document_.parent(node));
        for (std::uint32_t at = node; at != no_document_node; at = document_.parent(at)) {
            std::vector<std::uint32_t> after;
            AxisWalk walk(document_, after);
            walk.siblings(at, true);
            visited += walk.visited;
            for (const std::uint32_t each : after) {
                out_.push_back(each);
                descendants(each);
            }
        }
    }

    void preceding(std::uint32_t node) {
        for (std::uint32_t at = node; at != no_document_node; at = document_.parent(at)) {
            std::vector<std::uint32_t> before;
            AxisWalk walk(document_, before);
            walk.siblings(at, false);
            visited += walk.visited;
            for (const std::uint32_t each : before) {
                std::vector<std::uint32_t> inside;
                AxisWalk(document_, inside).run(Axis::descendant_or_self, each);
                out_.insert(out_.end(), inside.rbegin(), inside.rend());
            }
        }
    }

    void of_kind(std::uint32_t node, DocumentNodeKind kind) {
        std::vector<std::uint32_t> all;
        document_.attributes(node, all);
        for (const std::uint32_t each : all)
            if (document_.kind(each) == kind) out_.push_back(each);
    }

    const Document& document_;
    std::vector<std::uint32_t>& out_;
};

}  // namespace

// What a step asks of a node, its names taken apart once and not for each node.
struct Evaluator::NameTest {
    NodeTest test;
    DocumentNodeKind principal;
    std::string_view whole, local;
    std::optional<std::string_view> space;

    NameTest(const Step& step, Axis axis, const Ast& ast, const World& world) : test(step.test) {
        principal = axis == Axis::attribute    ? DocumentNodeKind::attribute
                    : axis == Axis::namespace_ ? DocumentNodeKind::name_space
                                               : DocumentNodeKind::element;
        if (step.name >= ast.strings.size()) return;
        whole = local = ast.strings[step.name];
        if (test != NodeTest::name && test != NodeTest::any_in_space) return;
        if (principal == DocumentNodeKind::name_space) return;
        const std::size_t colon = test == NodeTest::name ? whole.find(':') : whole.size();
        std::string_view prefix;
        if (colon != whole.npos) {
            prefix = whole.substr(0, colon);
            local = test == NodeTest::name ? whole.substr(colon + 1) : std::string_view{};
        } else if (principal == DocumentNodeKind::attribute) {
            return;  // an attribute without a prefix is in no namespace
        }
        space = world.name_space(prefix);
    }

    bool passes(const Document& document, std::uint32_t node) const {
        const DocumentNodeKind kind = document.kind(node);
        switch (test) {
            case NodeTest::name: {
                if (kind != principal) return false;
                const std::string_view name = document.name(node);
                if (!space) return name == whole;
                return name.substr(name.find(':') + 1) == local && in_space(document, node);
            }
            case NodeTest::any_name:
                return kind == principal;
            case NodeTest::any_in_space: {
                if (kind != principal) return false;
                if (space) return in_space(document, node);
                const std::string_view name = document.name(node);
                return name.size() > whole.size() && name.starts_with(whole) && name[whole.size()] == ':';
            }
            case NodeTest::any_node:
                return true;
            case NodeTest::text:
                return kind == DocumentNodeKind::text;
            case NodeTest::comment:
                return kind == DocumentNodeKind::comment;
            case NodeTest::instruction:
                return kind == DocumentNodeKind::instruction &&
                       (whole.empty() || document.name(node) == whole);
        }
        return false;
    }

  private:
    // Names without a prefix mean what is in no namespace, and what is in that of XForms: an XForm's instance
    // stands in the default namespace of its document, and its expressions do not say so.
    bool in_space(const Document& document, std::uint32_t node) const {
        const std::string_view has = document.name_space(node);
        return has == *space || (space->empty() && has == "http://www.w3.org/2002/xforms" &&
                                 document.name(node).find(':') == std::string_view::npos);
    }
};

void Evaluator::sort(NodeSet& nodes) const {
    std::sort(nodes.begin(), nodes.end(), [this](NodeRef a, NodeRef b) {
        if (a.document != b.document) return a.document < b.document;
        return a.node != b.node && world_.document(a.document).before(a.node, b.node);
    });
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

NodeSet Evaluator::path(const AstNode& node, const Focus& focus) {
    NodeSet current;
    switch (node.start) {
        case PathStart::context:
            current.push_back(focus.node);
            break;
        case PathStart::root:
            current.push_back(world_.start());
            break;
        case PathStart::expression:
            current = nodes(node.target, focus);
            for (std::uint32_t i = 0; i < node.start_predicates; ++i)
                keep_matching(current, ast_.operands[node.more + i]);
            break;
    }
    bool flat = current.size() <= 1;  // in document order, and none lies in another
    for (std::uint32_t i = 0; i < node.count; ++i) {
        const Step* one = &ast_.steps[node.first + i];
        Axis axis = one->axis;
        if (axis == Axis::descendant_or_self && one->test == NodeTest::any_node && one->count == 0 &&
            i + 1 < node.count && skips_to(ast_.steps[node.first + i + 1])) {
            one = &ast_.steps[node.first + ++i];  // a//b: the descendants called b, in one go
            axis = Axis::descendant;
        }
        const NameTest test(*one, axis, ast_, world_);
        NodeSet next;
        for (const NodeRef from : current) {
            if (!spend(1)) return {};
            step(*one, axis, test, from, next);
        }
        flat = flat && keeps_order(axis);
        if (flat) {
            next.erase(std::unique(next.begin(), next.end()), next.end());
        } else if (current.size() > 1) {
            sort(next);
        } else if (reverse_axis(axis)) {
            std::reverse(next.begin(), next.end());
        }
        current = std::move(next);
    }
    return current;
}

// Whether descendant-or-self::node()/ before this step only widens it: where a predicate counts places among
// siblings, it does more.
bool Evaluator::skips_to(const Step& step) const {
    if (step.axis != Axis::child) return false;
    for (std::uint32_t i = 0; i < step.count; ++i) {
        const AstNode& predicate = ast_.nodes[ast_.operands[step.first + i]];
        if (predicate.positional) return false;
        switch (predicate.kind) {
            case AstKind::text:
            case AstKind::reference:
            case AstKind::path:
                break;
            case AstKind::chain: {
                const auto op = static_cast<Operator>(ast_.operands[predicate.first + 1]);
                if (op > Operator::greater_equal && op != Operator::unite) return false;
                break;
            }
            case AstKind::number:
            case AstKind::negate:
            case AstKind::call:  // may give a number, which is a place
                return false;
        }
    }
    return true;
}

void Evaluator::step(const Step& step, Axis axis, const NameTest& test, NodeRef from, NodeSet& out) {
    const Document& document = world_.document(from.document);
    std::vector<std::uint32_t> found;
    bool checked = false;
    if (axis == Axis::child && step.test == NodeTest::name && step.count > 0) {
        if (auto candidates = indexed(document, from.node, test.whole, ast_.operands[step.first])) {
            found = std::move(*candidates);
            checked = true;
            if (test.space)
                std::erase_if(found, [&](std::uint32_t each) { return !test.passes(document, each); });
        }
    }
    if (!checked) {
        AxisWalk walk(document, found);
        walk.run(axis, from.node);
        if (!spend(found.size() + walk.visited)) return;
        std::erase_if(found, [&](std::uint32_t each) { return !test.passes(document, each); });
    }
    if (step.count == 0) {
        for (const std::uint32_t each : found) out.push_back({from.document, each});
        return;
    }
    NodeSet matching;
    matching.reserve(found.size());
    for (const std::uint32_t each : found) matching.push_back({from.document, each});
    for (std::uint32_t i = 0; i < step.count; ++i) keep_matching(matching, ast_.operands[step.first + i]);
    out.insert(out.end(), matching.begin(), matching.end());
}

void Evaluator::keep_matching(NodeSet& nodes, ExpressionId predicate) {
    const std::size_t size = nodes.size();
    std::size_t kept = 0;
    const bool placed = ast_.nodes[predicate].kind == AstKind::number;
    for (std::size_t i = 0; i < size; ++i) {
        if (placed && ast_.nodes[predicate].number != static_cast<double>(i + 1)) continue;
        if (!spend(1)) break;
        const Focus focus{nodes[i], i + 1, size};
        const Value result = scalar(predicate, focus);
        const auto* position = std::get_if<double>(&result);
        if (position != nullptr ? *position == static_cast<double>(i + 1) : to_boolean(result))
            nodes[kept++] = nodes[i];
    }
    nodes.resize(kept);
}

// Nodes among which all that satisfy the predicate are, found through the document's index: for an equality
// of a child with something that does not depend on the context, for selected(…, child), and for and/or of
// such.
std::optional<std::vector<std::uint32_t>> Evaluator::indexed(const Document& document, std::uint32_t parent,
                                                             std::string_view name, ExpressionId predicate) {
    const AstNode& node = ast_.nodes[predicate];
    if (node.positional) return std::nullopt;
    // What the index calls a child, an attribute or the node itself.
    const auto child_name = [&](ExpressionId expression) -> std::optional<std::string> {
        const AstNode& path = ast_.nodes[expression];
        if (path.kind != AstKind::path || path.start != PathStart::context) return std::nullopt;
        if (path.count == 0) return ".";
        if (path.count > 1) return std::nullopt;
        const Step& step = ast_.steps[path.first];
        if (step.test != NodeTest::name || step.count > 0) return std::nullopt;
        const std::string& called = ast_.strings[step.name];
        if (called.find(':') != called.npos && world_.name_space(called.substr(0, called.find(':'))))
            return std::nullopt;  // found by its namespace, whatever its prefix is there
        if (step.axis == Axis::attribute) return "@" + called;
        if (step.axis == Axis::child) return called;
        return std::nullopt;
    };
    std::vector<std::uint32_t> result;
    const auto add_all = [&](const std::vector<std::uint32_t>* found) {
        if (found != nullptr) result.insert(result.end(), found->begin(), found->end());
        return found != nullptr;
    };
    const auto add = [&](const std::string& child, std::string_view text) {
        return add_all(document.lookup(parent, name, child, text));
    };
    const auto in_order = [&] {
        std::sort(result.begin(), result.end());
        result.erase(std::unique(result.begin(), result.end()), result.end());
        return std::optional(std::move(result));
    };
    if (node.kind == AstKind::call && function_info(node.function).name == "selected") {
        const auto child = child_name(ast_.operands[node.first + 1]);
        if (!child || ast_.nodes[ast_.operands[node.first]].contextual) return std::nullopt;
        const std::string list = text(ast_.operands[node.first], Focus{owner_});
        if (list.empty()) return std::nullopt;  // nothing selects what is empty, too
        for (std::size_t at = 0; at < list.size();) {
            const std::size_t end = std::min(list.find(' ', at), list.size());
            if (end > at && !add(*child, std::string_view(list).substr(at, end - at))) return std::nullopt;
            at = end + 1;
        }
        return in_order();
    }
    if (node.kind != AstKind::chain) return std::nullopt;
    const auto term = [&](std::uint32_t i) { return ast_.operands[node.first + i]; };
    const auto op = static_cast<Operator>(term(1));
    if (op == Operator::equal && node.count == 3) {
        auto child = child_name(term(0));
        const ExpressionId other = term(child ? 2 : 0);
        if (!child) child = child_name(term(2));
        if (!child || ast_.nodes[other].contextual) return std::nullopt;
        const Value wanted = scalar(other, Focus{owner_});
        if (const auto* text = std::get_if<std::string>(&wanted)) {
            if (!add(*child, *text)) return std::nullopt;
            return in_order();
        }
        if (const auto* number = std::get_if<double>(&wanted)) {
            if (!add_all(document.lookup_number(parent, name, *child, *number))) return std::nullopt;
            return in_order();
        }
        if (const auto* nodes = std::get_if<NodeSet>(&wanted)) {
            for (const NodeRef each : *nodes)
                if (!add(*child, text_of(each))) return std::nullopt;
            return in_order();
        }
        return std::nullopt;
    }
    if (op == Operator::or_) {
        for (std::uint32_t i = 0; i < node.count; i += 2) {
            const auto part = indexed(document, parent, name, term(i));
            if (!part) return std::nullopt;
            result.insert(result.end(), part->begin(), part->end());
        }
        return in_order();
    }
    if (op == Operator::and_) {
        for (std::uint32_t i = 0; i < node.count; i += 2)
            if (auto part = indexed(document, parent, name, term(i))) return part;
    }
    return std::nullopt;
}

}  // namespace fieldfare::schema
