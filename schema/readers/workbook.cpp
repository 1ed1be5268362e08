#include "schema/readers/workbook.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {
namespace {

std::optional<std::string> bytes_of(const std::filesystem::path& path, Faults& faults) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (in.bad() || bytes.size() > limits::file_bytes) {
        faults.error("", 0, "", "The file can't be read.");
        return std::nullopt;
    }
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
        faults.error("", 0, "", "The file is UTF-16. Save it as UTF-8.");
        return std::nullopt;
    }
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
    return bytes;
}

// The container of the old kind; an .xlsx with a password comes in one, too.
bool is_old_workbook(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    char head[8] = {};
    in.read(head, sizeof head);
    return in && std::string_view(head, 4) == "\xD0\xCF\x11\xE0";
}

}  // namespace

std::string_view Row::at(int column) const {
    auto found = std::lower_bound(cells.begin(), cells.end(), column,
                                  [](const Cell& cell, int wanted) { return cell.column < wanted; });
    return found != cells.end() && found->column == column ? std::string_view(found->text)
                                                           : std::string_view();
}

const Sheet* Workbook::find(std::string_view lower_name) const {
    for (const Sheet& sheet : sheets)
        if (lower(trimmed(sheet.name)) == lower_name) return &sheet;
    return nullptr;
}

bool is_form_sheet(std::string_view lower_name) {
    constexpr std::array<std::string_view, 6> names = {"survey",           "choices",  "settings",
                                                       "external_choices", "entities", "osm"};
    return std::find(names.begin(), names.end(), lower_name) != names.end();
}

void CellTaker::take(Row& row, int column, std::string_view text) {
    if (text.empty() || full()) return;
    if (text.size() > limits::cell_bytes) {
        faults_.error(sheet_, row.number, column_letters(column),
                      "The cell holds more than " + std::to_string(limits::cell_bytes / 1024) +
                          " KiB of text. Shorten it.");
        return;
    }
    if (!is_clean_utf8(text)) {
        faults_.error(
            sheet_, row.number, column_letters(column),
            "The text is not UTF-8, or holds control characters. Save the file as UTF-8 and type the "
            "cell again.");
        return;
    }
    std::string kept = trimmed(text);
    if (kept.empty()) return;
    bytes_ += kept.size();
    if (++taken_ > limits::cells || bytes_ > limits::text_bytes) {
        full_ = true;
        faults_.error(
            sheet_, row.number, column_letters(column),
            "The sheet holds more than 5,000,000 cells or 128 MiB of text, which no form needs. Remove "
            "what does not belong to the form.");
        return;
    }
    row.cells.push_back({column, std::move(kept)});
}

std::string column_letters(int column) {
    std::string letters;
    for (int left = column + 1; left > 0; left = (left - 1) / 26)
        letters.insert(letters.begin(), static_cast<char>('A' + (left - 1) % 26));
    return letters;
}

std::string file_name_of(const std::filesystem::path& path) {
    const auto name = path.filename();
    if (!name.empty() && name != "." && name != "..") return name.string();
    std::error_code error;
    return std::filesystem::weakly_canonical(path, error).filename().string();
}

void cut_at_blank_run(Sheet& sheet, Faults& faults) {
    constexpr int most_blank_rows = 60, most_blank_columns = 20;
    if (sheet.rows.empty() || sheet.rows.front().number != 1) return;
    int before = 1;
    for (std::size_t i = 1; i < sheet.rows.size(); ++i) {
        const int number = sheet.rows[i].number;
        if (number - before - 1 > most_blank_rows) {
            faults.warning(
                sheet.name, number, "",
                "More than 60 blank rows stand above this one, so it and all below are not read. Delete "
                "the blank rows.");
            sheet.rows.resize(i);
            break;
        }
        before = number;
    }
    auto& header = sheet.rows.front().cells;
    before = -1;
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (header[i].column - before - 1 > most_blank_columns) {
            faults.warning(
                sheet.name, 1, column_letters(header[i].column),
                "More than 20 blank headers stand before this one, so it and those after it are not read. "
                "Delete the blank columns.");
            header.resize(i);
            break;
        }
        before = header[i].column;
    }
}

std::optional<Workbook> read_workbook(const std::filesystem::path& path, Faults& faults) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::exists(status)) {
        faults.error("", 0, "", "There is no such file or folder.");
        return std::nullopt;
    }
    if (std::filesystem::is_directory(status)) return read_sheet_folder(path, faults);
    if (!std::filesystem::is_regular_file(status)) {
        faults.error("", 0, "",
                     "This is neither a file nor a folder. Give an .xlsx file or a folder of sheets.");
        return std::nullopt;
    }
    const auto size = std::filesystem::file_size(path, error);
    if (error) {
        faults.error("", 0, "", "The file can't be read: " + error.message() + ".");
        return std::nullopt;
    }
    if (size > limits::file_bytes) {
        faults.error("", 0, "",
                     "The file is larger than 64 MiB. Remove pictures and what else is not the form.");
        return std::nullopt;
    }
    const std::string extension = lower(path.extension().string());
    if (extension == ".csv" || extension == ".md") {
        const auto bytes = bytes_of(path, faults);
        if (!bytes) return std::nullopt;
        return extension == ".md" ? read_markdown(*bytes, faults) : read_lone_csv(*bytes, faults);
    }
    if (extension == ".tsv") {
        faults.error("", 0, "",
                     "A form needs three sheets. Give the folder that holds survey.tsv, choices.tsv and "
                     "settings.tsv.");
        return std::nullopt;
    }
    auto workbook =
        extension == ".xls" && is_old_workbook(path) ? read_xls(path, faults) : read_xlsx(path, faults);
    if (workbook)
        for (Sheet& sheet : workbook->sheets) cut_at_blank_run(sheet, faults);
    return workbook;
}

}  // namespace fieldfare::schema::readers
