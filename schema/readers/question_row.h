#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/form.h"
#include "schema/readers/columns.h"
#include "schema/readers/languages.h"
#include "schema/readers/type_cell.h"

namespace fieldfare::schema::readers {

/// Turns the cells of one survey row into an Item: everything but its name's uniqueness and its children.
class QuestionReader {
  public:
    QuestionReader(const Table& table, Languages& languages, const std::vector<ChoiceList>& lists,
                   Faults& faults);

    Item read(const Row& row, ItemKind kind, const QuestionRow& type);

  private:
    void error(const Row& row, std::string_view key, std::string message);
    void warning(const Row& row, std::string_view key, std::string message);
    bool yes_no(const Row& row, std::string_view key);
    void read_extras(const Row& row, Item& item);
    void read_parameters(const Row& row, Item& item);
    void read_fill(const Row& row, Item& item);
    void check_select(const Row& row, const Item& item);
    std::string nearest_list(std::string_view wanted);
    void check_appearance(const Row& row, const Item& item);
    void check_label(const Row& row, const Item& item);
    void tell_without_effect(const Row& row, const Item& item);

    const Table& table_;
    Languages& languages_;
    Faults& faults_;
    std::unordered_map<std::string, const Choice*>
        lists_;  ///< list -> its first choice with a space in its name
    int searches_ = 0;
};

}  // namespace fieldfare::schema::readers
