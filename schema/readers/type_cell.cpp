#include "schema/readers/type_cell.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "schema/readers/cell_text.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

const std::map<std::string_view, QuestionType>& plain_types() {
    static const std::map<std::string_view, QuestionType> types = {
        {"text", QuestionType::text},
        {"string", QuestionType::text},
        {"add_text_prompt", QuestionType::text},
        {"integer", QuestionType::integer},
        {"int", QuestionType::integer},
        {"add_integer_prompt", QuestionType::integer},
        {"decimal", QuestionType::decimal},
        {"add_decimal_prompt", QuestionType::decimal},
        {"date", QuestionType::date},
        {"add_date_prompt", QuestionType::date},
        {"note", QuestionType::note},
        {"add_note_prompt", QuestionType::note},
        {"calculate", QuestionType::calculate},
        {"add_calculate_prompt", QuestionType::calculate},
    };
    return types;
}

constexpr std::array<std::string_view, 19> metadata_types = {"start",
                                                             "end",
                                                             "today",
                                                             "deviceid",
                                                             "device_id",
                                                             "username",
                                                             "phonenumber",
                                                             "email",
                                                             "simserial",
                                                             "subscriberid",
                                                             "imei",
                                                             "uri:deviceid",
                                                             "audit",
                                                             "start-geopoint",
                                                             "start-geotrace",
                                                             "start-geoshape",
                                                             "background-geopoint",
                                                             "background-audio",
                                                             "uri:username"};

constexpr std::array<std::string_view, 26> later_types = {"time",         "datetime",
                                                          "geopoint",     "geotrace",
                                                          "geoshape",     "gps",
                                                          "location",     "image",
                                                          "photo",        "audio",
                                                          "video",        "file",
                                                          "barcode",      "rank",
                                                          "range",        "acknowledge",
                                                          "trigger",      "hidden",
                                                          "csv-external", "xml-external",
                                                          "osm",          "loop",
                                                          "include",      "xml_external",
                                                          "csv_external", "select_one_external"};

std::string joined(std::string_view text) {
    std::string out(text);
    std::replace(out.begin(), out.end(), ' ', '_');
    return out;
}

template <std::size_t count>
bool holds(const std::array<std::string_view, count>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// "begin group", "end_repeat": the word after begin or end, when it is one.
std::optional<ItemKind> container(std::string_view word) {
    if (word == "group") return ItemKind::group;
    if (word == "repeat" || word == "lgroup" || word == "looped_group") return ItemKind::repeat;
    return std::nullopt;
}

struct SelectWord {
    std::string_view word;
    QuestionType type;
};
// The longest first: "select one from file" also begins with "select one".
constexpr std::array<SelectWord, 11> select_words = {{
    {"add select multiple prompt using", QuestionType::select_multiple},
    {"select all that apply from", QuestionType::select_multiple},
    {"add select one prompt using", QuestionType::select_one},
    {"select all that apply", QuestionType::select_multiple},
    {"select multiple from", QuestionType::select_multiple},
    {"select_one_from", QuestionType::select_one},
    {"select multiple", QuestionType::select_multiple},
    {"select one from", QuestionType::select_one},
    {"select_multiple", QuestionType::select_multiple},
    {"select_one", QuestionType::select_one},
    {"select one", QuestionType::select_one},
}};

TypeCell parse_select(QuestionType type, std::string_view rest) {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const std::string word(word_of(type));
    for (std::string_view other : {" or specify other", " or_other", " or other"}) {
        if (rest.ends_with(other))
            return RefusedRow{
                "or_other is not supported yet. Add a choice 'other' to the list, and after this row a "
                "text question with relevant selected(${…}, 'other')."};
    }
    if (rest.empty())
        return RefusedRow{"The row names no choice list. Write " + word + " and the list's name."};
    if (rest.starts_with("${"))
        return RefusedRow{
            "Choices taken from a repeat are not supported yet. Use a list of the choices sheet."};
    if (rest.find(' ') != rest.npos)
        return RefusedRow{"There is more than a list's name after " + word + ": " + shown(rest) +
                          ". Write one name, without spaces."};
    return QuestionRow{type, std::string(rest)};
}

std::string unknown_sentence(std::string_view cell) {
    std::string_view nearest;
    int best = 3;
    for (const auto& [word, type] : plain_types()) {
        const int away = distance(joined(lower(cell)), word);
        if (away < best) best = away, nearest = word;
    }
    std::string sentence = "The type " + shown(cell) + " is not known. ";
    if (!nearest.empty()) return sentence + "Is it meant to be " + std::string(nearest) + "?";
    return sentence +
           "Known are text, integer, decimal, date, note, calculate, select_one, select_multiple, "
           "begin_group, "
           "end_group, begin_repeat and end_repeat.";
}

}  // namespace

TypeCell parse_type(std::string_view cell) {
    const std::string text = collapsed(cell);
    const std::string small = lower(text);
    const std::string word = joined(small);
    if (const auto found = plain_types().find(word); found != plain_types().end())
        return QuestionRow{found->second, ""};
    for (std::string_view begin : {"begin_", "end_"}) {
        if (!word.starts_with(begin)) continue;
        const auto kind = container(std::string_view(word).substr(begin.size()));
        if (kind && begin == "begin_") return BeginRow{*kind};
        if (kind) return EndRow{*kind};
        if (word.find("loop") != word.npos)
            return RefusedRow{"Loops are not supported. Use begin_repeat with repeat_count."};
    }
    const std::string first = small.substr(0, small.find(' '));
    if (first.ends_with("_from_file") || small.starts_with("select one from file") ||
        small.starts_with("select multiple from file"))
        return RefusedRow{
            "Choices from a file are not supported yet. Put them on the choices sheet, and use "
            "choice_filter."};
    for (const SelectWord& select : select_words) {
        if (!small.starts_with(select.word)) continue;
        const std::string_view rest = std::string_view(text).substr(select.word.size());
        if (rest.empty() || rest.front() == ' ') return parse_select(select.type, rest);
    }
    if (holds(metadata_types, first) || holds(metadata_types, word)) return MetadataRow{text};
    if (holds(later_types, first) || holds(later_types, word))
        return RefusedRow{"The type " + shown(text) +
                          " of XLSForm is not supported yet. Ask in another way, or remove "
                          "the row."};
    return RefusedRow{unknown_sentence(text)};
}

}  // namespace fieldfare::schema::readers
