#include <fstream>

#include "schema/readers/separated_fields.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {
namespace {

// A spreadsheet in a country with a decimal comma writes .csv with semicolons.
char separator_of(std::string_view bytes) {
    const std::string_view header = bytes.substr(0, bytes.find_first_of("\r\n"));
    const bool semicolons = header.find(';') != header.npos && header.find(',') == header.npos;
    return semicolons ? ';' : ',';
}

class SeparatedReader {
  public:
    SeparatedReader(std::string_view bytes, char separator, std::string_view name, Faults& faults)
        : fields_(bytes, separator), name_(name), faults_(faults), taker_(faults, std::string(name)) {}

    Sheet read() {
        Sheet sheet{std::string(name_), {}};
        Row row{1, {}};
        int column = 0;
        while (const auto field = fields_.next()) {
            if (row.number > limits::rows) {
                faults_.error(name_, row.number, "", "The sheet has more than 1,000,000 rows. Shorten it.");
                break;
            }
            if (column >= limits::columns) {
                faults_.error(name_, row.number, "",
                              "The row has more than 16,384 columns. Remove the empty ones.");
                break;
            }
            tell(field->fault, row.number, column);
            if (field->fault == SeparatedFields::Fault::never_closed) break;
            taker_.take(row, column++, field->text);
            if (!field->ends_row) continue;
            const int number = row.number;
            if (!row.cells.empty()) sheet.rows.push_back(std::move(row));
            row = {number + 1, {}};
            column = 0;
            if (taker_.full()) break;
        }
        return sheet;
    }

  private:
    void tell(SeparatedFields::Fault fault, int row, int column) {
        switch (fault) {
            case SeparatedFields::Fault::none:
                return;
            case SeparatedFields::Fault::never_closed:
                return faults_.error(
                    name_, row, column_letters(column),
                    "The cell begins with a double quote that is never closed. Close it, or double it "
                    "(\"\"\") if it belongs to the text.");
            case SeparatedFields::Fault::text_after_quote:
                return faults_.error(
                    name_, row, column_letters(column),
                    "There is text after the closing double quote of the cell. Write a quote inside a "
                    "quoted cell twice (\"\").");
        }
    }

    SeparatedFields fields_;
    std::string_view name_;
    Faults& faults_;
    CellTaker taker_;
};

std::optional<std::string> bytes_of(const std::filesystem::path& path, Faults& faults,
                                    std::string_view sheet) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error || !std::filesystem::is_regular_file(path, error)) {
        faults.error(sheet, 0, "", "The file of this sheet can't be read.");
        return std::nullopt;
    }
    if (size > limits::file_bytes) {
        faults.error(sheet, 0, "", "The file of this sheet is larger than 64 MiB. Shorten it.");
        return std::nullopt;
    }
    std::ifstream in(path, std::ios::binary);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!in) {
        faults.error(sheet, 0, "", "The file of this sheet can't be read.");
        return std::nullopt;
    }
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
        faults.error(sheet, 0, "", "The file of this sheet is UTF-16. Save it as UTF-8.");
        return std::nullopt;
    }
    return bytes;
}

}  // namespace

Sheet read_separated(std::string_view bytes, char separator, std::string_view name, Faults& faults) {
    return SeparatedReader(bytes, separator, name, faults).read();
}

std::optional<Workbook> read_sheet_folder(const std::filesystem::path& folder, Faults& faults) {
    Workbook workbook;
    bool readable = true;
    for (std::string_view name : {"survey", "choices", "settings", "external_choices", "entities"}) {
        std::error_code error;
        const auto csv = folder / (std::string(name) + ".csv");
        const auto tsv = folder / (std::string(name) + ".tsv");
        const bool has_csv = std::filesystem::exists(csv, error);
        const bool has_tsv = std::filesystem::exists(tsv, error);
        if (has_csv && has_tsv) {
            faults.error(
                name, 0, "",
                "The folder holds this sheet as .csv and as .tsv. Remove the one that is not meant.");
            readable = false;
        } else if (has_csv || has_tsv) {
            const auto bytes = bytes_of(has_csv ? csv : tsv, faults, name);
            if (!bytes) {
                readable = false;
                continue;
            }
            workbook.sheets.push_back(
                read_separated(*bytes, has_csv ? separator_of(*bytes) : '\t', name, faults));
        }
    }
    if (!readable) return std::nullopt;
    return workbook;
}

}  // namespace fieldfare::schema::readers
