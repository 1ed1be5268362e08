#include "schema/readers/question_row.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/readers/names.h"
#include "schema/readers/references.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

constexpr int longest_text = 65'536;  // an answer's own bound, in bytes

// What a row is, as one bit, so that a column can say where it means something.
using Kinds = unsigned;
constexpr Kinds text = 1, other = 2, select = 8, note = 16, calculate = 32, group = 64, repeat = 128;
constexpr Kinds asked = text | other | select;
constexpr Kinds anything = asked | note | calculate | group | repeat;

Kinds kind_of(const Item& item) {
    if (item.kind == ItemKind::group) return group;
    if (item.kind == ItemKind::repeat) return repeat;
    switch (item.type) {
        case QuestionType::text:
            return text;
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::rank:
            return select;
        case QuestionType::note:
            return note;
        case QuestionType::calculate:
            return calculate;
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::range:
        case QuestionType::acknowledge:
        case QuestionType::geopoint:
        case QuestionType::geotrace:
        case QuestionType::geoshape:
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
        case QuestionType::barcode:
            return other;
    }
    return anything;
}

std::string kind_word(const Item& item) {
    return std::string(item.kind == ItemKind::question ? word_of(item.type) : word_of(item.kind));
}

struct Use {
    std::string_view key;
    Kinds kinds;
    bool ours;  // a column of ours: out of place it is a fault, for nobody else gives it a meaning
};
constexpr std::array<Use, 13> uses = {{
    {"constraint", asked | calculate, false},
    {"constraint_message", asked | calculate, false},
    {"required", asked | calculate, false},
    {"required_message", asked | calculate, false},
    {"read_only", anything, false},
    {"calculation", asked | note | calculate, false},
    {"default", asked | note | calculate, false},
    {"choice_filter", select, false},
    {"repeat_count", repeat, false},
    {"x_fill", calculate, true},
    {"x_handover", group, true},
    {"x_arm", anything & ~calculate, true},
    {"x_max_length", text, true},
}};

DataType data_type_of(std::string_view word) {
    struct Word {
        std::string_view word;
        DataType type;
    };
    constexpr std::array<Word, 14> words = {{{"string", DataType::string},
                                             {"int", DataType::integer},
                                             {"integer", DataType::integer},
                                             {"boolean", DataType::boolean},
                                             {"decimal", DataType::decimal},
                                             {"date", DataType::date},
                                             {"time", DataType::time},
                                             {"dateTime", DataType::date_time},
                                             {"geopoint", DataType::geopoint},
                                             {"geotrace", DataType::geotrace},
                                             {"geoshape", DataType::geoshape},
                                             {"binary", DataType::binary},
                                             {"barcode", DataType::barcode},
                                             {"intent", DataType::intent}}};
    const auto found =
        std::find_if(words.begin(), words.end(), [&](const Word& each) { return each.word == word; });
    return found == words.end() ? DataType::usual : found->type;
}

// The type that the bind of such a question has anyway.
DataType usual_type(QuestionType type) {
    switch (type) {
        case QuestionType::text:
        case QuestionType::note:
        case QuestionType::calculate:
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::rank:
        case QuestionType::acknowledge:
            return DataType::string;
        case QuestionType::integer:
        case QuestionType::range:
            return DataType::integer;
        case QuestionType::decimal:
            return DataType::decimal;
        case QuestionType::date:
            return DataType::date;
        case QuestionType::time:
            return DataType::time;
        case QuestionType::date_time:
            return DataType::date_time;
        case QuestionType::geopoint:
            return DataType::geopoint;
        case QuestionType::geotrace:
            return DataType::geotrace;
        case QuestionType::geoshape:
            return DataType::geoshape;
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            return DataType::binary;
        case QuestionType::barcode:
            return DataType::barcode;
    }
    return DataType::string;
}

bool is_file_of_choices(std::string_view file) {
    const std::string_view stem = file.substr(0, file.find('.'));
    const std::string_view rest = file.substr(std::min(file.size(), stem.size()));
    return !stem.empty() && (rest == ".csv" || rest == ".xml" || rest == ".geojson");
}

}  // namespace

std::string external_source(std::string_view file) {
    return (file.ends_with(".csv") ? "jr://file-csv/" : "jr://file/") + std::string(file);
}

std::string file_stem(std::string_view file) {
    return std::string(file.substr(0, file.rfind('.')));
}

