#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/compiled_form_parts.h"
#include "schema/expression_parser.h"
#include "schema/problem.h"

namespace fieldfare::schema {

/// Deepest nesting of groups and repeats.
inline constexpr int max_group_depth = 200;

/// Whether a question has choices: select_one, select_multiple, rank.
bool is_select(const Item& item);

/// A form on its way to being a CompiledForm, and the faults found so far.
struct FormCompiler {
    CompiledForm::Parts& parts;
    std::string file;
    Findings findings;
    ExpressionParser parser;

    FormCompiler(CompiledForm::Parts& form_parts, std::string_view file_name)
        : parts(form_parts), file(file_name), parser(form_parts.ast) {}

    void lay_out();      ///< templates, scopes, names, lists; form_layout.cpp
    void parse();        ///< expressions and piped texts, references resolved; form_expressions.cpp
    void order_cells();  ///< who reads whom, in which order, cycles; form_dependencies.cpp

    static void add_instance_nodes(const SecondaryInstance& instance, StaticDocument& document);

    void fault(const Item& item, std::string column, std::string message);
    void fault_at(Place place, std::string message);

    /// The one row of that name; reports and gives `none` otherwise.
    TemplateId resolve(std::string_view name, const Place& place);
    Place place_of(const Item& item, std::string column) const;

    CellId add_cell(TemplateId node, Property property, ExpressionId expression);
};

/// A set of templates that a path may reach, each with the scope around everything that was gone through.
struct Reach {
    TemplateId node = 0;
    ScopeId common = 0;

    auto operator<=>(const Reach&) const = default;
};

/// Where a step leads over templates, as it would lead over any interview's nodes (without its predicates).
std::vector<Reach> follow(const CompiledForm::Parts& parts, const Step& step, const std::vector<Reach>& from);

/// What a path starts from when it is not an arbitrary expression: its owner (for the context, where that is
/// the owner, and for current()), or the root. False for any other start.
bool start_of(const CompiledForm::Parts& parts, const AstNode& path, Reach owner, bool focus_is_owner,
              std::vector<Reach>& out);

}  // namespace fieldfare::schema
