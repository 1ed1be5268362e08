#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>
#include <sstream>

#include "client/researcher/dice.h"
#include "client/researcher/json_text.h"
#include "client/researcher/verbs.h"
#include "schema/expression_parser.h"
#include "schema/local_clock.h"
#include "schema/number_text.h"
#include "schema/readers/xml_world.h"
#include "schema/unicode_text.h"

namespace fieldfare::researcher {
namespace {

using nlohmann::json;
using schema::readers::XmlDocument;
using schema::readers::XmlStep;
using schema::readers::XmlWorld;

constexpr std::size_t most_bytes = std::size_t{256} << 20;

schema::readers::XmlSurroundings surroundings_of(const FormEvalOptions& options) {
    schema::readers::XmlSurroundings given;
    std::random_device device;
    given.random = [dice = Dice((std::uint64_t{device()} << 32) ^ device())]() mutable {
        return dice.next();
    };
    given.now = options.now.empty() ? schema::local_time_now() : options.now;
    if (options.now.empty()) given.offset_minutes = schema::local_offset_minutes;
    return given;
}

// --- values as JSON ---

// -0 and what JSON has no numbers for are texts.
std::string json_number(double number) {
    if (!std::isfinite(number)) return json_string(schema::number_to_text(number));
    if (number == 0) return std::signbit(number) ? "\"-0\"" : "0";
    return schema::number_to_text(number);
}

std::string json_path(const XmlDocument& document, std::uint32_t node) {
    std::vector<std::string> steps;
    for (const XmlStep& step : document.path_of(node))
        steps.push_back(step.attribute.empty() ? std::to_string(step.index)
                                               : json_string("@" + step.attribute));
    return json_array(steps);
}

std::string json_paths(const XmlDocument& document, const schema::NodeSet& nodes) {
    std::vector<std::string> paths;
    for (const schema::NodeRef node : nodes) paths.push_back(json_path(document, node.node));
    return json_array(paths);
}

/// What a value is to be told as; the words of the cases.
struct Wanted {
    std::string type;  ///< "" or unknown: as what it is
    double factor = 100;
};

std::string json_value(const schema::Value& value, const Wanted& wanted, schema::Evaluator& evaluator,
                       const XmlDocument& document) {
    const std::string& type = wanted.type;
    if (type == "boolean") return evaluator.to_boolean(value) ? "true" : "false";
    if (type == "number") return json_number(evaluator.to_number(value));
    if (type == "number-rounded") {
        const double number = evaluator.to_number(value) * wanted.factor;
        return json_number(std::floor(number + 0.5) / wanted.factor);
    }
    if (type == "string" || type == "regex") return json_string(evaluator.to_text(value));
    if (type == "string-length") return std::to_string(schema::count_code_points(evaluator.to_text(value)));
    if (const auto* nodes = std::get_if<schema::NodeSet>(&value)) return json_paths(document, *nodes);
    if (type == "nodeset" || type == "unordered-nodeset") return "[]";
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<double>(&value)) return json_number(*number);
    return json_string(evaluator.to_text(value));
}

// --- cases ---

std::optional<std::vector<XmlStep>> steps_of(const json& path) {
    if (!path.is_array()) return std::nullopt;
    std::vector<XmlStep> steps;
    for (const json& each : path) {
        XmlStep step;
        if (each.is_number_unsigned())
            step.index = each.get<std::size_t>();
        else if (each.is_string() && each.get<std::string>().starts_with("@") &&
                 each.get<std::string>().size() > 1)
            step.attribute = each.get<std::string>().substr(1);
        else
            return std::nullopt;
        steps.push_back(std::move(step));
    }
    return steps;
}

std::string text_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// The documents of the cases, each parsed when it is first asked for.
class Documents {
  public:
    explicit Documents(json texts) : texts_(std::move(texts)) {}

    tl::expected<const XmlDocument*, std::string> find(const std::string& name) {
        const auto known = parsed_.find(name);
        if (known != parsed_.end()) return known->second.get();
        const auto text = texts_.find(name);
        const bool there = text != texts_.end() && text->is_string();
        if (!there && !name.empty()) return tl::unexpected("There is no document “" + name + "”.");
        auto document = XmlDocument::parse(there ? text->get<std::string>() : "<root/>");
        if (!document) return tl::unexpected(document.error());
        return parsed_.emplace(name, std::move(*document)).first->second.get();
    }

