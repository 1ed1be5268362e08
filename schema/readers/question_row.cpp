#include "schema/readers/question_row.h"

#include <algorithm>
#include <array>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

constexpr int longest_text = 65'536;  // an answer's own bound, in bytes

// What a row is, as one bit, so that a column can say where it means something.
using Kinds = unsigned;
constexpr Kinds text = 1, number = 2, date = 4, select = 8, note = 16, calculate = 32, group = 64,
                repeat = 128;
constexpr Kinds asked = text | number | date | select;
constexpr Kinds anything = asked | note | calculate | group | repeat;

Kinds kind_of(const Item& item) {
    if (item.kind == ItemKind::group) return group;
    if (item.kind == ItemKind::repeat) return repeat;
    switch (item.type) {
        case QuestionType::text:
            return text;
        case QuestionType::integer:
        case QuestionType::decimal:
            return number;
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
            return date;
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::rank:
            return select;
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
            return asked;
        case QuestionType::note:
            return note;
        case QuestionType::calculate:
            return calculate;
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
    {"constraint", asked, false},
    {"constraint_message", asked, false},
    {"required", asked, false},
    {"required_message", asked, false},
    {"read_only", anything & ~calculate, false},
    {"calculation", asked | note | calculate, false},
    {"default", asked | note | calculate, false},
    {"choice_filter", select, false},
    {"repeat_count", repeat, false},
    {"x_fill", calculate, true},
    {"x_handover", group, true},
    {"x_arm", anything & ~calculate, true},
    {"x_max_length", text, true},
}};

// Appearances that ask for something else than another look.
struct Refusal {
    std::string_view word;
    std::string_view sentence;
};
constexpr std::array<Refusal, 6> refused_appearances = {{
    {"month-year",
     "Incomplete dates (month-year) are not supported yet. Ask for month and year as two questions."},
    {"year", "Incomplete dates (year) are not supported yet. Ask for the year as an integer."},
    {"search",
     "search() takes choices from a file, which is not supported yet. Put them on the choices sheet, and use "
     "choice_filter."},
    {"ex", "Other apps are not called (ex:). Ask the question here."},
    {"printer", "Printers are not called. Remove the appearance."},
    {"query", "query is not supported. Use a select with choice_filter."},
}};

}  // namespace

