#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "schema/evaluator.h"
#include "schema/expression_parser.h"
#include "schema/number_text.h"
#include "schema/static_document.h"
#include "tests/support/scenario.h"

using namespace fieldfare::schema;
using nlohmann::json;

namespace {

// An XML document of a conformance case as expressions see it.
struct XmlWorld final : World {
    explicit XmlWorld(const std::string& text) {
        xml.load_string(text.c_str(), pugi::parse_full | pugi::parse_ws_pcdata);
        add(xml, tree.root());
    }

    void add(const pugi::xml_node& from, std::uint32_t to) {
        std::vector<std::uint32_t> below;
        for (const pugi::xml_node& each : from) {
            std::uint32_t id = no_document_node;
            switch (each.type()) {
                case pugi::node_element:
                    id = tree.add(to, DocumentNodeKind::element, each.name());
                    for (const pugi::xml_attribute& one : each.attributes())
                        if (!std::string_view(one.name()).starts_with("xmlns"))
                            attributes[{id, one.name()}] = tree.add_attribute(id, one.name(), one.value());
                    break;
                case pugi::node_pcdata:
                case pugi::node_cdata:
                    id = tree.add(to, DocumentNodeKind::text, "", each.value());
                    break;
                case pugi::node_comment:
                    id = tree.add(to, DocumentNodeKind::comment, "", each.value());
                    break;
                case pugi::node_pi:
                    id = tree.add(to, DocumentNodeKind::instruction, each.name(), each.value());
                    break;
                case pugi::node_doctype:
                    children[to].push_back(no_document_node);  // counts, but XPath does not see it
                    continue;
                default:
                    continue;
            }
            children[to].push_back(id);
            if (each.type() == pugi::node_element) add(each, id);
        }
    }

    // A path of the cases: child-node indexes, or "@name" at its end.
    std::uint32_t at(const json& path) const {
        std::uint32_t node = 0;
        for (const json& step : path) {
            if (step.is_string()) return attributes.at({node, step.get<std::string>().substr(1)});
            node = children.at(node).at(step.get<std::size_t>());
        }
        return node;
    }

    json path_of(std::uint32_t node) const {
        json path = json::array();
        for (const auto& [key, id] : attributes)
            if (id == node) {
                path = path_of(key.first);
                path.push_back("@" + key.second);
                return path;
            }
        while (node != 0) {
            const auto& siblings = children.at(tree.parent(node));
            path.insert(path.begin(), std::find(siblings.begin(), siblings.end(), node) - siblings.begin());
            node = tree.parent(node);
        }
        return path;
    }

    const Document& document(std::uint32_t) const override { return tree; }
    NodeRef start() const override { return {0, start_node}; }
    std::optional<NodeRef> instance(std::string_view) const override { return std::nullopt; }
    void reference(std::uint32_t, NodeRef, NodeSet&) const override {}
    std::optional<std::uint32_t> single(std::uint32_t, NodeRef) const override { return std::nullopt; }
    std::string_view single_text(std::uint32_t) const override { return {}; }
    double single_number(std::uint32_t) const override { return 0; }
    std::string kept_text(NodeRef node) const override { return tree.text(node.node); }
    std::size_t position_of(NodeRef node) const override {
        std::vector<std::uint32_t> siblings;
        tree.children(tree.parent(node.node), siblings);
        std::size_t position = 1;
        for (const std::uint32_t each : siblings) {
            if (each == node.node) break;
            position += tree.name(each) == tree.name(node.node) ? 1 : 0;
        }
        return position;
    }
    std::string choice_label(std::string_view name, std::uint32_t, NodeRef) override {
        return std::string(name);
    }
    std::string itext(std::string_view) const override { return {}; }
    std::string_view today() const override { return "2026-11-23"; }
    std::string_view now() const override { return "2026-11-23T10:00:00.000-07:00"; }
    std::uint64_t random() override { return seeded(); }

    pugi::xml_document xml;
    StaticDocument tree;
    std::map<std::uint32_t, std::vector<std::uint32_t>> children;
    std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> attributes;
    std::uint32_t start_node = 0;
    SeededRandom seeded;
};

bool same_number(double got, const json& expected, double tolerance) {
    if (expected.is_string())
        return number_to_text(got) == (expected == "-0" ? "0" : expected.get<std::string>());
    return std::abs(got - expected.get<double>()) <= tolerance * std::max(1.0, std::abs(got));
}

// "" when it passes, otherwise what came out.
std::string outcome(const json& one, const json& instances) try {
    Ast ast;
    const auto expression = ExpressionParser(ast).parse(one["expression"].get<std::string>());
    const std::string type = one["type"];
    if (!expression) return type == "error" ? "" : expression.error().message;
    XmlWorld world(instances[one["instance"].get<std::string>()].get<std::string>());
    const NodeRef context{0, world.at(one["context_path"])};
    if (one.contains("root_path")) world.start_node = world.tree.parent(world.at(one["root_path"]));
    Evaluator evaluator(ast, world, context);
    const Value value = evaluator.value(*expression);
    const json& expected = one["expected"];
    if (type == "boolean")
        return evaluator.to_boolean(value) == expected.get<bool>() ? ""
                                                                   : "boolean " + evaluator.to_text(value);
    if (type == "string")
        return evaluator.to_text(value) == expected.get<std::string>() ? ""
                                                                       : "string " + evaluator.to_text(value);
    if (type == "number" || type == "number-rounded")
        return same_number(evaluator.to_number(value), expected, type == "number" ? 1e-9 : 1e-2)
                   ? ""
                   : "number " + number_to_text(evaluator.to_number(value));
    if (type == "nodeset") {
        json paths = json::array();
        if (const auto* nodes = std::get_if<NodeSet>(&value))
            for (const NodeRef each : *nodes) paths.push_back(world.path_of(each.node));
        return paths == expected ? "" : "nodes " + paths.dump();
    }
    if (type == "error") return "no error";
    return "";  // shapes of random results
} catch (const std::exception& fault) {
    return std::string("no context: ") + fault.what();
}

}  // namespace

TEST_CASE("expressions on which the peers agree give what the peers give") {
    const char* elsewhere = std::getenv("FIELDFARE_CONFORMANCE");
    const auto folder = elsewhere != nullptr
                            ? std::filesystem::path(elsewhere)
                            : std::filesystem::path(FIELDFARE_SOURCE_DIR) / "../shared/conformance";
    std::ifstream cases(folder / "expressions.jsonl"), documents(folder / "expression-instances.json");
    if (!cases || !documents) {
        MESSAGE("the conformance cases are not here; nothing was compared");
        return;
    }
    const json instances = json::parse(documents);
    int passed = 0, compared = 0;
    for (std::string line; std::getline(cases, line);) {
        const json one = json::parse(line);
        if (one["consensus"] != true) continue;
        ++compared;
        const std::string got = outcome(one, instances);
        passed += got.empty() ? 1 : 0;
        if (!got.empty() && std::getenv("FIELDFARE_SHOW_CASES") != nullptr)
            MESSAGE(one["id"] << " " << one["expression"] << " wants " << one["expected"] << ", gives "
                              << got);
    }
    MESSAGE(passed << " of " << compared << " cases");
    CHECK(passed * 100 >= compared * 90);
}
