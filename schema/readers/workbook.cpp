#include "schema/readers/workbook.h"

#include <algorithm>
#include <array>

#include "schema/readers/cell_text.h"

namespace fieldfare::schema::readers {

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
    if (extension == ".csv" || extension == ".tsv") {
        faults.error("", 0, "",
                     "A form needs three sheets. Give the folder that holds survey" + extension +
                         ", choices" + extension + " and settings" + extension + ".");
        return std::nullopt;
    }
    return read_xlsx(path, faults);
}

}  // namespace fieldfare::schema::readers
