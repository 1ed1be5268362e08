#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schema/form.h"
#include "schema/readers/faults.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {

/// What is done with a column.
enum class Meaning {
    known,      ///< the reader understands it
    attribute,  ///< bind::, body:: or instance:: and a name: kept for the XForm
    setting,    ///< of the settings: only ODK's tools read it, kept for the XForm
    extra,      ///< kept as it is: x_ columns, other columns of the choices
    ignored,    ///< changes nothing that is asked or recorded; a warning says so
    unknown,    ///< nobody knows it; a warning says so
    refused,    ///< can't be meant so; an error says so
};

struct Column {
    int index = 0;
    std::string header;  ///< as its author wrote it
    std::string key;     ///< XLSForm's word for it after aliases ("relevance" is relevant); extra: the header
    std::string language;  ///< "English (en)" of "label::English (en)"; "" for none
    Meaning meaning = Meaning::known;
    std::string advice;  ///< of ignored, unknown and refused: why, and what to do
    std::string name;    ///< of an attribute, whose key is bind, control, instance or attribute
    bool near = false;   ///< of unknown: so like a known one that it was probably meant
};

/// A sheet with its header row understood. What looks through a sheet walks over its cells, never over rows
/// times columns: a hostile sheet has a million of the one and thousands of the other.
class Table {
  public:
    explicit Table(const Sheet& sheet) : sheet_(&sheet) {}

    void add(Column column);

    const Sheet& sheet() const { return *sheet_; }
    const std::string& name() const { return sheet_->name; }
    int header_row() const { return sheet_->rows.empty() ? 0 : sheet_->rows.front().number; }
    std::span<const Row> rows() const;  ///< those below the header

    const std::vector<Column>& columns() const { return columns_; }
    const Column* at(int index) const;  ///< the column that stands there, or nullptr
    std::span<const std::size_t> all(
        std::string_view key) const;                 ///< indexes of the known columns with that key
    const Column* find(std::string_view key) const;  ///< the first of them, or nullptr
    std::string_view cell(const Row& row, std::string_view key) const;  ///< "" where there is none
    std::string header(std::string_view key) const;                     ///< as written, or the key itself

    /// The x_ and other columns that are kept as they are, by key.
    std::map<std::string, std::string> extras(const Row& row) const;

    /// The attributes of a row under "bind", "control", "instance" or "attribute", in the order of the
    /// columns.
    std::vector<Attribute> attributes(const Row& row, std::string_view key) const;

  private:
    const Sheet* sheet_;
    std::vector<Column> columns_;
    std::map<std::string, std::vector<std::size_t>, std::less<>> known_;
    std::vector<int> by_index_;  // -1: no header there
};

enum class SheetKind { survey, choices, external_choices, settings, entities };

/// Understands the header row: upper and lower case, spaces for underscores, pyxform's aliases, translations
/// after "::" (or ":" where no header of the sheet has "::"). Faults: two headers for one column, columns
/// that can't be meant so and hold something; warnings for those that are not read.
Table read_table(const Sheet& sheet, SheetKind kind, Faults& faults);

}  // namespace fieldfare::schema::readers
