#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/faults.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {

/// What is done with a column.
enum class Meaning {
    known,    ///< the reader understands it
    extra,    ///< kept as it is: x_ columns, other columns of the choices
    ignored,  ///< changes nothing that is asked or recorded; a warning says so
    refused,  ///< means something that is not supported, or nothing known
};

struct Column {
    int index = 0;
    std::string header;  ///< as its author wrote it
    std::string key;     ///< XLSForm's word for it after aliases ("relevance" is relevant); extra: the header
    std::string language;  ///< "English (en)" of "label::English (en)"; "" for none
    Meaning meaning = Meaning::known;
    std::string advice;  ///< of ignored and refused: why, and what to do
};

/// A sheet with its header row understood.
struct Table {
    const Sheet* sheet = nullptr;
    std::vector<Column> columns;
    std::size_t first_row = 0;  ///< index into sheet->rows of the first row below the header

    const Column* find(std::string_view key) const;                     ///< the first with that key
    std::string_view cell(const Row& row, std::string_view key) const;  ///< "" where there is none
    std::string header(std::string_view key) const;                     ///< as written, or the key itself
};

enum class SheetKind { survey, choices, settings };

/// Understands the header row: upper and lower case, spaces for underscores, pyxform's aliases, translations
/// after "::" (or ":" where no header of the sheet has "::"). Faults: two headers for one column, columns
/// that are not supported and hold something.
Table read_table(const Sheet& sheet, SheetKind kind, Faults& faults);

}  // namespace fieldfare::schema::readers
