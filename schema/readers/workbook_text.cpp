#include <string>
#include <vector>

#include "schema/readers/cell_text.h"
#include "schema/readers/separated_fields.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {
namespace {

// Puts rows into the sheets that their first cells begin.
class SheetGatherer {
  public:
    explicit SheetGatherer(Faults& faults) : faults_(faults) {}

    /// False when there are too many rows.
    bool take(const std::vector<std::string>& row) {
        if (const std::string name = row.empty() ? "" : trimmed(row.front()); !name.empty()) begin(name);
        if (!known_) return true;
        Row out{next_, {}};
        CellTaker taker(faults_, workbook_.sheets[current_].name);
        for (std::size_t i = 1; i < row.size() && i <= limits::columns; ++i)
            taker.take(out, static_cast<int>(i) - 1, row[i]);
        cells_ += out.cells.size();
        if (out.cells.empty()) return true;
        if (next_++ > limits::rows || cells_ > limits::cells) {
            faults_.error(workbook_.sheets[current_].name, next_, "",
                          "The sheet has more than 1,000,000 rows or 5,000,000 cells. Shorten it.");
            return false;
        }
        workbook_.sheets[current_].rows.push_back(std::move(out));
        return true;
    }

    Workbook finish() { return std::move(workbook_); }

  private:
    void begin(const std::string& name) {
        known_ = is_form_sheet(lower(name));
        if (!known_) {
            if (workbook_.other_sheets.size() < 1000) workbook_.other_sheets.push_back(name);
            return;
        }
        next_ = 1;
        for (std::size_t i = 0; i < workbook_.sheets.size(); ++i)
            if (lower(workbook_.sheets[i].name) == lower(name)) {
                // A sheet goes on further down; its header comes again there.
                faults_.error(name, 0, "",
                              "There are two sheets of this name. Rename or remove one of them.");
                known_ = false;
                return;
            }
        current_ = workbook_.sheets.size();
        workbook_.sheets.push_back({name, {}});
    }

    Faults& faults_;
    Workbook workbook_;
    std::size_t current_ = 0, cells_ = 0;
    int next_ = 1;
    bool known_ = false;
};

std::string_view without_space(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

// The cells of a table's line; none for another line, and for the one of dashes below a header.
std::vector<std::string> cells_of(std::string_view line) {
    line = without_space(line);
    if (line.starts_with('#')) return {};
    // A remark stands behind the last bar.
    if (const std::size_t bar = line.rfind('|'); bar != line.npos && line.find('#', bar) != line.npos)
        line = line.substr(0, bar + 1);
    if (line.size() < 2 || line.front() != '|' || line.back() != '|') return {};
    line = line.substr(1, line.size() - 2);
    if (line.find_first_not_of("|- :") == line.npos && line.find('-') != line.npos) return {};
    std::vector<std::string> cells(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|')
            cells.back() += line[++i];
        else if (line[i] == '|')
            cells.emplace_back();
        else
            cells.back() += line[i];
    }
    return cells;
}

}  // namespace

std::optional<Workbook> read_lone_csv(std::string_view bytes, Faults& faults) {
    SheetGatherer sheets(faults);
    SeparatedFields fields(bytes, ',');
    std::vector<std::string> row;
    while (const auto field = fields.next()) {
        if (field->fault == SeparatedFields::Fault::never_closed) {
            faults.error("", 0, "",
                         "A cell begins with a double quote that is never closed. Close it, or double it "
                         "(\"\"\") if it "
                         "belongs to the text.");
            return std::nullopt;
        }
        if (row.size() <= limits::columns) row.emplace_back(field->text);
        if (!field->ends_row) continue;
        if (!sheets.take(row)) return std::nullopt;
        row.clear();
    }
    if (!row.empty() && !sheets.take(row)) return std::nullopt;
    return sheets.finish();
}

std::optional<Workbook> read_markdown(std::string_view bytes, Faults& faults) {
    SheetGatherer sheets(faults);
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        const std::vector<std::string> cells = cells_of(bytes.substr(0, end));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        if (!cells.empty() && !sheets.take(cells)) return std::nullopt;
    }
    return sheets.finish();
}

}  // namespace fieldfare::schema::readers
