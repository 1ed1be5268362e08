#include <doctest/doctest.h>

#include <set>

#include "schema/expression_parser.h"
#include "schema/functions.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;

namespace {

using Names = std::set<std::string>;

/// What the table under a heading of FORM_LANGUAGE.md says is supported, refused or ignored.
Names on_page(const std::string& heading, const std::string& status) {
    std::ifstream page(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "schema/FORM_LANGUAGE.md");
    Names names;
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("#")) inside = line == heading;
        if (!inside || !line.starts_with("| `")) continue;
        const std::size_t column = line.find(" | ");
        REQUIRE(column != std::string::npos);
        if (!line.substr(column + 3).starts_with(status + " |")) continue;
        for (std::size_t at = 0; (at = line.find('`', at)) < column;) {
            const std::size_t end = line.find('`', at + 1);
            std::string name = line.substr(at + 1, end - at - 1);
            CHECK(names.insert(name == "\\|" ? "|" : name).second);
            at = end + 1;
        }
    }
    return names;
}

/// The names of calls, without their arguments.
Names called(const Names& calls) {
    Names names;
    for (const std::string& call : calls) names.insert(call.substr(0, call.find('(')));
    return names;
}

bool parses(const std::string& expression) {
    Ast ast;
    return ExpressionParser(ast).parse(expression).has_value();
}

std::string dumped_step(const Step& step) {
    Ast ast;
    ast.strings = {"", "x"};
    ast.steps = {step};
    AstNode path;
    path.kind = AstKind::path;
    path.count = 1;
    ast.nodes = {path};
    return dump(ast, 0);  // "./axis::test"
}

}  // namespace

TEST_CASE("FORM_LANGUAGE.md names the functions that there are, and those that are refused") {
    Names all;
    for (std::size_t i = 0; i < function_count(); ++i)
        if (i != faulty_function) all.emplace(function_info(static_cast<std::uint16_t>(i)).name);
    CHECK(called(on_page("### Functions", "supported")) == all);
    Names refused;
    for (const std::string_view name : refused_functions()) refused.emplace(name);
    CHECK(called(on_page("### Functions", "refused")) == refused);
    for (const std::string& name : refused) CHECK_FALSE(parses(name + "('a', 'b')"));
    CHECK(on_page("### Functions", "ignored").empty());
}

TEST_CASE("FORM_LANGUAGE.md names the axes, node tests and operators that there are") {
    Names axes;
    for (int axis = 0; axis <= static_cast<int>(Axis::ancestor_or_self); ++axis) {
        const std::string step = dumped_step({static_cast<Axis>(axis), NodeTest::any_node, 0, 0, 0});
        axes.insert(step.substr(2, step.find("::") - 2));
    }
    CHECK(on_page("### Axes", "supported") == axes);
    for (const std::string& axis : axes) CHECK(parses(axis + "::node()"));

    Names tests{"name", "*", "prefix:name"};
    for (int test = static_cast<int>(NodeTest::any_in_space); test <= static_cast<int>(NodeTest::instruction);
         ++test) {
        const std::string step = dumped_step({Axis::child, static_cast<NodeTest>(test), 0, 0, 0});
        const std::string name = step.substr(step.find("::") + 2);
        tests.insert(name == ":*" ? "prefix:*" : name);
    }
    tests.insert("processing-instruction('name')");
    CHECK(on_page("### Node tests", "supported") == tests);
    for (const std::string& test : tests) CHECK(parses("child::" + test));
    for (const std::string& test : on_page("### Node tests", "refused")) CHECK_FALSE(parses(test));

    Names operators;
    for (std::uint32_t op = 0; op <= static_cast<std::uint32_t>(Operator::unite); ++op) {
        Ast ast;
        AstNode chain;
        chain.kind = AstKind::chain;
        chain.count = 3;
        ast.nodes = {AstNode{}, chain};
        ast.operands = {0, op, 0};
        const std::string text = dump(ast, 1);  // "(0 op 0)"
        operators.insert(text.substr(3, text.size() - 6));
    }
    CHECK(on_page("### Operators", "supported") == operators);
    for (const std::string& op : operators) CHECK(parses("a " + op + " b"));
}