QuestionReader::QuestionReader(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                               Faults& faults)
    : table_(table), languages_(languages), lists_(lists), faults_(faults) {
    for (std::size_t i = 0; i < lists.size(); ++i) {
        index_.emplace(lists[i].name, i);
        const auto& choices = lists[i].choices;
        const auto spaced = std::find_if(choices.begin(), choices.end(), [](const Choice& choice) {
            return choice.name.find(' ') != std::string::npos;
        });
        if (spaced != choices.end()) spaced_.emplace(lists[i].name, Spaced{spaced->name, spaced->row});
    }
}

const ChoiceList* QuestionReader::list(std::string_view name) const {
    const auto found = index_.find(std::string(name));
    return found == index_.end() ? nullptr : &lists_[found->second];
}

void QuestionReader::error(const Row& row, std::string_view key, std::string message) {
    faults_.error(table_.name(), row.number, table_.header(key), std::move(message));
}

void QuestionReader::warning(const Row& row, std::string_view key, std::string message) {
    faults_.warning(table_.name(), row.number, table_.header(key), std::move(message));
}

bool QuestionReader::yes_no(const Row& row, std::string_view key) {
    const auto cell = table_.cell(row, key);
    if (cell.empty()) return false;
    const auto value = parse_yes_no(cell);
    if (!value) error(row, key, "Write yes or no here, not " + shown(cell) + ".");
    return value.value_or(false);
}

Parameters QuestionReader::parameters(const Row& row) {
    const auto cell = table_.cell(row, "parameters");
    if (cell.empty()) return {};
    auto parsed = parse_parameters(cell);
    if (parsed) return std::move(*parsed);
    error(row, "parameters", parsed.error());
    return {};
}

Item QuestionReader::read_cells(const Row& row, ItemKind kind, QuestionType type) {
    Item item;
    item.kind = kind;
    item.type = type;
    item.name = collapsed(table_.cell(row, "name"));
    item.row = row.number;
    item.label = languages_.text(table_, row, "label");
    item.hint = languages_.text(table_, row, "hint");
    item.guidance_hint = languages_.text(table_, row, "guidance_hint");
    item.constraint_message = languages_.text(table_, row, "constraint_message");
    item.required_message = languages_.text(table_, row, "required_message");
    item.relevant = parse_expression(table_.cell(row, "relevant"));
    item.constraint = parse_expression(table_.cell(row, "constraint"));
    item.required = parse_condition(table_.cell(row, "required"));
    item.read_only = parse_condition(table_.cell(row, "read_only"));
    item.calculation = parse_expression(table_.cell(row, "calculation"));
    item.default_value = parse_default(table_.cell(row, "default"));
    item.choice_filter = plain(table_.cell(row, "choice_filter"));
    item.repeat_count = plain(table_.cell(row, "repeat_count"));
    item.appearance = collapsed(table_.cell(row, "appearance"));
    read_media(row, item);
    read_attributes(row, item);
    check_brackets(row, item);
    return item;
}

void QuestionReader::check_brackets(const Row& row, const Item& item) {
    const auto check = [&](std::string_view key, const std::string& expression) {
        if (std::string fault = bracket_fault(expression); !fault.empty()) error(row, key, std::move(fault));
    };
    check("relevant", item.relevant);
    check("constraint", item.constraint);
    check("required", item.required);
    check("read_only", item.read_only);
    check("calculation", item.calculation);
    check("choice_filter", item.choice_filter);
    check("repeat_count", item.repeat_count);
}

void QuestionReader::finish(const Row& row, Item& item) {
    read_extras(row, item);
    check_label(row, item);
    // Without a label or hint it is never shown: pyxform gives it no control then.
    const bool computed = !item.calculation.empty() || !table_.cell(row, "trigger").empty();
    if (item.kind == ItemKind::question && item.type != QuestionType::calculate && computed &&
        item.label.empty() && item.hint.empty()) {
        if (item.data_type == DataType::usual) item.data_type = usual_type(item.type);
        if (item.data_type == DataType::string) item.data_type = DataType::usual;
        item.type = QuestionType::calculate;
    }
    tell_without_effect(row, item);
}

