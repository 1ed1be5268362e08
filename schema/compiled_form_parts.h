#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/compiled_form.h"
#include "schema/expression.h"
#include "schema/interview.h"
#include "schema/static_document.h"

namespace fieldfare::schema {

// How a form is laid out to run. The survey's rows become templates, in document order; a repeat is two of
// them: the repeat itself, and right behind it one instance. A scope is what exists together: the whole form,
// or one instance of a repeat. Within a scope every template has a slot, so the running interview finds a
// node by adding.

using TemplateId = std::uint32_t;
using ScopeId = std::uint32_t;
using CellId = std::uint32_t;
inline constexpr std::uint32_t none = 0xffffffff;

/// Most instances that one repeat may have, and most nodes that the instances of all repeats may have together:
/// nested repeats multiply. A fuzzer tries the same ends nearer, thousands of times a minute.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
inline constexpr std::uint32_t max_instances = 100;
inline constexpr std::size_t max_instance_nodes = 2'000;
#else
inline constexpr std::uint32_t max_instances = 10'000;
inline constexpr std::size_t max_instance_nodes = 1'000'000;
#endif

/// What of a node is computed; a (template, property) pair is a cell.
enum class Property : std::uint8_t { relevant, value, required, read_only, constraint, choices, instances };
inline constexpr std::size_t property_count = 7;

struct Template {
    NodeKind kind = NodeKind::question;
    const Item* item = nullptr;  ///< of the repeat also for its instance; none for the root
    TemplateId parent = none;
    TemplateId end = 0;  ///< one past the last template below it
    ScopeId scope = 0;   ///< an instance opens its own and stands in it, at slot 0
    std::uint32_t slot = 0;
    TemplateId gate = 0;  ///< nearest of itself and those above that has a relevance of its own, or the root
    std::uint32_t list = none;                   ///< of a select: index into Form::lists and Parts::lists
    ExpressionId default_value = no_expression;  ///< dynamic default; a static one stays in the item
    ExpressionId seed = no_expression;
    std::uint32_t itemset = none;   ///< of a select whose choices are nodes: into Parts::itemsets
    bool keeps_calculated = false;  ///< calculated with once(): the draft must hold it
    bool shown = true;              ///< false for what a later extension will show
    std::array<CellId, property_count> cells = {none, none, none, none, none, none, none};

    CellId cell(Property property) const { return cells[static_cast<std::size_t>(property)]; }
};

struct Scope {
    TemplateId instance = 0;  ///< the root, or the instance template that opens it
    ScopeId parent = none;
    std::uint32_t depth = 0;
    std::vector<TemplateId> slots;  ///< templates by slot, in document order
};

/// Another cell that must be looked at again when this one changes: in all nodes of its template that lie in
/// the same instance of `common`.
struct Reader {
    CellId cell = 0;
    ScopeId common = 0;

    bool operator==(const Reader&) const = default;
    auto operator<=>(const Reader&) const = default;
};

struct Cell {
    TemplateId node = 0;
    Property property = Property::value;
    ExpressionId expression = no_expression;  ///< none: given from outside, or always the same
    bool constant = false;                    ///< the value where no expression stands (required: yes)
    bool circular = false;                    ///< a repeat_count that depends on its own instances
    std::uint32_t rank = 0;                   ///< place in dependency order
    std::uint32_t first_reader = 0, reader_count = 0;
};

/// What each node of an itemset is called and shown as; evaluated with that node as the context.
struct ItemsetParts {
    ExpressionId value = no_expression, label = no_expression;
};

/// A SetValue ready to run; for its owner or, of the form's own, for the root.
struct Action {
    TemplateId owner = 0;
    ExpressionId target = no_expression, value = no_expression;
    const SetValue* source = nullptr;
};

using ActionsByTemplate = std::unordered_map<TemplateId, std::vector<std::uint32_t>>;

struct CompiledForm::Parts {
    std::shared_ptr<const Form> form;
    Ast ast;
    std::vector<Template> templates;
    std::vector<Scope> scopes;
    std::vector<Cell> cells;
    std::vector<CellId> order;  ///< cells by rank
    std::vector<Reader> readers;
    std::unordered_map<std::string_view, std::vector<TemplateId>> names;  ///< rows by name; a repeat itself
    std::deque<StaticDocument> lists;                    ///< as documents: root/item/(name, label, columns)
    std::vector<std::vector<std::uint32_t>> list_items;  ///< by list: its item elements, in order
    std::unordered_map<std::string_view, std::uint32_t> list_names;
    std::vector<ItemsetParts> itemsets;
    std::vector<Action> actions;  ///< in document order
    std::vector<std::uint32_t> load_actions;
    ActionsByTemplate change_actions;    ///< by question
    ActionsByTemplate instance_actions;  ///< by instance template
    /// ${expression} in texts, by the node that shows it; root for those of choices.
    std::map<std::pair<TemplateId, std::string_view>, ExpressionId> outputs;
    std::vector<CellId> language_cells;  ///< what jr:itext() and jr:choice-name() take part in
    std::size_t default_language = 0;    ///< index into Form::languages
    bool draws_order = false;            ///< some list is shuffled without a seed

    /// The lowest scope that holds both.
    ScopeId common_scope(ScopeId a, ScopeId b) const {
        while (a != b) {
            if (scopes[a].depth >= scopes[b].depth)
                a = scopes[a].parent;
            else
                b = scopes[b].parent;
        }
        return a;
    }
    /// The scope from which a template's nodes are counted: of an instance the one around its repeat.
    ScopeId scope_around(TemplateId id) const {
        const Template& node = templates[id];
        return node.kind == NodeKind::instance ? scopes[node.scope].parent : node.scope;
    }
};

/// Whether an item is an attribute of the one above it.
bool is_attribute(const Item& item);

/// Whether what stands in ${…} is the name of a row, not an expression.
bool is_plain_name(std::string_view text);

/// Text around and inside ${…}: calls `literal` and `reference` in turn. An unclosed ${ is literal; a "}" in
/// quotes does not close, and what is inside may hold ${name} itself.
template <typename Literal, typename Reference>
void split_piped(std::string_view text, Literal literal, Reference reference) {
    const auto closing = [](std::string_view from, std::size_t at) {
        std::size_t deeper = 0;
        for (char quote = 0; at < from.size(); ++at) {
            const char c = from[at];
            if (quote == 0 && c == '}' && deeper-- == 0) return at;
            if (quote == 0 && c == '{') ++deeper;
            if (quote == 0 && (c == '"' || c == '\''))
                quote = c;
            else if (c == quote)
                quote = 0;
        }
        return std::string_view::npos;
    };
    while (!text.empty()) {
        const std::size_t open = text.find("${");
        const std::size_t close = open == std::string_view::npos ? open : closing(text, open + 2);
        if (close == std::string_view::npos) break;
        if (open > 0) literal(text.substr(0, open));
        std::string_view inside = text.substr(open + 2, close - open - 2);
        while (!inside.empty() && inside.front() == ' ') inside.remove_prefix(1);
        while (!inside.empty() && inside.back() == ' ') inside.remove_suffix(1);
        reference(inside);
        text.remove_prefix(close + 1);
    }
    if (!text.empty()) literal(text);
}

}  // namespace fieldfare::schema
