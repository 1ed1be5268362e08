#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "schema/digest.h"
#include "schema/evaluator.h"
#include "schema/function_tables.h"
#include "schema/number_text.h"
#include "schema/shuffle.h"

namespace fieldfare::schema {
namespace {

Value instance(Call& call) {
    const auto root = call.world().instance(call.text(0));
    return root ? NodeSet{*root} : NodeSet{};
}

// pulldata(instance, column, key column, key): instance(…)/root/item[key column = key]/column, of the first
// item.
Value pulldata(Call& call) {
    const auto root = call.world().instance(call.text(0));
    if (!root) {
        call.world().complain("“pulldata” names an instance that is not there.");
        return std::string{};
    }
    const Document& document = call.world().document(root->document);
    const std::string column = call.text(1), key_column = call.text(2), key = call.text(3);
    // The child element of that name, or the attribute of "@name".
    const auto part_named = [&](std::uint32_t of, std::string_view name) {
        const bool attribute = name.starts_with('@');
        if (attribute) name.remove_prefix(1);
        std::vector<std::uint32_t> parts;
        attribute ? document.attributes(of, parts) : document.children(of, parts);
        const DocumentNodeKind kind = attribute ? DocumentNodeKind::attribute : DocumentNodeKind::element;
        const auto found = std::find_if(parts.begin(), parts.end(), [&](std::uint32_t each) {
            return document.kind(each) == kind && document.name(each) == name;
        });
        return found == parts.end() ? no_document_node : *found;
    };
    const std::uint32_t items = part_named(root->node, "root");
    if (items == no_document_node) return std::string{};
    const auto value_of = [&](std::uint32_t item) {
        const std::uint32_t node = part_named(item, column);
        return node == no_document_node ? std::string{} : document.text(node);
    };
    if (!key_column.starts_with('@'))
        if (const auto* found = document.lookup(items, "item", key_column, key))
            return found->empty() ? std::string{} : value_of(found->front());
    std::vector<std::uint32_t> all;
    document.children(items, all);
    for (const std::uint32_t item : all) {
        if (!call.evaluator().spend(1)) break;
        const std::uint32_t held = part_named(item, key_column);
        if (document.name(item) == "item" && held != no_document_node && document.text(held) == key)
            return value_of(item);
    }
    return std::string{};
}

// The elements whose attribute "id" is one of the words (XPath 1.0, 4.1; every "id" counts as one of type
// ID).
Value id(Call& call) {
    std::vector<std::string> words;
    const auto take = [&](std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find_first_of(" \t\n\r", at), text.size());
            if (end > at) words.emplace_back(text.substr(at, end - at));
            at = end + 1;
        }
    };
    const Value value = call.value(0);
    if (const auto* nodes = std::get_if<NodeSet>(&value)) {
        for (const NodeRef node : *nodes) take(call.evaluator().text_of(node));
    } else {
        take(call.evaluator().to_text(value));
    }
    std::sort(words.begin(), words.end());
    const std::uint32_t index = call.focus().node.document;
    const Document& document = call.world().document(index);
    NodeSet found;
    std::vector<std::uint32_t> waiting{document.root()}, attributes;
    while (!waiting.empty() && call.evaluator().spend(1)) {
        const std::uint32_t node = waiting.back();
        waiting.pop_back();
        const std::size_t first = waiting.size();
        document.children(node, waiting);
        std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(first), waiting.end());
        if (document.kind(node) != DocumentNodeKind::element) continue;
        attributes.clear();
        document.attributes(node, attributes);
        for (const std::uint32_t each : attributes) {
            if (document.kind(each) != DocumentNodeKind::attribute) continue;
            if (document.name(each) != "id" && document.name(each) != "xml:id") continue;
            const auto word = std::lower_bound(words.begin(), words.end(), document.text(each));
            if (word == words.end() || *word != document.text(each)) continue;
            found.push_back({index, node});
            words.erase(word);  // the first element of an id has it
        }
    }
    return found;
}

// Whether the context node is in this language by the nearest xml:lang (XPath 1.0, 4.3).
Value lang(Call& call) {
    const auto lower = [](std::string text) {
        for (char& c : text)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return text;
    };
    const std::string wanted = lower(call.text(0));
    const Document& document = call.world().document(call.focus().node.document);
    std::vector<std::uint32_t> attributes;
    for (std::uint32_t at = call.focus().node.node; at != no_document_node; at = document.parent(at)) {
        attributes.clear();
        document.attributes(at, attributes);
        for (const std::uint32_t each : attributes) {
            if (document.name(each) != "xml:lang") continue;
            const std::string has = lower(document.text(each));
            return has == wanted || has.starts_with(wanted + "-");
        }
    }
    return false;
}

// The seed that a text means: a number's whole part; of another text the first eight bytes of its SHA-256, as
// in JavaRosa and Web Forms; of an empty one 0.
double seed_of(Call& call, std::size_t i) {
    const Value value = call.value(i);
    double number = call.evaluator().to_number(value);
    if (std::isnan(number)) {
        const std::string text = call.evaluator().to_text(value);
        const auto bytes = text.empty() || text == "NaN" ? std::nullopt : digest(text, "SHA-256");
        if (!bytes) return 0;
        std::uint64_t bits = 0;
        for (std::size_t k = 0; k < 8; ++k) bits = bits << 8 | static_cast<unsigned char>((*bytes)[k]);
        return ParkMiller::seed_of(static_cast<std::int64_t>(bits));
    }
    if (std::isinf(number))
        return ParkMiller::seed_of(number > 0 ? std::numeric_limits<std::int64_t>::max()
                                              : std::numeric_limits<std::int64_t>::min());
    return number;
}

Value randomize(Call& call) {
    NodeSet nodes = call.nodes(0);
    const double seed =
        call.size() > 1 ? seed_of(call, 1) : static_cast<double>(call.world().random() % 2147483646 + 1);
    shuffle(nodes, seed);
    return nodes;
}

constexpr FunctionInfo table[]{
    {"instance", 1, 1, instance},
    {"pulldata", 4, 4, pulldata},
    {"id", 1, 1, id},
    {"lang", 1, 1, lang, {.from_context = true}},
    {"randomize", 1, 2, randomize, {.needs_nodes = true}},
};

}  // namespace

std::span<const FunctionInfo> lookup_functions() {
    return table;
}

}  // namespace fieldfare::schema