Item QuestionReader::read(const Row& row, const PlainRow& type) {
    const PlainType& plain_type = *type.type;
    Item item = read_cells(row, ItemKind::question, plain_type.type);
    if (item.data_type == DataType::usual && plain_type.data_type != usual_type(plain_type.type))
        item.data_type = plain_type.data_type;
    if (item.preload.empty()) {
        item.preload = plain_type.preload;
        item.preload_parameters = plain_type.preload_parameters;
    }
    if (item.constraint.empty()) item.constraint = plain_type.constraint;
    if (!plain_type.hint.empty() && item.hint.empty())
        item.hint = Text(std::max<std::size_t>(1, languages_.list().size()), std::string(plain_type.hint));
    read_plain_parameters(row, type, item);
    if (plain_type.word == "calculate" && item.calculation.empty() && table_.cell(row, "x_fill").empty() &&
        !is_dynamic_default(item.default_value, "calculate"))
        error(row, "calculation",
              "The row calculates nothing. Write a calculation, or x_fill for what the program fills in.");
    finish(row, item);
    return item;
}

Item QuestionReader::read(const Row& row, const SelectRow& type) {
    Item item = read_cells(row, ItemKind::question, type.type);
    read_select_parameters(row, type, item);
    take_choices(row, type, item);
    finish(row, item);
    return item;
}

Item QuestionReader::read(const Row& row, const OsmRow& type) {
    Item item = read_cells(row, ItemKind::question, QuestionType::file);
    item.body_attributes["mediatype"] = "osm/*";
    if (!type.list.empty()) item.parameters["osm"] = type.list;
    finish(row, item);
    return item;
}

Item QuestionReader::read(const Row& row, const BeginRow& type) {
    Item item = read_cells(row, type.kind, QuestionType::text);
    if (const auto cell = table_.cell(row, "required"); !cell.empty() && parse_yes_no(cell) != false)
        error(row, "required",
              "A " + std::string(word_of(type.kind)) +
                  " can't be required. Clear the cell, or write it on a question inside.");
    finish(row, item);
    return item;
}

Item QuestionReader::read_audit(const Row& row) {
    Item item = read_cells(row, ItemKind::question, QuestionType::calculate);
    item.data_type = DataType::binary;
    if (!item.name.empty() && item.name != "audit")
        error(row, "name", "A row of the type audit is always called audit. Clear its name.");
    item.name = "audit";
    ParameterFaults faults;
    take_audit_parameters(parameters(row), item, faults);
    for (std::string& sentence : faults.sentences) error(row, "parameters", std::move(sentence));
    return item;
}

void QuestionReader::read_media(const Row& row, Item& item) {
    for (const char* form : {"image", "big-image", "audio", "video"})
        if (Text text = languages_.text(table_, row, "media::" + std::string(form)); !text.empty())
            item.media[form] = std::move(text);
    if (item.media.contains("big-image") && !item.media.contains("image"))
        error(row, "media::big-image", "A big-image needs an image beside it, which is shown first.");
}

void QuestionReader::read_attributes(const Row& row, Item& item) {
    item.attributes = table_.attributes(row, "instance");
    for (Attribute& attribute : table_.attributes(row, "control"))
        item.body_attributes[attribute.name] = std::move(attribute.value);
    for (Attribute& attribute : table_.attributes(row, "bind")) {
        if (attribute.name == "type" && data_type_of(attribute.value) != DataType::usual) {
            const DataType type = data_type_of(attribute.value);
            if (type != usual_type(item.type)) item.data_type = type;
        } else if (attribute.name == "jr:preload") {
            item.preload = std::move(attribute.value);
        } else if (attribute.name == "jr:preloadParams") {
            item.preload_parameters = std::move(attribute.value);
        } else {
            item.bind_attributes[attribute.name] = std::move(attribute.value);
        }
    }
    if (const auto property = table_.cell(row, "save_to"); !property.empty())
        item.bind_attributes["entities:saveto"] = collapsed(property);
}

void QuestionReader::read_extras(const Row& row, Item& item) {
    item.handover = yes_no(row, "x_handover");
    item.arm = yes_no(row, "x_arm");
    item.extension = collapsed(table_.cell(row, "x_extension"));
    read_fill(row, item);
    if (const auto cell = table_.cell(row, "x_max_length"); !cell.empty()) {
        const auto length = parse_whole_number(cell);
        if (!length || *length < 1 || *length > longest_text) {
            error(row, "x_max_length",
                  "The longest text is a whole number of characters from 1 to 65536; " + shown(cell) +
                      " is not.");
        } else {
            item.max_length = length;
        }
    }
    item.extra = table_.extras(row);
}

