#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"
#include "schema/readers/languages.h"
#include "schema/readers/parameters.h"
#include "schema/readers/type_cell.h"

namespace fieldfare::schema::readers {

/// Turns the cells of one survey row into an Item: everything but its name's uniqueness, its children, and
/// what needs other rows.
class QuestionReader {
  public:
    /// `lists` may grow while rows are read (or_other), but loses none.
    QuestionReader(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                   Faults& faults);

    Item read(const Row& row, const PlainRow& type);
    Item read(const Row& row, const SelectRow& type);
    Item read(const Row& row, const OsmRow& type);
    Item read(const Row& row, const BeginRow& type);
    Item read_audit(const Row& row);

    /// The list of that name, nullptr when there is none.
    const ChoiceList* list(std::string_view name) const;
    /// " Is it meant to be …?", or "" when no list is near.
    std::string nearest_list(std::string_view wanted);

    void error(const Row& row, std::string_view key, std::string message);
    void warning(const Row& row, std::string_view key, std::string message);

  private:
    struct Spaced {
        std::string name;
        int row = 0;
    };

    Item read_cells(const Row& row, ItemKind kind, QuestionType type);
    void finish(const Row& row, Item& item);
    bool yes_no(const Row& row, std::string_view key);
    void read_media(const Row& row, Item& item);
    void read_attributes(const Row& row, Item& item);
    void read_extras(const Row& row, Item& item);
    void read_fill(const Row& row, Item& item);
    void read_plain_parameters(const Row& row, const PlainRow& type, Item& item);
    void read_select_parameters(const Row& row, const SelectRow& type, Item& item);
    void take_choices(const Row& row, const SelectRow& type, Item& item);
    void take_file(const Row& row, const SelectRow& type, Item& item);
    void check_select_list(const Row& row, const Item& item);
    void check_brackets(const Row& row, const Item& item);
    void check_label(const Row& row, const Item& item);
    void tell_without_effect(const Row& row, const Item& item);
    Parameters parameters(const Row& row);

    const Table& table_;
    Languages& languages_;
    const std::vector<ChoiceList>& lists_;
    Faults& faults_;
    std::unordered_map<std::string, std::size_t> index_;  // of lists_, by name
    std::unordered_map<std::string, Spaced> spaced_;      // list -> its first choice with a space
    int searches_ = 0;
};

/// Where a select's file is found: "jr://file-csv/cities.csv", "jr://file/cities.xml".
std::string external_source(std::string_view file);

/// "cities" of "cities.csv".
std::string file_stem(std::string_view file);

}  // namespace fieldfare::schema::readers
