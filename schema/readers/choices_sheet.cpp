#include "schema/readers/choices_sheet.h"

#include <map>
#include <unordered_map>

#include "schema/readers/cell_text.h"
#include "schema/readers/cells.h"

namespace fieldfare::schema::readers {
namespace {

class ChoicesReader {
  public:
    ChoicesReader(const Table& table, Languages& languages, ChoiceDuplicates duplicates, Faults& faults)
        : table_(table), languages_(languages), duplicates_(duplicates), faults_(faults) {}

    std::vector<ChoiceList> read() {
        const std::string& sheet = table_.name();
        const int header = table_.header_row();
        if (table_.rows().empty()) return {};
        if (!table_.find("name"))
            faults_.error(sheet, header, "name", "The sheet has no column name. Add it to the header row.");
        if (!table_.find("list_name"))
            faults_.warning(
                sheet, header, "list_name",
                "The sheet has no column list_name, so no choice belongs to a list. Add it to the header "
                "row.");
        if (!table_.find("list_name") || !table_.find("name")) return {};
        for (const Row& row : table_.rows()) read_row(row);
        return std::move(lists_);
    }

  private:
    struct Seen {
        std::unordered_map<std::string, int> names;  // name -> row
        std::unordered_map<int, int> codes;          // code -> row
    };

    void error(const Row& row, std::string_view key, std::string message) {
        faults_.error(table_.name(), row.number, table_.header(key), std::move(message));
    }

    void warning(const Row& row, std::string_view key, std::string message) {
        faults_.warning(table_.name(), row.number, table_.header(key), std::move(message));
    }

    void read_row(const Row& row) {
        const std::string list = collapsed(table_.cell(row, "list_name"));
        if (list.empty()) {
            warning(
                row, "list_name",
                "The choice belongs to no list, so it is not read. Write the list's name, or clear the row.");
            return;
        }
        if (list.find(' ') != list.npos)
            warning(row, "list_name",
                    "The list's name " + shown(list) +
                        " holds spaces, so no question can name it. Use underscores.");
        const auto [place, fresh] = index_.emplace(list, lists_.size());
        if (fresh) {
            lists_.push_back({list, {}});
            seen_.emplace_back();
        }
        Choice choice;
        choice.row = row.number;
        choice.name = collapsed(table_.cell(row, "name"));
        choice.label = languages_.text(table_, row, "label");
        read_extras(row, seen_[place->second], choice);
        if (choice.name.empty()) {
            error(row, "name", "The choice has no name. Give it one, or clear the row.");
            return;
        }
        for (const char* form : {"image", "big-image", "audio", "video"})
            if (Text text = languages_.text(table_, row, "media::" + std::string(form)); !text.empty())
                choice.media[form] = std::move(text);
        if (choice.label.empty() && choice.media.empty())
            faults_.warning(table_.name(), row.number, table_.header("label"),
                            "The choice has no label in any language: its name " + shown(choice.name) +
                                " is shown instead.");
        const auto [other, first] = seen_[place->second].names.emplace(choice.name, row.number);
        if (!first && duplicates_ == ChoiceDuplicates::refused) {
            error(row, "name",
                  "The list " + shown(list) + " has the choice " + shown(choice.name) + " already, in row " +
                      std::to_string(other->second) +
                      ". Rename one of them, or write allow_choice_duplicates = yes on the settings sheet if "
                      "it is "
                      "meant.");
            return;
        }
        lists_[place->second].choices.push_back(std::move(choice));
    }

    void read_extras(const Row& row, Seen& seen, Choice& choice) {
        if (const auto cell = table_.cell(row, "code"); !cell.empty()) read_code(row, cell, seen, choice);
        choice.pin = yes_no(row, "pin", choice);
        choice.exclusive = yes_no(row, "exclusive", choice);
        for (auto& [key, text] : table_.extras(row)) choice.columns[key] = plain(text);
    }

    // Other tools know no codes: a column of that name may hold anything there, and choice_filter may use it.
    void keep_as_column(const Row& row, std::string_view key, Choice& choice, std::string message) {
        faults_.not_for_studies(table_.name(), row.number, table_.header(key), std::move(message));
        choice.columns[std::string(key)] = plain(table_.cell(row, key));
    }

    void read_code(const Row& row, std::string_view cell, Seen& seen, Choice& choice) {
        const auto code = parse_whole_number(cell);
        if (!code) {
            keep_as_column(
                row, "code", choice,
                "A code is a whole number; " + shown(cell) + " is none. Write one, or clear the cell.");
            return;
        }
        if (*code >= -96 && *code <= -91) {
            keep_as_column(
                row, "code", choice,
                "The codes -91 to -96 are set by the program, never by an answer. For an answer use -97 (not "
                "applicable), -98 (don't know), -99 (refused), or a code that is not negative.");
            return;
        }
        const auto [other, first] = seen.codes.emplace(*code, row.number);
        // Choices of one name, where they are allowed, are one answer and share its code.
        const bool same =
            !first && duplicates_ == ChoiceDuplicates::allowed && seen.names.contains(choice.name);
        if (!first && !same) {
            keep_as_column(row, "code", choice,
                           "The code " + std::to_string(*code) + " stands in row " +
                               std::to_string(other->second) +
                               " of the same list already. Each choice of a list needs a code of its own.");
            return;
        }
        choice.code = code;
    }

    bool yes_no(const Row& row, std::string_view key, Choice& choice) {
        const auto cell = table_.cell(row, key);
        if (cell.empty()) return false;
        const auto value = parse_yes_no(cell);
        if (!value) keep_as_column(row, key, choice, "Write yes or no here, not " + shown(cell) + ".");
        return value.value_or(false);
    }

    const Table& table_;
    Languages& languages_;
    ChoiceDuplicates duplicates_;
    Faults& faults_;
    std::vector<ChoiceList> lists_;
    std::vector<Seen> seen_;  // of lists_, by index
    std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace

std::vector<ChoiceList> read_choices(const Table& table, Languages& languages, ChoiceDuplicates duplicates,
                                     Faults& faults) {
    if (table.sheet().rows.empty()) return {};
    return ChoicesReader(table, languages, duplicates, faults).read();
}

}  // namespace fieldfare::schema::readers
