#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/document.h"
#include "schema/expression.h"
#include "schema/value.h"

namespace fieldfare::schema {

/// What an expression can ask of the world around it. The interview is one; a test or `form eval` another.
class World {
  public:
    virtual ~World() = default;

    virtual const Document& document(std::uint32_t index) const = 0;
    /// The node that "/" means, whatever the context.
    virtual NodeRef start() const = 0;
    /// The root of a secondary instance or choice list.
    virtual std::optional<NodeRef> instance(std::string_view id) const = 0;

    /// Resolved references (AstKind::reference): the nodes that `target` means for the expression's owner.
    virtual void reference(std::uint32_t target, NodeRef owner, NodeSet& out) const = 0;
    /// … when that is one node whatever the owner's position: its node in the owner's document.
    virtual std::optional<std::uint32_t> single(std::uint32_t target, NodeRef owner) const = 0;
    /// Text and number of a node that `single` gave; empty and NaN for what expressions may not see.
    virtual std::string_view single_text(std::uint32_t node) const = 0;
    virtual double single_number(std::uint32_t node) const = 0;

    /// What a node holds, relevant or not: once() keeps it.
    virtual std::string kept_text(NodeRef node) const = 0;
    /// Place of a repeat's instance among all its siblings, relevant or not; otherwise as in the document.
    virtual std::size_t position_of(NodeRef node) const = 0;
    /// Label of the choice of that name among those of a question (`target`, seen from the owner), in the
    /// language in use; the name where the choice has no label, "" where there is no such choice.
    virtual std::string choice_label(std::string_view name, std::uint32_t target, NodeRef owner) = 0;

    /// The text of an XForm's itext, in the language in use; "" where the form has none of that id.
    virtual std::string itext(std::string_view id) const = 0;

    virtual std::string_view today() const = 0;  ///< YYYY-MM-DD
    virtual std::string_view now() const = 0;    ///< ISO 8601 with offset
    virtual std::uint64_t random() = 0;          ///< uniform 64 bits

    /// Minutes east of Greenwich that clocks showed here at that moment. Unless a world knows better: what
    /// now() has.
    virtual int offset_minutes(std::int64_t seconds_since_1970) const;
    /// The form's version, for version().
    virtual std::string_view form_version() const { return {}; }
    /// The namespace that a prefix means in name tests; "" for no prefix asks what names without one mean.
    /// Nothing: names are compared as they are written, prefix and all.
    virtual std::optional<std::string_view> name_space(std::string_view) const { return std::nullopt; }
    /// Hears why a value could not be had (the result is then empty or NaN). The sentence names functions and
    /// limits, never an answer.
    virtual void complain(std::string_view) {}

    /// Steps that the evaluations from now on may take together, however many they are. The world says how
    /// many there are, and when they are there again. False when none are left; the first time, a complaint
    /// says so.
    bool take_steps(std::uint64_t steps) {
        if (steps < steps_left) {
            steps_left -= steps;
            return true;
        }
        if (steps_left > 0) complain_of_work();
        steps_left = 0;
        return false;
    }
    std::uint64_t steps_left = ~std::uint64_t{0};

  private:
    void complain_of_work();
};

/// A random UUID, version 4, drawn from the world's random bits.
std::string new_uuid(World& world);

/// Nodes that one evaluation may look at before it gives up: what `//*[//*[//*]]` would take on a large
/// document has no other end.
inline constexpr std::uint64_t max_evaluation_steps = 20'000'000;

/// Longest text that a function may put together, in bytes. Without it forty calculations that double one
/// another would fill the memory.
inline constexpr std::size_t max_built_text = std::size_t{1} << 20;

/// The context of XPath 1.0 section 1.
struct Focus {
    NodeRef node;
    std::size_t position = 1;
    std::size_t size = 1;
};

/// Evaluates expressions of one Ast for one owner: the node whose calculation, constraint… it is, from which
/// ${name} and current() are seen. Recurses by the expression's nesting only, which the parser bounds.
class Evaluator {
  public:
    Evaluator(const Ast& ast, World& world, NodeRef owner) : ast_(ast), world_(world), owner_(owner) {}
    /// The same expression as seen from another owner; what it costs counts as the other's.
    Evaluator(Evaluator& other, NodeRef owner)
        : ast_(other.ast_), world_(other.world_), owner_(owner), outer_(&other) {}
    Evaluator(const Evaluator&) = delete;

