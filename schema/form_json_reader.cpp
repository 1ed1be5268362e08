#include <climits>
#include <nlohmann/json.hpp>

#include "schema/form_json.h"
#include "schema/json_text.h"
#include "schema/words.h"

namespace fieldfare::schema {
namespace {

using nlohmann::json;

constexpr std::size_t max_bytes = std::size_t{64} << 20;
constexpr std::size_t max_depth = 512;

tl::unexpected<Findings> refuse(std::string message) {
    return tl::unexpected(Findings{{Problem{{}, std::move(message)}}, {}});
}

// Walks the parsed JSON. The first fault is kept and the walk goes on with empty values; the caller looks at
// the end. Unknown and duplicate keys are not looked for here: the result, written again, would differ.
class Reader {
  public:
    Form form(const json& value) {
        Form result;
        each(member(value, "items"), [&](const json& one) { result.items.push_back(item(one)); });
        each(member(value, "languages"), [&](const json& one) {
            result.languages.push_back({text(one, "name"), text(one, "code")});
        });
        each(member(value, "lists"), [&](const json& one) { result.lists.push_back(list(one)); });
        each(member(value, "instances"),
             [&](const json& one) { result.instances.push_back(secondary_instance(one)); });
        each(member(value, "actions"), [&](const json& one) { result.actions.push_back(set_value(one)); });
        result.texts = text_map(value, "texts");
        const json* settings = member(value, "settings");
        if (settings == nullptr) {
            fail("settings are missing");
            return result;
        }
        result.settings.form_title = text(*settings, "form_title");
        result.settings.form_id = text(*settings, "form_id");
        result.settings.version = text(*settings, "version");
        result.settings.default_language = text(*settings, "default_language");
        result.settings.instance_name = text(*settings, "instance_name");
        if (member(*settings, "root") != nullptr) result.settings.root = text(*settings, "root");
        result.settings.root_attributes = attributes(*settings, "root_attributes");
        result.settings.odk = map(*settings, "odk");
        result.settings.extra = map(*settings, "extra");
        return result;
    }

    const std::string& fault() const { return fault_; }

  private:
    void fail(std::string what) {
        if (fault_.empty()) fault_ = std::move(what);
    }

    const json* member(const json& object, const char* key) {
        if (!object.is_object()) {
            fail("an object is expected where something else stands");
            return nullptr;
        }
        const auto found = object.find(key);
        return found == object.end() ? nullptr : &*found;
    }

    template <typename Function>
    void each(const json* array, Function function) {
        if (array == nullptr) return;
        if (!array->is_array()) return fail("a list is expected where something else stands");
        for (const json& one : *array) function(one);
    }

    std::string string(const json& value) {
        if (const auto* text = value.get_ptr<const std::string*>()) return *text;
        fail("a text is expected where something else stands");
        return {};
    }

    std::string text(const json& object, const char* key) {
        const json* value = member(object, key);
        return value == nullptr ? std::string{} : string(*value);
    }

    std::vector<std::string> texts(const json& object, const char* key) {
        std::vector<std::string> result;
        each(member(object, key), [&](const json& one) { result.push_back(string(one)); });
        return result;
    }

    bool flag(const json& object, const char* key) {
        const json* value = member(object, key);
        if (value == nullptr) return false;
        if (!value->is_boolean()) fail(std::string("\"") + key + "\" must be true or false");
        return value->is_boolean() && *value == true;
    }

    std::optional<int> integer(const json& object, const char* key) {
        const json* value = member(object, key);
        if (value == nullptr) return {};
        if (value->is_number_integer()) {
            const auto number = value->get<json::number_integer_t>();
            const bool unsigned_overflow =
                value->is_number_unsigned() && value->get<json::number_unsigned_t>() > INT_MAX;
            if (!unsigned_overflow && number >= INT_MIN && number <= INT_MAX) return static_cast<int>(number);
        }
        fail(std::string("\"") + key + "\" must be a whole number of at most 32 bits");
        return {};
    }

    std::map<std::string, std::string> map(const json& object, const char* key) {
        std::map<std::string, std::string> result;
        const json* value = member(object, key);
        if (value == nullptr) return result;
        if (!value->is_object()) {
            fail(std::string("\"") + key + "\" must be an object");
            return result;
        }
        for (const auto& [name, one] : value->items()) result.emplace(name, string(one));
        return result;
    }

    template <typename Enum, std::size_t Count>
    Enum word(const json& object, const char* key, const std::array<std::string_view, Count>& words) {
        if (member(object, key) == nullptr) return Enum{};
        const auto found = from_word<Enum>(words, text(object, key));
        if (!found) fail(std::string("\"") + key + "\" has a word that this program does not know");
        return found.value_or(Enum{});
    }

    std::map<std::string, Text> text_map(const json& object, const char* key) {
        std::map<std::string, Text> result;
        const json* value = member(object, key);
        if (value == nullptr) return result;
        if (!value->is_object()) {
            fail(std::string("\"") + key + "\" must be an object");
            return result;
        }
        for (const auto& [name, one] : value->items()) {
            Text& text = result[name];
            each(&one, [&](const json& inner) { text.push_back(string(inner)); });
        }
        return result;
    }

