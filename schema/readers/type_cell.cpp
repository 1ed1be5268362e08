#include "schema/readers/type_cell.h"

#include <array>
#include <optional>

#include "schema/readers/cell_text.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

struct SelectWord {
    std::string_view word;
    QuestionType type;
    ChoicesFrom from;
};
// The longest first: "select one from file" also begins with "select one".
constexpr std::array<SelectWord, 14> select_words = {{
    {"add select multiple prompt using", QuestionType::select_multiple, ChoicesFrom::sheet},
    {"select_multiple_from_file", QuestionType::select_multiple, ChoicesFrom::file},
    {"select multiple from file", QuestionType::select_multiple, ChoicesFrom::file},
    {"select all that apply from", QuestionType::select_multiple, ChoicesFrom::sheet},
    {"add select one prompt using", QuestionType::select_one, ChoicesFrom::sheet},
    {"select all that apply", QuestionType::select_multiple, ChoicesFrom::sheet},
    {"select_one_from_file", QuestionType::select_one, ChoicesFrom::file},
    {"select one from file", QuestionType::select_one, ChoicesFrom::file},
    {"select_one_external", QuestionType::select_one, ChoicesFrom::external_sheet},
    {"select one from", QuestionType::select_one, ChoicesFrom::sheet},
    {"select_multiple", QuestionType::select_multiple, ChoicesFrom::sheet},
    {"select_one", QuestionType::select_one, ChoicesFrom::sheet},
    {"select one", QuestionType::select_one, ChoicesFrom::sheet},
    {"select1", QuestionType::select_one, ChoicesFrom::sheet},
}};
constexpr SelectWord rank_word = {"rank", QuestionType::rank, ChoicesFrom::sheet};

// Behind "begin " or "end ". "looped group" first: it holds a space itself.
struct ContainerWord {
    std::string_view word;
    ItemKind kind;
    bool loop;
};
constexpr std::array<ContainerWord, 5> container_words = {{
    {"looped group", ItemKind::repeat, false},
    {"lgroup", ItemKind::repeat, false},
    {"group", ItemKind::group, false},
    {"repeat", ItemKind::repeat, false},
    {"loop", ItemKind::group, true},
}};

std::string unknown_sentence(std::string_view cell) {
    const std::string small = lower(cell);
    if (small != cell && !std::holds_alternative<RefusedRow>(parse_type(small)))
        return "The type " + shown(cell) +
               " is not known. Types are written in small letters: " + shown(small) + ".";
    std::string_view nearest;
    int best = 3;
    for (const PlainType& type : plain_types()) {
        const int away = distance(small, type.word);
        if (away < best) best = away, nearest = type.word;
    }
    std::string sentence = "The type " + shown(cell) + " is not known. ";
    if (!nearest.empty()) return sentence + "Is it meant to be " + std::string(nearest) + "?";
    return sentence +
           "Types are, for example, text, integer, decimal, date, note, calculate, select_one LIST, "
           "select_multiple LIST, begin_group and end_group.";
}

std::optional<TypeCell> parse_container(std::string_view text) {
    const bool begin = text.starts_with("begin ") || text.starts_with("begin_");
    const bool end = text.starts_with("end ") || text.starts_with("end_");
    if (!begin && !end) return std::nullopt;
    std::string_view rest = text.substr(begin ? 6 : 4);
    for (const ContainerWord& container : container_words) {
        if (!rest.starts_with(container.word)) continue;
        rest.remove_prefix(container.word.size());
        if (end) {
            if (!rest.empty()) return std::nullopt;
            return EndRow{container.kind, container.loop};
        }
        if (rest.starts_with(" over ")) rest.remove_prefix(5);
        if (!rest.empty() && (rest.front() != ' ' || rest.find(' ', 1) != rest.npos)) return std::nullopt;
        return BeginRow{container.kind, container.loop, std::string(rest.empty() ? rest : rest.substr(1))};
    }
    return std::nullopt;
}

TypeCell select_row(const SelectWord& word, std::string_view rest) {
    SelectRow row{word.type, word.from, std::string(word.word), "", false};
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    for (const std::string_view other : {" or specify other", " or_other", " or other"})
        if (rest.ends_with(other)) {
            row.or_other = true;
            rest.remove_suffix(other.size());
            break;
        }
    const std::string command(word.word);
    if (rest.empty())
        return RefusedRow{"The row names no choice list. Write " + command + " and the list's name."};
    if (rest.find(' ') != rest.npos)
        return RefusedRow{"There is more than a list's name after " + command + ": " + shown(rest) +
                          ". Write one name, without spaces."};
    row.list = std::string(rest);
    if (row.from == ChoicesFrom::sheet && rest.starts_with("${") && rest.ends_with("}"))
        row.from = ChoicesFrom::question;
    return row;
}

}  // namespace

TypeCell parse_type(std::string_view cell) {
    const std::string text = collapsed(cell);
    if (const PlainType* plain = find_plain_type(text)) return PlainRow{plain};
    if (text == "audit") return AuditRow{};
    if (text == "csv-external" || text == "xml-external") return ExternalRow{text.substr(0, 3)};
    if (text == "form_title" || text == "set_form_title") return SettingRow{"form_title"};
    if (text == "form_id" || text == "set_form_id") return SettingRow{"form_id"};
    if (text == "include")
        return RefusedRow{
            "Forms are not put together from several files (include). Copy the rows of the other form to "
            "here."};
    if (auto container = parse_container(text)) return std::move(*container);
    for (const SelectWord& select : select_words) {
        if (!text.starts_with(select.word)) continue;
        const std::string_view rest = std::string_view(text).substr(select.word.size());
        if (rest.empty() || rest.front() == ' ') return select_row(select, rest);
    }
    if (text.starts_with("rank") && (text.size() == 4 || text[4] == ' '))
        return select_row(rank_word, std::string_view(text).substr(4));
    if (text == "osm" || text.starts_with("osm "))
        return OsmRow{text.size() > 4 ? text.substr(4, text.find(' ', 4) - 4) : ""};
    return RefusedRow{unknown_sentence(text)};
}

}  // namespace fieldfare::schema::readers