QuestionReader::QuestionReader(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                               Faults& faults)
    : table_(table), languages_(languages), faults_(faults) {
    for (const ChoiceList& list : lists) {
        const auto spaced = std::find_if(list.choices.begin(), list.choices.end(), [](const Choice& choice) {
            return choice.name.find(' ') != std::string::npos;
        });
        lists_.emplace(list.name, spaced == list.choices.end() ? nullptr : &*spaced);
    }
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

Item QuestionReader::read(const Row& row, ItemKind kind, const QuestionRow& type) {
    const auto expression = [&](std::string_view key) { return plain(table_.cell(row, key)); };
    Item item;
    item.kind = kind;
    item.type = type.type;
    item.name = collapsed(table_.cell(row, "name"));
    item.row = row.number;
    item.label = languages_.text(table_, row, "label");
    item.hint = languages_.text(table_, row, "hint");
    item.constraint_message = languages_.text(table_, row, "constraint_message");
    item.required_message = languages_.text(table_, row, "required_message");
    item.relevant = expression("relevant");
    item.constraint = expression("constraint");
    item.required = parse_condition(table_.cell(row, "required"));
    item.read_only = parse_condition(table_.cell(row, "read_only"));
    item.calculation = expression("calculation");
    item.default_value = parse_default(table_.cell(row, "default"));
    item.choice_filter = expression("choice_filter");
    item.repeat_count = expression("repeat_count");
    item.appearance = collapsed(table_.cell(row, "appearance"));
    item.list = type.list;
    read_parameters(row, item);
    read_extras(row, item);
    check_select(row, item);
    check_appearance(row, item);
    check_label(row, item);
    if (item.kind == ItemKind::question && item.type == QuestionType::calculate && item.calculation.empty() &&
        item.fill == Fill::none && table_.cell(row, "x_fill").empty() && item.default_value.empty())
        error(row, "calculation",
              "The row calculates nothing. Write a calculation, or x_fill for what the program "
              "fills in.");
    tell_without_effect(row, item);
    return item;
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

void QuestionReader::read_parameters(const Row& row, Item& item) {
    const auto cell = table_.cell(row, "parameters");
    if (cell.empty()) return;
    const auto parameters = parse_parameters(cell);
    if (!parameters) {
        error(row, "parameters", parameters.error());
        return;
    }
    const bool select_row = kind_of(item) == select;
    for (const auto& [key, value] : *parameters) {
        if (key == "rows" && kind_of(item) == text) {
            warning(row, "parameters", "The height of a text field (rows) is not used.");
        } else if (!select_row || (key != "randomize" && key != "seed")) {
            error(row, "parameters",
                  "The parameter " + shown(key) + " is not supported on a row of the type " +
                      kind_word(item) +
                      (select_row ? ". Supported are randomize and seed." : ". Remove it."));
        }
    }
    if (!select_row) return;
    const auto randomize = parameters->find("randomize");
    if (randomize != parameters->end()) {
        const auto value = parse_yes_no(randomize->second);
        if (!value)
            error(row, "parameters", "randomize is true or false, not " + shown(randomize->second) + ".");
        item.randomize = value.value_or(false);
    }
    const auto seed = parameters->find("seed");
    if (seed == parameters->end()) return;
    const bool reference = seed->second.starts_with("${") && seed->second.ends_with("}");
    const bool a_number = seed->second.find_first_not_of("0123456789.-") == std::string::npos;
    if (!reference && !a_number)
        error(row, "parameters",
              "The seed is a number or one question, ${name}; " + shown(seed->second) + " is neither.");
    else if (!item.randomize)
        error(row, "parameters", "A seed needs randomize=true beside it.");
    else
        item.seed = seed->second;
}

void QuestionReader::check_select(const Row& row, const Item& item) {
    if (item.list.empty()) return;
    const auto list = lists_.find(item.list);
    if (list == lists_.end()) {
        const std::string nearest = nearest_list(item.list);
        error(row, "type",
              "The choices sheet has no list " + shown(item.list) + "." +
                  (nearest.empty() ? " Add its choices there, or correct the name."
                                   : " Is it meant to be " + shown(nearest) + "?"));
        return;
    }
    const Choice* spaced = list->second;
    if (item.type != QuestionType::select_multiple || !spaced) return;
    error(
        row, "type",
        "The choice " + shown(spaced->name) + " of the list " + shown(item.list) + " (row " +
            std::to_string(spaced->row) +
            " of the choices) holds a space, which parts the answers of a select_multiple. Use underscores.");
}

std::string QuestionReader::nearest_list(std::string_view wanted) {
    constexpr int most_searches = 50;          // each looks at all lists
    constexpr std::size_t most_lists = 2'000;  // with more than these no help is worth its time
    std::string nearest;
    if (++searches_ > most_searches || lists_.size() > most_lists) return nearest;
    int best = 3;
    for (const auto& [name, spaced] : lists_) {
        const int away = distance(name, wanted);
        if (away < best || (away == best && best < 3 && name < nearest)) best = away, nearest = name;
    }
    return nearest;
}

void QuestionReader::check_appearance(const Row& row, const Item& item) {
    for (const std::string& word : words_of(item.appearance)) {
        const std::string head = lower(word.substr(0, word.find_first_of("(:")));
        for (const Refusal& refusal : refused_appearances) {
            if (head != refusal.word) continue;
            // "search" alone only filters what is shown; "year" belongs to dates.
            if (head == "search" && word.find('(') == word.npos) continue;
            if ((head == "year" || head == "month-year") && kind_of(item) != date) continue;
            error(row, "appearance", std::string(refusal.sentence));
        }
    }
}

void QuestionReader::check_label(const Row& row, const Item& item) {
    if (!item.label.empty()) return;
    const Kinds kind = kind_of(item);
    if (kind == calculate || kind == group) return;
    if (kind == repeat) {
        warning(row, "label", "The repeat " + shown(item.name) + " has no label: its name is shown instead.");
    } else if (item.hint.empty()) {
        error(row, "label",
              "The question " + shown(item.name) +
                  " has neither label nor hint in any language. Write a label.");
    }
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
