#include "client/researcher/form_run_nodes.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "client/researcher/json_text.h"
#include "schema/answer_check.h"
#include "schema/instance_value.h"

namespace fieldfare::researcher {
namespace {

using schema::DataType;
using schema::Interview;
using schema::Item;
using schema::NodeId;
using schema::NodeKind;
using schema::QuestionType;
using schema::Violation;

constexpr std::size_t shown_choices = 60;

// Most texts need no escaping, and a form's run prints its nodes many times.
void put_text(std::string& out, std::string_view text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '"' &&
               c != '\\';
    });
    if (plain)
        ((out += '"') += text) += '"';
    else
        out += json_string(text);
}

void put_key(std::string& out, std::string_view key) {
    if (out.back() != '{') out += ',';
    ((out += '"') += key) += "\":";
}

void put(std::string& out, std::string_view key, std::string_view text) {
    put_key(out, key);
    put_text(out, text);
}

void put_flag(std::string& out, std::string_view key, bool value) {
    put_key(out, key);
    out += value ? "true" : "false";
}

std::string_view type_of(const Interview& interview, NodeId node) {
    switch (interview.kind(node)) {
        case NodeKind::root:
            return "root";
        case NodeKind::group:
            return "group";
        case NodeKind::instance:
            return "repeat-instance";
        case NodeKind::repeat: {
            const Item& item = interview.item(node);
            return item.repeat_count.empty() && !item.no_add_remove ? "repeat-range:uncontrolled"
                                                                    : "repeat-range:controlled";
        }
        case NodeKind::question:
            break;
    }
    switch (interview.item(node).type) {
        case QuestionType::text:
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
        case QuestionType::barcode:
            return "input";
        case QuestionType::select_one:
        case QuestionType::select_multiple:
            return "select";
        case QuestionType::rank:
            return "rank";
        case QuestionType::range:
            return "range";
        case QuestionType::acknowledge:
            return "trigger";
        case QuestionType::note:
            return "note";
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return "upload";
        case QuestionType::calculate:
            return "model-value";
    }
    return "input";
}

// The words of https://getodk.github.io/xforms-spec/#data-types.
std::string_view word_of(DataType type) {
    switch (type) {
        case DataType::usual:
        case DataType::string:
            return "string";
        case DataType::integer:
            return "int";
        case DataType::boolean:
            return "boolean";
        case DataType::decimal:
            return "decimal";
        case DataType::date:
            return "date";
        case DataType::time:
            return "time";
        case DataType::date_time:
            return "dateTime";
        case DataType::geopoint:
            return "geopoint";
        case DataType::geotrace:
            return "geotrace";
        case DataType::geoshape:
            return "geoshape";
        case DataType::binary:
            return "binary";
        case DataType::barcode:
            return "barcode";
        case DataType::intent:
            return "intent";
    }
    return "string";
}

std::string ref_of(const Interview& interview, NodeId node) {
    std::string ref = "/" + interview.form().form().settings.root;
    if (node != schema::root_node) ref += interview.path_of(node);
    return ref;
}

bool has_text(const schema::Text& text) {
    return std::any_of(text.begin(), text.end(), [](const std::string& each) { return !each.empty(); });
}

class Printer {
  public:
    Printer(const Interview& interview, std::size_t language) : interview_(interview), language_(language) {}

    PrintedNode print(NodeId node) const {
        const std::string_view type = type_of(interview_, node);
        std::string ref = ref_of(interview_, node);
        std::string json = "{";
        put(json, "ref", ref);
        put(json, "type", type);
        put_flag(json, "relevant", interview_.relevant(node));
        put_flag(json, "readonly", interview_.read_only(node));
        put_flag(json, "required", interview_.required(node));
        if (interview_.kind(node) == NodeKind::question)
            put(json, "valueType", word_of(schema::data_type_of(interview_.item(node))));
        if (node != schema::root_node) put_texts(json, node);
        if (interview_.kind(node) == NodeKind::question) put_answer(json, node);
        json += '}';
        return {std::string(type) + " " + std::move(ref), std::move(json)};
    }