void QuestionReader::read_fill(const Row& row, Item& item) {
    const auto cell = table_.cell(row, "x_fill");
    if (cell.empty()) return;
    auto fill = parse_fill(cell);
    if (!fill) {
        error(row, "x_fill", fill.error());
        return;
    }
    item.fill = fill->fill;
    item.fill_arguments = std::move(fill->arguments);
    if (!item.calculation.empty() && item.calculation != "''" && item.calculation != "\"\"")
        warning(row, "calculation",
                "The program fills this row in (x_fill); the calculation is for other tools only.");
}

void QuestionReader::read_plain_parameters(const Row& row, const PlainRow& type, Item& item) {
    const Parameters given = parameters(row);
    ParameterFaults faults;
    const std::string_view word = type.type->word;
    if (word == "text") {
        take_text_parameters(given, item, faults);
    } else if (item.type == QuestionType::image) {
        take_image_parameters(given, item, faults);
        if (!item.default_value.empty() && item.default_value.find("jr://images/") == std::string::npos &&
            !is_dynamic_default(item.default_value, "photo"))
            item.default_value.insert(0, "jr://images/");
    } else if (word == "audio") {
        take_audio_parameters(given, item, false, faults);
    } else if (word == "background-audio") {
        take_audio_parameters(given, item, true, faults);
    } else if (word == "geopoint" || word == "geotrace" || word == "geoshape") {
        take_geo_parameters(given, item, faults);
    } else if (word == "range") {
        const auto labels = given.find("tick_labelset");
        take_range_parameters(given, item, labels == given.end() ? nullptr : list(labels->second), faults);
    } else if (!given.empty()) {
        warning(row, "parameters", "Parameters mean nothing on a row of the type " + std::string(word) + ".");
    }
    for (std::string& sentence : faults.sentences) error(row, "parameters", std::move(sentence));
    if (type.type->action.empty()) return;
    const std::string_view action = type.type->action;
    item.parameters[std::string(action.substr(0, action.find(' ')))] = action.substr(action.find(' ') + 1);
    if (word != "background-geopoint") return;
    if (table_.cell(row, "trigger").empty())
        error(row, "trigger",
              "A row of the type background-geopoint needs a trigger: the question after which "
              "the place is taken.");
    if (!item.calculation.empty())
        error(row, "calculation",
              "A row of the type background-geopoint calculates nothing. Clear the cell.");
}

void QuestionReader::read_select_parameters(const Row& row, const SelectRow& type, Item& item) {
    const Parameters given = parameters(row);
    ParameterFaults faults;
    if (type.from == ChoicesFrom::file)
        check_keys(given, {"label", "randomize", "seed", "value"}, faults);
    else
        check_keys(given, {"randomize", "seed"}, faults);
    for (std::string& sentence : faults.sentences) error(row, "parameters", std::move(sentence));
    if (type.from == ChoicesFrom::file) {
        item.itemset.value = type.list.ends_with(".geojson") ? "id" : "name";
        item.itemset.label = type.list.ends_with(".geojson") ? "title" : "label";
        for (const char* key : {"value", "label"}) {
            const auto found = given.find(key);
            if (found == given.end()) continue;
            (std::string_view(key) == "value" ? item.itemset.value : item.itemset.label) = found->second;
            if (!is_name(found->second))
                error(row, "parameters",
                      std::string(key) + " names a column of the file; " + shown(found->second) + " can't. " +
                          std::string(name_rule));
        }
    }
    const auto randomize = given.find("randomize");
    const auto seed = given.find("seed");
    if (randomize != given.end()) {
        if (randomize->second != "true" && randomize->second != "false")
            error(row, "parameters", "randomize is true or false, not " + shown(randomize->second) + ".");
        item.randomize = randomize->second == "true";
    }
    if (seed == given.end()) return;
    if (randomize == given.end()) {
        error(row, "parameters", "A seed needs randomize=true beside it.");
        return;
    }
    double number = 0;
    const char* const last = seed->second.data() + seed->second.size();
    const auto [end, failure] = std::from_chars(seed->second.data(), last, number);
    const bool is_number = failure == std::errc{} && end == last;
    if (!is_number && only_reference(seed->second).empty())
        error(row, "parameters",
              "The seed is a number or one question, ${name}; " + shown(seed->second) + " is neither.");
    else if (item.randomize)
        item.seed = seed->second;
}

