#include "schema/readers/survey_sheet.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"
#include "schema/readers/names.h"
#include "schema/readers/question_row.h"
#include "schema/readers/type_cell.h"
#include "schema/words.h"

namespace fieldfare::schema::readers {
namespace {

// A begin row whose end has not come yet; the first stands for the form itself.
struct Open {
    Item item;
    std::unordered_map<std::string, int> names;  // of its children: name -> row
};

class SurveyReader {
  public:
    SurveyReader(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                 const SettingsSheet& settings, Faults& faults)
        : table_(table), settings_(settings), faults_(faults), questions_(table, languages, lists, faults) {}

    std::vector<Item> read() {
        const std::string& sheet = table_.name();
        const int header = table_.header_row();
        for (std::string_view needed : {"type", "name"})
            if (!table_.find(needed))
                faults_.error(
                    sheet, header, needed,
                    "The sheet has no column " + std::string(needed) + ". Add it to the header row.");
        if (!table_.find("type") || !table_.find("name")) return {};
        open_.emplace_back();
        for (const Row& row : table_.rows()) read_row(row);
        while (open_.size() > 1) {
            const Item& item = open_.back().item;
            const std::string word(word_of(item.kind));
            faults_.error(sheet, item.row, table_.header("type"),
                          "The begin_" + word + " " + shown(item.name) + " is never closed. Add a row end_" +
                              word + " after its last question.");
            close();
        }
        if (open_.front().item.children.empty() && !faults_.any_error())
            faults_.error(sheet, 0, "", "The sheet holds no questions. Write them below the header row.");
        return std::move(open_.front().item.children);
    }

  private:
    void error(const Row& row, std::string_view key, std::string message) {
        faults_.error(table_.name(), row.number, table_.header(key), std::move(message));
    }

    void read_row(const Row& row) {
        if (const auto cell = table_.cell(row, "disabled"); !cell.empty()) {
            const auto disabled = parse_yes_no(cell);
            if (!disabled) error(row, "disabled", "Write yes or no here, not " + shown(cell) + ".");
            if (disabled.value_or(false)) return;
        }
        const auto type = table_.cell(row, "type");
        if (type.empty()) {
            read_row_without_type(row);
            return;
        }
        const TypeCell parsed = parse_type(type);
        if (const auto* question = std::get_if<QuestionRow>(&parsed)) {
            Item item = questions_.read(row, ItemKind::question, *question);
            if (check_name(row, item)) open_.back().item.children.push_back(std::move(item));
        } else if (const auto* begin = std::get_if<BeginRow>(&parsed)) {
            Item item = questions_.read(row, begin->kind, {});
            check_name(row, item);
            if (open_.size() == deepest_group + 1)
                error(row, "type",
                      "Groups stand in groups more than " + std::to_string(deepest_group) +
                          " deep here. Bring the form into a flatter shape.");
            open_.push_back({std::move(item), {}});
        } else if (const auto* end = std::get_if<EndRow>(&parsed)) {
            read_end(row, end->kind);
        } else if (const auto* metadata = std::get_if<MetadataRow>(&parsed)) {
            refuse_metadata(row, metadata->word);
        } else {
            error(row, "type", std::get<RefusedRow>(parsed).sentence);
            remember_name(row);
        }
    }

    // As pyxform: a row that says nothing that would be asked is a remark, another lacks its type.
    void read_row_without_type(const Row& row) {
        const bool named = !table_.cell(row, "name").empty();
        bool labelled = false, anything = false;
        for (const Cell& cell : row.cells) {
            const Column* column = table_.at(cell.column);
            labelled |= column && column->key == "label";
            anything |= column && column->meaning == Meaning::known;
        }
        if (named || labelled) {
            error(row, "type", "The row has no type. Write one, e.g. text or note, or clear the row.");
            remember_name(row);
            return;
        }
        if (anything)
            faults_.warning(table_.name(), row.number, table_.header("type"),
                            "The row has neither type nor name nor label, so it is not read.");
    }