    std::vector<Attribute> attributes(const json& object, const char* key) {
        std::vector<Attribute> result;
        each(member(object, key), [&](const json& one) {
            result.push_back({text(one, "name"), text(one, "value")});
        });
        return result;
    }

    SetValue set_value(const json& value) {
        SetValue result;
        each(member(value, "events"), [&](const json& one) {
            if (const auto event = from_word<Event>(event_words, string(one)))
                result.events.push_back(*event);
            else
                fail("\"events\" has a word that this program does not know");
        });
        result.ref = text(value, "ref");
        result.value = text(value, "value");
        result.literal = text(value, "literal");
        result.row = integer(value, "row").value_or(0);
        return result;
    }

    Itemset itemset(const json& object) {
        const json* value = member(object, "itemset");
        if (value == nullptr) return {};
        return {text(*value, "nodeset"), text(*value, "value"), text(*value, "label")};
    }

    std::vector<InitialValue> initial_instance(const json& values) {
        std::vector<InitialValue> result;
        each(&values, [&](const json& one) { result.push_back({text(one, "path"), text(one, "value")}); });
        return result;
    }

    SecondaryInstance secondary_instance(const json& value) {
        SecondaryInstance result{text(value, "id"), text(value, "source"), {}};
        each(member(value, "nodes"), [&](const json& one) {
            result.nodes.push_back(
                {integer(one, "d").value_or(0), flag(one, "a"), text(one, "n"), text(one, "t")});
        });
        return result;
    }

    Item item(const json& value) {
        Item result;
        result.kind = word<ItemKind>(value, "kind", item_kind_words);
        result.type = word<QuestionType>(value, "type", question_type_words);
        result.name = text(value, "name");
        result.row = integer(value, "row").value_or(0);
        result.label = texts(value, "label");
        result.hint = texts(value, "hint");
        result.guidance_hint = texts(value, "guidance_hint");
        result.media = text_map(value, "media");
        result.constraint_message = texts(value, "constraint_message");
        result.required_message = texts(value, "required_message");
        result.relevant = text(value, "relevant");
        result.constraint = text(value, "constraint");
        result.required = text(value, "required");
        result.read_only = text(value, "read_only");
        result.calculation = text(value, "calculation");
        result.default_value = text(value, "default");
        result.default_is_literal = flag(value, "default_is_literal");
        result.choice_filter = text(value, "choice_filter");
        result.repeat_count = text(value, "repeat_count");
        result.data_type = word<DataType>(value, "data_type", data_type_words);
        result.list = text(value, "list");
        result.itemset = itemset(value);
        result.randomize = flag(value, "randomize");
        result.seed = text(value, "seed");
        result.appearance = text(value, "appearance");
        result.parameters = map(value, "parameters");
        each(member(value, "actions"), [&](const json& one) { result.actions.push_back(set_value(one)); });
        result.preload = text(value, "preload");
        result.preload_parameters = text(value, "preload_parameters");
        each(member(value, "initial"),
             [&](const json& one) { result.initial.push_back(initial_instance(one)); });
        result.no_add_remove = flag(value, "no_add_remove");
        result.attributes = attributes(value, "attributes");
        result.bind_attributes = map(value, "bind_attributes");
        result.body_attributes = map(value, "body_attributes");
        result.fill = word<Fill>(value, "fill", fill_words);
        result.fill_arguments = texts(value, "fill_arguments");
        result.handover = flag(value, "handover");
        result.arm = flag(value, "arm");
        result.extension = text(value, "extension");
        result.max_length = integer(value, "max_length");
        result.extra = map(value, "extra");
        each(member(value, "children"), [&](const json& one) { result.children.push_back(item(one)); });
        return result;
    }

    ChoiceList list(const json& value) {
        ChoiceList result{text(value, "name"), {}};
        each(member(value, "choices"), [&](const json& one) {
            Choice choice;
            choice.name = text(one, "name");
            choice.label = texts(one, "label");
            choice.media = text_map(one, "media");
            choice.row = integer(one, "row").value_or(0);
            choice.code = integer(one, "code");
            choice.pin = flag(one, "pin");
            choice.exclusive = flag(one, "exclusive");
            choice.columns = map(one, "columns");
            result.choices.push_back(std::move(choice));
        });
        return result;
    }

    std::string fault_;
};

}  // namespace

Result<Form> form_from_json(std::string_view bytes) {
    if (bytes.size() > max_bytes) return refuse("The form is larger than 64 MiB.");
    if (json_depth(bytes) > max_depth) return refuse("The form nests deeper than 512 levels.");
    const json document = json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (document.is_discarded()) return refuse("The form is not JSON in UTF-8.");
    Reader reader;
    Form form = reader.form(document);
    if (!reader.fault().empty())
        return refuse("The form's JSON is not as this program writes it: " + reader.fault() + ".");
    if (to_json(form) != bytes)
        return refuse(
            "The form's JSON is not in the canonical form: it has unknown or repeated keys, spaces, or "
            "another order.");
    return form;
}

}  // namespace fieldfare::schema
