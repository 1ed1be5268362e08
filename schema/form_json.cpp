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

void items(JsonText& json, std::string_view key, const std::vector<Item>& values);

void item(JsonText& json, const Item& value) {
    json.open('{');
    text(json, "appearance", value.appearance);
    flag(json, "arm", value.arm);
    text(json, "calculation", value.calculation);
    items(json, "children", value.children);
    text(json, "choice_filter", value.choice_filter);
    text(json, "constraint", value.constraint);
    list(json, "constraint_message", value.constraint_message);
    text(json, "default", value.default_value);
    text(json, "extension", value.extension);
    map(json, "extra", value.extra);
    if (value.fill != Fill::none) text(json, "fill", word_of(fill_words, value.fill));
    list(json, "fill_arguments", value.fill_arguments);
    flag(json, "handover", value.handover);
    list(json, "hint", value.hint);
    if (value.kind != ItemKind::question) text(json, "kind", word_of(item_kind_words, value.kind));
    list(json, "label", value.label);
    text(json, "list", value.list);
    if (value.max_length) {
        json.key("max_length");
        json.number(*value.max_length);
    }
    text(json, "name", value.name);
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
    if (values.empty()) return;
    json.key(key);
    json.open('[');
    for (const Item& value : values) item(json, value);
    json.close(']');
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
    text(json, "name", value.name);
    flag(json, "pin", value.pin);
    integer(json, "row", value.row);
    json.close('}');
}

void choice_list(JsonText& json, const ChoiceList& value) {
    json.open('{');
    if (!value.choices.empty()) {
        json.key("choices");
        json.open('[');
        for (const Choice& each : value.choices) choice(json, each);
        json.close(']');
    }
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
    if (value.root != Settings{}.root) {
        json.key("root");
        json.string(value.root);
    }
    text(json, "version", value.version);
    json.close('}');
}

}  // namespace

std::string to_json(const Form& form) {
    std::string out;
    JsonText json(out);
    json.open('{');
    items(json, "items", form.items);
    if (!form.languages.empty()) {
        json.key("languages");
        json.open('[');
        for (const Language& value : form.languages) language(json, value);
        json.close(']');
    }
    if (!form.lists.empty()) {
        json.key("lists");
        json.open('[');
        for (const ChoiceList& value : form.lists) choice_list(json, value);
        json.close(']');
    }
    json.key("settings");
    settings(json, form.settings);
    json.close('}');
    return out;
}

}  // namespace fieldfare::schema
