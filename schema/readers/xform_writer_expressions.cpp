#include <algorithm>

#include "schema/expression_lexer.h"
#include "schema/functions.h"
#include "schema/readers/cell_text.h"
#include "schema/readers/xform_writer_parts.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

std::string_view event_word(Event event) {
    return word_of(event_words, event);
}

}  // namespace

std::string XFormWriter::xpath(std::string_view expression, int from, const Place& place,
                               SeenFrom seen_from) {
    Xpath made = to_xpath(expression, paths, from, seen_from);
    for (const std::string& name : made.unknown)
        fault(place, "No row is called " + shown(name) + ". Correct the name in ${…}.");
    for (const std::string& name : made.ambiguous)
        fault(place, "Several rows are called " + shown(name) + ". Give each its own name.");
    return std::move(made.text);
}

std::string XFormWriter::path(std::string_view expression, int from, const Place& place) {
    return std::string(trimmed_view(xpath(expression, from, place)));
}

void XFormWriter::attribute(std::string_view name, std::string_view value, const Place& place) {
    const std::size_t colon = name.find(':');
    const std::string_view prefix = name.substr(0, colon);
    if (colon != std::string_view::npos && prefix != "xmlns" && !prefixes.contains(prefix)) {
        warn(place, "The prefix of " + shown(name) +
                        " is not declared, so it is left out. Declare it in the settings: namespaces.");
        return;
    }
    xml.attribute(name, value);
}

void XFormWriter::set_value(const SetValue& action, int from, std::string_view events) {
    const Place place{"", "survey", action.row, "trigger"};
    // Paths to other rows are absolute: the same action may stand in the model or in a control.
    const std::string ref = path(action.ref, FormPaths::root, place);
    const int target = paths.at(ref);
    xml.open("setvalue", Layout::text);
    xml.attribute("ref", ref);
    xml.attribute("event", events);
    if (!action.value.empty())
        xml.attribute("value", xpath(action.value, target == FormPaths::none ? from : target, place));
    xml.text(action.literal);
    xml.close();
}

void XFormWriter::dynamic_default(const Item& item, std::string_view event) {
    if (item.kind != ItemKind::question || !is_dynamic(item)) return;
    const int node = paths.of(item);
    xml.empty("setvalue", {{"ref", paths[node].path},
                           {"event", event},
                           {"value", xpath(item.default_value, node, place_of(item, "default"))}});
}

void XFormWriter::model_action(const Item& item) {
    for (const char* action : {"odk:setgeopoint", "odk:recordaudio"}) {
        const auto event = item.parameters.find(action);
        if (event == item.parameters.end() || event->second == event_word(Event::value_changed)) continue;
        const auto quality = item.parameters.find("odk:quality");
        xml.open(action);
        xml.attribute("ref", paths[paths.of(item)].path);
        xml.attribute("event", event->second);
        if (quality != item.parameters.end()) xml.attribute("odk:quality", quality->second);
        xml.close();
    }
}

void XFormWriter::triggered_actions(const Item& item) {
    const auto [from, to] = triggered.equal_range(item.name);
    for (auto each = from; each != to; ++each)
        xml.empty("odk:setgeopoint", {{"ref", paths[paths.of(*each->second)].path},
                                      {"event", event_word(Event::value_changed)}});
}

bool is_dynamic(const Item& item) {
    const std::string_view default_value = item.default_value;
    if (item.default_is_literal) return false;
    if (default_value.find("${") != std::string_view::npos) return true;
    const auto tokens = lex(default_value);
    return tokens && std::any_of(tokens->begin(), tokens->end(), [](const Token& token) {
               return token.kind == TokenKind::function && find_function(token.text);
           });
}

std::string count_node_of(const Item& repeat, const FormPaths& paths) {
    std::string_view count = trimmed_view(repeat.repeat_count);
    if (repeat.kind != ItemKind::repeat || count.empty()) return {};
    const bool reference = count.starts_with("${") && count.find('}') == count.size() - 1;
    const bool path = (count[0] == '/' || count[0] == '.') &&
                      count.find_first_of(" ()[]+*=<>|,'\"$") == std::string_view::npos;
    if (reference || path) return {};
    std::string name = repeat.name + "_count";
    const std::string& above = paths[paths[paths.of(repeat)].parent].path;
    while (paths.at(above + "/" + name) != FormPaths::none) name += '_';
    return name;
}

std::string condition(const std::string& source) {
    const std::string word = lower(source);
    if (word == "yes" || word == "true") return "true()";
    if (word == "no" || word == "false") return "false()";
    return source;
}

const Item* meta_group(const Form& form) {
    for (const Item& item : form.items)
        if (item.kind == ItemKind::group && (item.name == "meta" || item.name == "orx:meta")) return &item;
    return nullptr;
}

std::string_view bind_type(const Item& item) {
    if (item.data_type != DataType::usual) return word_of(data_type_words, item.data_type);
    switch (item.type) {
        case QuestionType::text:
        case QuestionType::note:
        case QuestionType::calculate:
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::acknowledge:
            return "string";
        case QuestionType::integer:
            return "int";
        case QuestionType::decimal:
            return "decimal";
        case QuestionType::range: {
            const auto whole = [&](const char* key) {
                const auto found = item.parameters.find(key);
                return found == item.parameters.end() || found->second.find('.') == std::string::npos;
            };
            return whole("start") && whole("end") && whole("step") ? "int" : "decimal";
        }
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
        case QuestionType::barcode:
            return word_of(item.type);
        case QuestionType::rank:
            return "odk:rank";
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return "binary";
    }
    return "string";
}

std::string_view trimmed_view(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace fieldfare::schema::readers