    void read_end(const Row& row, ItemKind kind) {
        const std::string word(word_of(kind));
        if (open_.size() == 1) {
            error(row, "type",
                  "This end_" + word +
                      " closes nothing: every begin row above it is closed already. Remove it, or add "
                      "the begin_" +
                      word + " that it belongs to.");
            return;
        }
        const Item& begun = open_.back().item;
        const std::string begun_word(word_of(begun.kind));
        const std::string name = collapsed(table_.cell(row, "name"));
        if (begun.kind != kind) {
            error(row, "type",
                  "This end_" + word + " meets the begin_" + begun_word + " " + shown(begun.name) +
                      " of row " + std::to_string(begun.row) + ". Write end_" + begun_word +
                      ", or close that one first.");
        } else if (!name.empty() && name != begun.name) {
            // pyxform does not look at this name; yet it often shows a begin row that stands wrong.
            faults_.warning(table_.name(), row.number, table_.header("name"),
                            "This end_" + word + " names " + shown(name) + " but closes " +
                                shown(begun.name) + " of row " + std::to_string(begun.row) +
                                ". Correct or clear the name, or close that one first.");
        }
        close();
    }

    void close() {
        Item item = std::move(open_.back().item);
        open_.pop_back();
        if (open_.size() <= deepest_group + 1) open_.back().item.children.push_back(std::move(item));
    }

    void refuse_metadata(const Row& row, const std::string& word) {
        const auto& forbidden = settings_.forbidden_metadata;
        const std::string first = lower(word.substr(0, word.find(' ')));
        const bool by_settings = std::find(forbidden.begin(), forbidden.end(), first) != forbidden.end();
        error(row, "type",
              by_settings
                  ? "The settings forbid " + shown(word) +
                        " (x_forbid_metadata): it could tell who answered, when or where. Remove the row."
                  : "Fieldfare never records " + shown(word) +
                        ": it could tell who answered, when or where. Remove the row.");
        remember_name(row);
    }

    // A refused row still takes its name, so that one fault does not bring others after it.
    void remember_name(const Row& row) {
        open_.back().names.emplace(collapsed(table_.cell(row, "name")), row.number);
    }

    bool check_name(const Row& row, const Item& item) {
        if (item.name.empty()) {
            error(row, "name",
                  "The " + std::string(word_of(item.kind)) +
                      " has no name. Give it a short one without spaces.");
            return false;
        }
        if (!is_name(item.name)) {
            error(row, "name", "The name " + shown(item.name) + " is not valid. " + std::string(name_rule));
            return false;
        }
        if (item.name.size() > 250) {
            error(row, "name", "The name is longer than 250 bytes. Shorten it.");
            return false;
        }
        if (open_.size() == 1 && lower(item.name) == "meta") {
            error(row, "name", "The name 'meta' is reserved by XForms. Choose another.");
            return false;
        }
        const auto [sibling, first_here] = open_.back().names.emplace(item.name, row.number);
        if (!first_here) {
            error(row, "name",
                  "The name " + shown(item.name) + " stands in row " + std::to_string(sibling->second) +
                      " already. Give each question, group and repeat its own.");
            return false;
        }
        const auto [other, first] = everywhere_.emplace(item.name, std::pair(row.number, item.kind));
        if (first) return true;
        const bool repeat = item.kind == ItemKind::repeat || other->second.second == ItemKind::repeat;
        if (repeat) {
            error(row, "name",
                  "The name " + shown(item.name) + " stands in row " + std::to_string(other->second.first) +
                      " already. The name of a repeat must be the only one of its kind in the form.");
            return false;
        }
        faults_.warning(table_.name(), row.number, table_.header("name"),
                        "The name " + shown(item.name) + " stands in row " +
                            std::to_string(other->second.first) +
                            " too, in another group: no expression can name either of them.");
        return true;
    }

    const Table& table_;
    const SettingsSheet& settings_;
    Faults& faults_;
    QuestionReader questions_;
    std::vector<Open> open_;
    std::unordered_map<std::string, std::pair<int, ItemKind>> everywhere_;
};

}  // namespace

std::vector<Item> read_survey(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                              const SettingsSheet& settings, Faults& faults) {
    if (table.sheet().rows.empty()) {
        faults.error(table.name(), 0, "",
                     "The sheet is empty. Its first row names the columns: type, name, label.");
        return {};
    }
    return SurveyReader(table, languages, lists, settings, faults).read();
}

}  // namespace fieldfare::schema::readers