void QuestionReader::take_choices(const Row& row, const SelectRow& type, Item& item) {
    switch (type.from) {
        case ChoicesFrom::sheet:
            item.list = type.list;
            check_select_list(row, item);
            return;
        case ChoicesFrom::file:
            take_file(row, type, item);
            return;
        case ChoicesFrom::question:
            return;  // needs the other rows
        case ChoicesFrom::external_sheet: {
            // ODK shows it by its own table of the sheet; elsewhere it is a plain input.
            item.type = QuestionType::text;
            std::string query = "instance('" + type.list + "')/root/item";
            if (item.choice_filter.empty())
                warning(row, "choice_filter",
                        "select_one_external is meant for choices that a choice_filter parts.");
            else
                query += "[" + item.choice_filter + "]";
            item.choice_filter.clear();
            item.body_attributes["query"] = std::move(query);
            return;
        }
    }
}

void QuestionReader::take_file(const Row& row, const SelectRow& type, Item& item) {
    if (!is_file_of_choices(type.list))
        error(row, "type",
              "The choices of " + type.command +
                  " stand in a file whose name ends with .csv, .xml or .geojson, "
                  "with no other period in it; " +
                  shown(type.list) + " does not.");
    item.itemset.nodeset = "instance('" + file_stem(type.list) + "')/root/item";
    if (!item.choice_filter.empty()) item.itemset.nodeset += "[" + item.choice_filter + "]";
    item.choice_filter.clear();
}

void QuestionReader::check_select_list(const Row& row, const Item& item) {
    if (!list(item.list)) {
        error(row, "type",
              "The choices sheet has no list " + shown(item.list) + "." + nearest_list(item.list));
        return;
    }
    const auto found = spaced_.find(item.list);
    if (item.type != QuestionType::select_multiple || found == spaced_.end()) return;
    const Spaced& spaced = found->second;
    error(
        row, "type",
        "The choice " + shown(spaced.name) + " of the list " + shown(item.list) + " (row " +
            std::to_string(spaced.row) +
            " of the choices) holds a space, which parts the answers of a select_multiple. Use underscores.");
}

std::string QuestionReader::nearest_list(std::string_view wanted) {
    constexpr int most_searches = 50;          // each looks at all lists
    constexpr std::size_t most_lists = 2'000;  // with more than these no help is worth its time
    const std::string add = " Add its choices there, or correct the name.";
    if (++searches_ > most_searches || index_.size() > most_lists) return add;
    std::string nearest;
    int best = 3;
    for (const ChoiceList& list : lists_) {
        const int away = distance(list.name, wanted);
        if (away < best || (away == best && best < 3 && list.name < nearest))
            best = away, nearest = list.name;
    }
    return nearest.empty() ? add : " Is it meant to be " + shown(nearest) + "?";
}

void QuestionReader::check_label(const Row& row, const Item& item) {
    if (!table_.cell(row, "media").empty()) {
        warning(row, "media", "Which medium is meant? Write media::image, media::audio or media::video.");
        return;
    }
    if (!item.label.empty() || !item.media.empty()) return;
    const Kinds kind = kind_of(item);
    if (kind == calculate || kind == group) return;
    if (kind == repeat) {
        warning(row, "label", "The repeat " + shown(item.name) + " has no label: its name is shown instead.");
        return;
    }
    const bool computed = !item.calculation.empty() || !table_.cell(row, "trigger").empty();
    if (!item.hint.empty() || item.appearance == "label" || (computed && item.guidance_hint.empty())) return;
    error(row, "label",
          "The question " + shown(item.name) + " has neither label nor hint in any language. Write a label.");
}

void QuestionReader::tell_without_effect(const Row& row, const Item& item) {
    for (const Use& use : uses) {
        if (kind_of(item) & use.kinds) continue;
        for (std::size_t i : table_.all(use.key)) {
            const Column& column = table_.columns()[i];
            const auto cell = row.at(column.index);
            if (cell.empty() || parse_yes_no(cell) == false) continue;
            const std::string message =
                "This column means nothing on a row of the type " + kind_word(item) + ". Clear the cell.";
            use.ours ? faults_.error(table_.name(), row.number, column.header, message)
                     : faults_.warning(table_.name(), row.number, column.header, message);
            break;
        }
    }
}

}  // namespace fieldfare::schema::readers