  private:
    json texts_;
    std::map<std::string, std::unique_ptr<const XmlDocument>> parsed_;
};

using Outcome = tl::expected<std::string, std::string>;

Outcome outcome_of(const json& one, Documents& documents,
                   const schema::readers::XmlSurroundings& surroundings) {
    const auto failed = [](std::string why) { return tl::unexpected(std::move(why)); };
    const auto expression = one.find("expression");
    if (expression == one.end() || !expression->is_string())
        return failed("A case has a key \"expression\" with a text.");
    const auto document = documents.find(text_of(one, "instance"));
    if (!document) return failed(document.error());
    XmlWorld world(**document, surroundings);
    const auto node_at = [&](const char* key, std::uint32_t otherwise) -> std::optional<std::uint32_t> {
        const auto path = one.find(key);
        if (path == one.end()) return otherwise;
        const auto steps = steps_of(*path);
        return steps ? (*document)->at(*steps) : std::nullopt;
    };
    const auto context = node_at("context_path", 0), root = node_at("root_path", 0);
    if (!context || !root) return failed("A path of the case leads to no node of its document.");
    world.start_node = *root;
    if (const auto spaces = one.find("ns"); spaces != one.end() && spaces->is_object())
        for (const auto& [prefix, space] : spaces->items())
            if (space.is_string()) world.name_spaces[prefix] = space.get<std::string>();

    schema::Ast ast;
    const auto parsed =
        schema::ExpressionParser(ast).parse(expression->get<std::string>(), schema::BadCalls::kept);
    if (!parsed) return failed(parsed.error().message);
    Wanted wanted{text_of(one, "type")};
    if (const auto factor = one.find("factor"); factor != one.end() && factor->is_number())
        wanted.factor = factor->get<double>();
    schema::Evaluator evaluator(ast, world, {0, *context});
    const schema::Value value = evaluator.value(*parsed);
    const std::string result = json_value(value, wanted, evaluator, **document);
    if (world.complaint) return failed(*world.complaint);
    return result;
}

Result<json> json_file(const std::filesystem::path& path) {
    const auto text = read_file(path, most_bytes);
    if (!text) return tl::unexpected(text.error());
    json parsed = json::parse(*text, nullptr, false);
    if (!parsed.is_object()) return could_not("The file " + shown(path) + " is no JSON object.");
    return parsed;
}

ExitCode run_cases(const FormEvalOptions& options, Console& console) {
    const auto cases = read_file(options.cases, most_bytes);
    if (!cases) return console.complain(cases.error());
    json texts = json::object();
    if (!options.instances.empty()) {
        auto read = json_file(options.instances);
        if (!read) return console.complain(read.error());
        texts = std::move(*read);
    }
    Documents documents(std::move(texts));
    const auto surroundings = surroundings_of(options);
    std::istringstream lines(*cases);
    for (std::string line; std::getline(lines, line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        const json one = nests_too_deep(line) ? json() : json::parse(line, nullptr, false);
        const auto id = one.is_object() ? one.find("id") : one.end();
        const std::string head = "{\"id\":" + (one.is_object() && id != one.end()
                                                   ? id->dump(-1, ' ', false, json::error_handler_t::replace)
                                                   : std::string("null"));
        const Outcome outcome =
            one.is_object() ? outcome_of(one, documents, surroundings)
                            : Outcome(tl::unexpected(std::string("A case is a JSON object on one line.")));
        console.out << head
                    << (outcome ? ",\"got\":" + *outcome : ",\"error\":" + json_string(outcome.error()))
                    << "}\n";
    }
    return ExitCode::fine;
}

// --- one expression ---

std::string where(const std::string& expression, const schema::SyntaxError& error) {
    const std::string before = expression.substr(0, error.offset);
    return error.message + " (at character " + std::to_string(schema::count_code_points(before) + 1) + ")";
}

ExitCode run_one(const FormEvalOptions& options, Console& console) {
    std::string xml = "<root/>";
    if (!options.instance.empty()) {
        auto text = read_file(options.instance, most_bytes);
        if (!text) return console.complain(text.error());
        xml = std::move(*text);
    }
    const auto document = XmlDocument::parse(xml);
    if (!document) return console.complain({shown(options.instance) + ": " + document.error()});
    const auto surroundings = surroundings_of(options);
    XmlWorld world(**document, surroundings);
    for (const std::string& space : options.name_spaces) {
        const std::size_t equals = space.find('=');
        if (equals == std::string::npos)
            return console.complain({"A namespace is given as PREFIX=URI.", ExitCode::usage});
        world.name_spaces[space.substr(0, equals)] = space.substr(equals + 1);
    }
    schema::Ast ast;
    schema::ExpressionParser parser(ast);
    schema::NodeRef context{0, 0};
    if (!options.context.empty()) {
        const auto path = parser.parse(options.context);
        if (!path)
            return console.complain(
                {"The context: " + where(options.context, path.error()) + ".", ExitCode::usage});
        const schema::NodeSet nodes = schema::Evaluator(ast, world, context).nodes(*path, {context});
        if (nodes.empty()) return console.complain({"The context leads to no node of the document."});
        context = nodes.front();
    }
    const auto parsed = parser.parse(options.expression);
    if (!parsed)
        return console.complain(
            {"The expression: " + where(options.expression, parsed.error()) + ".", ExitCode::findings});
    for (const schema::AstNode& node : ast.nodes)
        if (node.kind == schema::AstKind::reference)
            return console.complain(
                {"“${" + ast.strings[node.text] + "}” needs a form; here, write the path to the node.",
                 ExitCode::findings});
    schema::Evaluator evaluator(ast, world, context);
    const schema::Value value = evaluator.value(*parsed);
    const std::string told = json_value(value, {}, evaluator, **document);
    if (world.complaint) return console.complain({*world.complaint, ExitCode::findings});
    const auto* nodes = std::get_if<schema::NodeSet>(&value);
    if (options.output == Output::json) {
        JsonObject line;
        line.put_json("got", told);
        if (nodes != nullptr) {
            std::vector<std::string> texts;
            for (const schema::NodeRef node : *nodes) texts.push_back(evaluator.text_of(node));
            line.put_json("texts", json_strings(texts));
        }
        console.out << line.text() << "\n";
    } else if (nodes != nullptr) {
        for (const schema::NodeRef node : *nodes) console.out << evaluator.text_of(node) << "\n";
    } else {
        console.out << evaluator.to_text(value) << "\n";
    }
    return ExitCode::fine;
}

}  // namespace

ExitCode run_form_eval(const FormEvalOptions& options, Console& console) {
    if (!options.cases.empty()) return run_cases(options, console);
    if (options.expression.empty())
        return console.complain({"Say an expression, or --cases with a file of them.", ExitCode::usage});
    return run_one(options, console);
}

}  // namespace fieldfare::researcher