  private:
    void put_texts(std::string& json, NodeId node) const {
        const Item& item = interview_.item(node);
        // A label of pictures only is a label without words, not the row's name.
        if (has_text(item.label))
            put(json, "label", interview_.label(node, language_));
        else if (!item.label.empty() || !item.media.empty())
            put(json, "label", "");
        if (!item.hint.empty()) put(json, "hint", interview_.hint(node, language_));
        if (!item.appearance.empty()) put_appearances(json, item.appearance);
    }

    static void put_appearances(std::string& json, std::string_view words) {
        constexpr std::string_view blank = " \t\r\n";
        std::string list;
        for (std::size_t at = 0; (at = words.find_first_not_of(blank, at)) != std::string_view::npos;) {
            const std::size_t end = std::min(words.find_first_of(blank, at), words.size());
            if (!list.empty()) list += ',';
            if (words.substr(at, end - at) == "search") list += "\"autocomplete\",";  // which it means
            put_text(list, words.substr(at, end - at));
            at = end;
        }
        if (list.empty()) return;
        put_key(json, "appearances");
        ((json += '[') += list) += ']';
    }

    void put_answer(std::string& json, NodeId node) const {
        const Item& item = interview_.item(node);
        const bool relevant = interview_.relevant(node);
        put_key(json, "value");
        if (relevant)
            put_text(json, schema::instance_value(schema::data_type_of(item), interview_.value(node)));
        else
            json += "null";
        put_flag(json, "inSubmission", relevant);
        const Violation violation = interview_.violation(node);
        put_flag(json, "constraintValid", violation != Violation::constraint);
        put_flag(json, "requiredValid", violation != Violation::required);
        if (violation != Violation::none) {
            const bool constraint = violation == Violation::constraint;
            const std::string message = constraint ? interview_.constraint_message(node, language_)
                                                   : interview_.required_message(node, language_);
            put_key(json, "violation");
            json += '{';
            put(json, "condition", constraint ? "constraint" : "required");
            put_key(json, "message");
            if (message.empty())
                json += "null";
            else
                put_text(json, message);
            json += '}';
        }
        if (item.type == QuestionType::select_one || item.type == QuestionType::select_multiple ||
            item.type == QuestionType::rank)
            put_choices(json, node);
    }

    void put_choices(std::string& json, NodeId node) const {
        const auto choices = interview_.choices(node);
        put_key(json, "choices");
        json += '[';
        for (std::size_t i = 0; i < std::min(choices.size(), shown_choices); ++i) {
            const schema::Choice& choice = *choices[i];
            if (i > 0) json += ',';
            json += '{';
            put(json, "value", choice.name);
            put(json, "label", interview_.choice_words(node, choice, language_));
            json += '}';
        }
        json += ']';
        put_key(json, "nChoices");
        json += std::to_string(choices.size());
    }

    const Interview& interview_;
    std::size_t language_;
};

}  // namespace

std::vector<PrintedNode> printed_nodes(const Interview& interview, std::size_t language) {
    const Printer printer(interview, language);
    std::vector<PrintedNode> printed;
    std::vector<NodeId> waiting{schema::root_node};
    while (!waiting.empty()) {
        const NodeId node = waiting.back();
        waiting.pop_back();
        // An attribute is seen in the submission's XML, it is no node of its own.
        if (node != schema::root_node && interview.item(node).name.starts_with('@')) continue;
        printed.push_back(printer.print(node));
        const auto children = interview.children(node);
        waiting.insert(waiting.end(), children.rbegin(), children.rend());
    }
    return printed;
}

std::string json_of(const std::vector<PrintedNode>& nodes) {
    std::string list = "[";
    for (const PrintedNode& node : nodes) (list += list.size() > 1 ? "," : "") += node.json;
    return list + "]";
}

std::string json_of_change(const std::vector<PrintedNode>& before, const std::vector<PrintedNode>& after) {
    std::unordered_map<std::string_view, std::string_view> known;
    for (const PrintedNode& node : before) known.emplace(node.key, node.json);
    std::vector<PrintedNode> changed;
    for (const PrintedNode& node : after) {
        const auto found = known.find(node.key);
        if (found == known.end() || found->second != node.json) changed.push_back(node);
        if (found != known.end()) known.erase(found);
    }
    std::vector<std::string> gone;
    for (const PrintedNode& node : before)
        if (known.contains(node.key)) gone.push_back(node.key);
    return "{\"changed\":" + json_of(changed) + ",\"gone\":" + json_strings(gone) + "}";
}

}  // namespace fieldfare::researcher
