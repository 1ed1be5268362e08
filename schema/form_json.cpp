#include "schema/form_json.h"

#include "schema/json_text.h"
#include "schema/words.h"

namespace fieldfare::schema {
namespace {

// Every function adds its keys in byte order and leaves out what has its default value.

void text(JsonText& json, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    json.key(key);
    json.string(value);
}

void flag(JsonText& json, std::string_view key, bool value) {
    if (!value) return;
    json.key(key);
    json.boolean(true);
}

void integer(JsonText& json, std::string_view key, int value) {
    if (value == 0) return;
    json.key(key);
    json.number(value);
}

void list(JsonText& json, std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    json.key(key);
    json.open('[');
    for (const std::string& value : values) json.string(value);
    json.close(']');
}

void map(JsonText& json, std::string_view key, const std::map<std::string, std::string>& values) {
    if (values.empty()) return;
    json.key(key);
    json.open('{');
    for (const auto& [name, value] : values) {
        json.key(name);
        json.string(value);
    }
    json.close('}');
}

// A list of objects, each written by `each`.
template <typename Value, typename Write>
void objects(JsonText& json, std::string_view key, const std::vector<Value>& values, Write each) {
    if (values.empty()) return;
    json.key(key);
    json.open('[');
    for (const Value& value : values) each(json, value);
    json.close(']');
}

void text_map(JsonText& json, std::string_view key, const std::map<std::string, Text>& values) {
    if (values.empty()) return;
    json.key(key);
    json.open('{');
    for (const auto& [name, value] : values) {
        json.key(name);
        json.open('[');
        for (const std::string& each : value) json.string(each);
        json.close(']');
    }
    json.close('}');
}

void attribute(JsonText& json, const Attribute& value) {
    json.open('{');
    text(json, "name", value.name);
    text(json, "value", value.value);
    json.close('}');
}

void set_value(JsonText& json, const SetValue& value) {
    json.open('{');
    json.key("events");
    json.open('[');
    for (const Event event : value.events) json.string(word_of(event_words, event));
    json.close(']');
    text(json, "literal", value.literal);
    text(json, "ref", value.ref);
    integer(json, "row", value.row);
    text(json, "value", value.value);
    json.close('}');
}

void itemset(JsonText& json, const Itemset& value) {
    if (value == Itemset{}) return;
    json.key("itemset");
    json.open('{');
    text(json, "label", value.label);
    text(json, "nodeset", value.nodeset);
    text(json, "value", value.value);
    json.close('}');
}

void initial_instance(JsonText& json, const std::vector<InitialValue>& values) {
    json.open('[');
    for (const InitialValue& value : values) {
        json.open('{');
        text(json, "path", value.path);
        text(json, "value", value.value);
        json.close('}');
    }
    json.close(']');
}

// Short keys: an external list has a node for each of its cells.
void secondary_instance(JsonText& json, const SecondaryInstance& value) {
    json.open('{');
    text(json, "id", value.id);
    objects(json, "nodes", value.nodes, [](JsonText& out, const InstanceNode& node) {
        out.open('{');
        flag(out, "a", node.attribute);
        integer(out, "d", node.depth);
        text(out, "n", node.name);
        text(out, "t", node.text);
        out.close('}');
    });
    text(json, "source", value.source);
    json.close('}');
}

void items(JsonText& json, std::string_view key, const std::vector<Item>& values);

void item(JsonText& json, const Item& value) {
    json.open('{');
    objects(json, "actions", value.actions, set_value);
    text(json, "appearance", value.appearance);
    flag(json, "arm", value.arm);
    objects(json, "attributes", value.attributes, attribute);
    map(json, "bind_attributes", value.bind_attributes);
    map(json, "body_attributes", value.body_attributes);
    text(json, "calculation", value.calculation);
    items(json, "children", value.children);
    text(json, "choice_filter", value.choice_filter);
    text(json, "constraint", value.constraint);
    list(json, "constraint_message", value.constraint_message);
    if (value.data_type != DataType::usual)
        text(json, "data_type", word_of(data_type_words, value.data_type));
    text(json, "default", value.default_value);
    flag(json, "default_is_literal", value.default_is_literal);
    text(json, "extension", value.extension);
    map(json, "extra", value.extra);
    if (value.fill != Fill::none) text(json, "fill", word_of(fill_words, value.fill));
    list(json, "fill_arguments", value.fill_arguments);
    list(json, "guidance_hint", value.guidance_hint);
    flag(json, "handover", value.handover);
    list(json, "hint", value.hint);
    objects(json, "initial", value.initial, initial_instance);
    itemset(json, value.itemset);
    if (value.kind != ItemKind::question) text(json, "kind", word_of(item_kind_words, value.kind));
    list(json, "label", value.label);
    text(json, "list", value.list);
    if (value.max_length) {
        json.key("max_length");
        json.number(*value.max_length);
    }
    text_map(json, "media", value.media);
    text(json, "name", value.name);
    flag(json, "no_add_remove", value.no_add_remove);
    map(json, "parameters", value.parameters);
    text(json, "preload", value.preload);
    text(json, "preload_parameters", value.preload_parameters);
    flag(json, "randomize", value.randomize);
    text(json, "read_only", value.read_only);
    text(json, "relevant", value.relevant);
    text(json, "repeat_count", value.repeat_count);
    text(json, "required", value.required);
    list(json, "required_message", value.required_message);
    integer(json, "row", value.row);
    text(json, "seed", value.seed);
    if (value.type != QuestionType::text) text(json, "type", word_of(question_type_words, value.type));
    json.close('}');
}

void items(JsonText& json, std::string_view key, const std::vector<Item>& values) {
    objects(json, key, values, item);
}

void language(JsonText& json, const Language& value) {
    json.open('{');
    text(json, "code", value.code);
    text(json, "name", value.name);
    json.close('}');
}

void choice(JsonText& json, const Choice& value) {
    json.open('{');
    if (value.code) {
        json.key("code");
        json.number(*value.code);
    }
    map(json, "columns", value.columns);
    flag(json, "exclusive", value.exclusive);
    list(json, "label", value.label);
    text_map(json, "media", value.media);
    text(json, "name", value.name);
    flag(json, "pin", value.pin);
    integer(json, "row", value.row);
    json.close('}');
}

void choice_list(JsonText& json, const ChoiceList& value) {
    json.open('{');
    objects(json, "choices", value.choices, choice);
    text(json, "name", value.name);
    json.close('}');
}

void settings(JsonText& json, const Settings& value) {
    json.open('{');
    text(json, "default_language", value.default_language);
    map(json, "extra", value.extra);
    text(json, "form_id", value.form_id);
    text(json, "form_title", value.form_title);
    text(json, "instance_name", value.instance_name);
    map(json, "odk", value.odk);
    if (value.root != Settings{}.root) {
        json.key("root");
        json.string(value.root);
    }
    objects(json, "root_attributes", value.root_attributes, attribute);
    text(json, "version", value.version);
    json.close('}');
}

}  // namespace

std::string to_json(const Form& form) {
    std::string out;
    JsonText json(out);
    json.open('{');
    objects(json, "actions", form.actions, set_value);
    objects(json, "instances", form.instances, secondary_instance);
    items(json, "items", form.items);
    objects(json, "languages", form.languages, language);
    objects(json, "lists", form.lists, choice_list);
    json.key("settings");
    settings(json, form.settings);
    text_map(json, "texts", form.texts);
    json.close('}');
    return out;
}

}  // namespace fieldfare::schema
