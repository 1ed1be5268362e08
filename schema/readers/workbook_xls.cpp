#include <freexl.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "schema/readers/cell_text.h"
#include "schema/readers/child_process.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xlsx_value.h"

namespace fieldfare::schema::readers {
namespace {

// What the child puts out: records of a kind, a row, a column and a text. All of it is checked again.
enum class Kind : std::uint32_t { sheet = 1, cell = 2, refusal = 3, end = 4 };
struct Record {
    std::uint32_t kind = 0, row = 0, column = 0, length = 0;
};

void put(const Output& output, Kind kind, std::uint32_t row, std::uint32_t column, std::string_view text) {
    const Record record{static_cast<std::uint32_t>(kind), row, column,
                        static_cast<std::uint32_t>(text.size())};
    std::array<char, sizeof(Record)> bytes;
    std::memcpy(bytes.data(), &record, sizeof record);
    output(std::string_view(bytes.data(), bytes.size()));
    output(text);
}

std::string text_of(const FreeXL_CellValue& cell) {
    switch (cell.type) {
        case FREEXL_CELL_INT:
            return std::to_string(cell.value.int_value);
        case FREEXL_CELL_DOUBLE: {
            char stored[40];
            std::snprintf(stored, sizeof stored, "%.17g", cell.value.double_value);
            return number_text(stored, NumberStyle::number, false);
        }
        case FREEXL_CELL_TEXT:
        case FREEXL_CELL_SST_TEXT:
        case FREEXL_CELL_DATE:
        case FREEXL_CELL_TIME:
            return cell.value.text_value ? cell.value.text_value : "";
        case FREEXL_CELL_DATETIME: {
            std::string text = cell.value.text_value ? cell.value.text_value : "";
            if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
            return text;
        }
        default:
            return "";
    }
}

void put_sheet(const void* book, const Output& output) {
    unsigned int rows = 0;
    unsigned short columns = 0;
    if (freexl_worksheet_dimensions(book, &rows, &columns) != FREEXL_OK) return;
    for (unsigned int row = 0; row < rows; ++row)
        for (unsigned short column = 0; column < columns; ++column) {
            FreeXL_CellValue cell;
            if (freexl_get_cell_value(book, row, column, &cell) != FREEXL_OK) continue;
            if (const std::string text = text_of(cell); !text.empty())
                put(output, Kind::cell, row, column, text);
        }
}

// Runs in the child: the library has been brought to crash by damaged files before.
void put_workbook(const std::string& path, const Output& output) {
    const void* book = nullptr;
    if (freexl_open(path.c_str(), &book) != FREEXL_OK) {
        put(output, Kind::refusal, 0, 0,
            "The file is damaged, or no .xls file of Excel 97 or later. Save the form as .xlsx.");
        return;
    }
    unsigned int password = FREEXL_BIFF_PLAIN, count = 0;
    freexl_get_info(book, FREEXL_BIFF_PASSWORD, &password);
    if (password == FREEXL_BIFF_OBFUSCATED) {
        put(output, Kind::refusal, 0, 0,
            "The file is protected by a password. Save it as .xlsx without one.");
        return;
    }
    freexl_get_info(book, FREEXL_BIFF_SHEET_COUNT, &count);
    for (unsigned int i = 0; i < count; ++i) {
        const char* name = nullptr;
        if (freexl_get_worksheet_name(book, static_cast<unsigned short>(i), &name) != FREEXL_OK || !name)
            continue;
        put(output, Kind::sheet, count, 0, name);
        const bool wanted = count == 1 || is_form_sheet(lower(trimmed(name)));
        if (!wanted || freexl_select_active_worksheet(book, static_cast<unsigned short>(i)) != FREEXL_OK)
            continue;
        put_sheet(book, output);
    }
    put(output, Kind::end, 0, 0, "");
}

class XlsTaker {
  public:
    explicit XlsTaker(Faults& faults) : faults_(faults) {}

    std::optional<Workbook> take(std::string_view bytes) {
        while (bytes.size() >= sizeof(Record)) {
            Record record;
            std::memcpy(&record, bytes.data(), sizeof record);
            bytes.remove_prefix(sizeof record);
            if (record.length > bytes.size()) break;
            const std::string_view text = bytes.substr(0, record.length);
            bytes.remove_prefix(record.length);
            switch (static_cast<Kind>(record.kind)) {
                case Kind::sheet:
                    begin(std::string(text), record.row == 1);
                    break;
                case Kind::cell:
                    add(record, text);
                    break;
                case Kind::refusal:
                    faults_.error("", 0, "", std::string(text));
                    return std::nullopt;
                case Kind::end:
                    return std::move(workbook_);
            }
        }
        faults_.error("", 0, "", "The file is damaged. Save the form as .xlsx.");
        return std::nullopt;
    }

  private:
    void begin(std::string name, bool lone) {
        name = trimmed(name);
        taker_.reset();
        if (lone && !is_form_sheet(lower(name))) {
            faults_.warning(name, 0, "",
                            "The only sheet of the file is taken for the survey. Call it survey.");
            name = "survey";
        }
        if (!is_form_sheet(lower(name))) {
            if (workbook_.other_sheets.size() < 1000) workbook_.other_sheets.push_back(name);
            return;
        }
        if (workbook_.find(lower(name))) {
            faults_.error(name, 0, "", "There are two sheets of this name. Rename or remove one of them.");
            return;
        }
        taker_.emplace(faults_, name);
        workbook_.sheets.push_back({name, {}});
    }

    void add(const Record& record, std::string_view text) {
        if (!taker_ || record.row >= 65'536 || record.column >= 256) return;
        std::vector<Row>& rows = workbook_.sheets.back().rows;
        const int number = static_cast<int>(record.row) + 1;
        if (rows.empty() || rows.back().number != number) {
            if (!rows.empty() && rows.back().cells.empty()) rows.pop_back();
            rows.push_back({number, {}});
        }
        taker_->take(rows.back(), static_cast<int>(record.column), text);
        if (rows.back().cells.empty()) rows.pop_back();
    }

    Faults& faults_;
    Workbook workbook_;
    std::optional<CellTaker> taker_;
};

// An encrypted .xlsx comes in the container of the old .xls; its directory names the stream in UTF-16.
bool is_encrypted_xlsx(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    std::string wanted;
    for (char c : std::string_view("EncryptedPackage")) wanted += {c, '\0'};
    return bytes.find(wanted) != bytes.npos;
}

}  // namespace

std::optional<Workbook> read_xls(const std::filesystem::path& path, Faults& faults) {
    if (is_encrypted_xlsx(path)) {
        faults.error("", 0, "", "The file is protected by a password. Save it as .xlsx without one.");
        return std::nullopt;
    }
    const auto bytes =
        run_apart([&](const Output& output) { put_workbook(path.string(), output); }, limits::unpacked_bytes);
    if (!bytes) {
        faults.error("", 0, "", "The file is damaged or too large. Save the form as .xlsx.");
        return std::nullopt;
    }
    return XlsTaker(faults).take(*bytes);
}

}  // namespace fieldfare::schema::readers