    Value value(ExpressionId expression, const Focus& focus);
    Value value(ExpressionId expression) { return value(expression, Focus{owner_}); }
    double number(ExpressionId expression, const Focus& focus);
    std::string text(ExpressionId expression, const Focus& focus);
    bool boolean(ExpressionId expression, const Focus& focus);
    bool boolean(ExpressionId expression) { return boolean(expression, Focus{owner_}); }
    NodeSet nodes(ExpressionId expression, const Focus& focus);  ///< empty for what is no node-set
    /// The same with the nodes that expressions do not see: instances keep their places when they are not
    /// relevant.
    NodeSet all_nodes(ExpressionId expression, const Focus& focus);

    /// text() without a copy where there is something to point at; else kept in `storage`.
    std::string_view text(ExpressionId expression, const Focus& focus, std::string& storage);

    /// The text of a literal or of a reference to one node, where it stands; nothing for other expressions.
    std::optional<std::string_view> pointed_at(ExpressionId expression) const;

    /// Counts work towards max_evaluation_steps and what the world has left. False when one of them is used
    /// up; everything is then to end at once.
    bool spend(std::uint64_t steps);

    double to_number(const Value& value) const;
    double number_of(std::string_view text) const;  ///< as to_number
    double number_of(NodeRef node) const { return number_of(std::string_view(text_of(node))); }
    std::string to_text(const Value& value) const;
    bool to_boolean(const Value& value) const;
    std::string text_of(NodeRef node) const;
    void sort(NodeSet& nodes) const;  ///< into document order, each node once

    const Ast& ast() const { return ast_; }
    World& world() { return world_; }
    NodeRef owner() const { return owner_; }

  private:
    Value scalar(ExpressionId expression, const Focus& focus);
    Value chain(const AstNode& node, const Focus& focus);
    NodeSet path(const AstNode& node, const Focus& focus);
    void drop_hidden(NodeSet& nodes) const;
    struct NameTest;
    void step(const Step& step, Axis axis, const NameTest& test, NodeRef from, NodeSet& out);
    bool skips_to(const Step& step) const;
    void keep_matching(NodeSet& nodes, ExpressionId predicate);
    std::optional<std::vector<std::uint32_t>> indexed(const Document& document, std::uint32_t parent,
                                                      std::string_view name, ExpressionId predicate);
    bool compare(Operator op, ExpressionId left, ExpressionId right, const Focus& focus);
    bool compare(Operator op, const Value& left, const Value& right);
    bool compare_texts(Operator op, std::string_view left, std::string_view right) const;
    bool compare_sets(Operator op, const NodeSet& left, const NodeSet& right);

    const Ast& ast_;
    World& world_;
    NodeRef owner_;
    Evaluator* outer_ = nullptr;
    std::uint64_t spent_ = 0;
};

/// A function being called: its arguments, evaluated when asked for.
class Call {
  public:
    Call(Evaluator& evaluator, const AstNode& node, const Focus& focus)
        : evaluator_(evaluator), node_(node), focus_(focus) {}

    std::size_t size() const { return node_.count; }
    ExpressionId argument(std::size_t i) const { return evaluator_.ast().operands[node_.first + i]; }
    Value value(std::size_t i) { return evaluator_.value(argument(i), focus_); }
    double number(std::size_t i) { return evaluator_.number(argument(i), focus_); }
    std::string text(std::size_t i) {
        std::string text = evaluator_.text(argument(i), focus_);
        spend_on(text);
        return text;
    }
    std::string_view text(std::size_t i, std::string& storage) {
        const std::string_view text = evaluator_.text(argument(i), focus_, storage);
        spend_on(text);
        return text;
    }
    bool boolean(std::size_t i) { return evaluator_.boolean(argument(i), focus_); }
    NodeSet nodes(std::size_t i) { return evaluator_.nodes(argument(i), focus_); }

    Evaluator& evaluator() { return evaluator_; }
    World& world() { return evaluator_.world(); }
    const Focus& focus() const { return focus_; }

  private:
    // A function goes through its text; a long one counts as many nodes.
    void spend_on(std::string_view text) {
        if (text.size() >= 64) evaluator_.spend(text.size() / 64);
    }

    Evaluator& evaluator_;
    const AstNode& node_;
    const Focus& focus_;
};

}  // namespace fieldfare::schema
