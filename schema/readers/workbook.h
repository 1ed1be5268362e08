#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/readers/faults.h"

namespace fieldfare::schema::readers {

// What every source of a form is turned into before anything is made of it: named sheets, their rows with the
// numbers that a spreadsheet shows, cells as trimmed UTF-8 text. Blank cells and blank rows are not kept, so
// that a sheet formatted down to its last row and column costs nothing.

struct Cell {
    int column = 0;  ///< 0 is A
    std::string text;
};

struct Row {
    int number = 0;           ///< 1 is the first
    std::vector<Cell> cells;  ///< by column, ascending; none is blank

    std::string_view at(int column) const;  ///< "" where there is nothing
};

struct Sheet {
    std::string name;  ///< as its author wrote it
    std::vector<Row> rows;
};

struct Workbook {
    std::vector<Sheet> sheets;              ///< those that an XLSForm may hold; a lone sheet is the survey
    std::vector<std::string> other_sheets;  ///< names of the others, whose rows were not read

    const Sheet* find(std::string_view lower_name) const;
};

/// The bounds of every source. What is over them is refused before its memory is taken.
namespace limits {
inline constexpr std::uint64_t file_bytes = 64ull << 20;
inline constexpr std::uint64_t unpacked_bytes = 256ull << 20;
inline constexpr int rows = 1'000'000;
inline constexpr int columns = 16'384;
inline constexpr std::size_t cell_bytes = 128u << 10;  // a spreadsheet's own limit is 32,767 characters
inline constexpr std::size_t cells = 5'000'000;        // that are not blank, over all sheets
inline constexpr std::size_t text_bytes = 128u << 20;  // in one sheet: shared strings may be named many times
inline constexpr std::size_t row_bytes = 8u << 20;     // of XML, so that one row's tree stays small
}  // namespace limits

/// True for the sheets that mean something in an XLSForm, also those that are refused later.
bool is_form_sheet(std::string_view lower_name);

/// Adds a cell's text to a row unless it is blank. Faults: text that is not UTF-8 or too long, too many
/// cells.
class CellTaker {
  public:
    CellTaker(Faults& faults, std::string sheet) : faults_(faults), sheet_(std::move(sheet)) {}
    void take(Row& row, int column, std::string_view text);
    bool full() const { return full_; }

  private:
    Faults& faults_;
    std::string sheet_;
    std::size_t taken_ = 0, bytes_ = 0;
    bool full_ = false;
};

/// "A", "Z", "AA": what a spreadsheet calls a column.
std::string column_letters(int column);

/// What a form's place calls its file: "form.xlsx", or the folder's name, without the way to it.
std::string file_name_of(const std::filesystem::path& path);

/// Reads an .xlsx, .xlsm, .xls, .csv or .md file, or a folder with survey, choices, settings as .csv or .tsv.
/// Nothing, with the reason in `faults`, when it can't be read at all; single bad cells are faults of a
/// workbook.
std::optional<Workbook> read_workbook(const std::filesystem::path& path, Faults& faults);

// The sources, by the kind of the bytes. Each adds its faults.
std::optional<Workbook> read_xlsx(const std::filesystem::path& path, Faults& faults);
std::optional<Workbook> read_xls(const std::filesystem::path& path, Faults& faults);
std::optional<Workbook> read_sheet_folder(const std::filesystem::path& folder, Faults& faults);

/// Text with fields between separators (RFC 4180): a field that begins with a double quote ends with one,
/// and holds separators, newlines and doubled quotes; quotes elsewhere are ordinary characters.
Sheet read_separated(std::string_view bytes, char separator, std::string_view name, Faults& faults);

/// All sheets in one text: a first column that is not blank begins the sheet of that name, whose header is
/// the next row. Rows are counted within their sheet, without blank ones.
std::optional<Workbook> read_lone_csv(std::string_view bytes, Faults& faults);

/// The same as Markdown tables: "| survey | | |", "| | type | name |". Lines that are no table's are passed
/// over, as is what stands behind a "#" at the end of a line; "\\|" is a bar inside a cell.
std::optional<Workbook> read_markdown(std::string_view bytes, Faults& faults);

/// As pyxform, rows stop at 60 blank ones and columns at 20: what was written far off is no part of the form.
/// Warns of what is left out.
void cut_at_blank_run(Sheet& sheet, Faults& faults);

}  // namespace fieldfare::schema::readers
