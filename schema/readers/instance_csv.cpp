#include <algorithm>
#include <set>

#include "schema/readers/cell_text.h"
#include "schema/readers/instance_sources.h"
#include "schema/readers/separated_fields.h"
#include "schema/readers/workbook.h"

namespace fieldfare::schema::readers {
namespace {

// As ODK Web Forms guesses: the one of these that the header row has most of, the first of equals.
char separator_of(std::string_view bytes) {
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char separator : {',', ';', '\t', '|'}) {
        SeparatedFields fields(bytes, separator);
        std::ptrdiff_t count = 0;
        for (auto field = fields.next(); field && !field->ends_row; field = fields.next())
            if (++count >= limits::columns) break;
        if (count > most) {
            best = separator;
            most = count;
        }
    }
    return best;
}

class CsvInstance {
  public:
    CsvInstance(std::string_view bytes, Faults& faults)
        : fields_(bytes, separator_of(bytes)), faults_(faults) {}

    InstanceNodes read() {
        if (!read_row()) {
            if (!faults_.any_error())
                faults_.error("", 0, "", "The file is empty. Its first row must name the columns.");
            return {};
        }
        take_header();
        nodes_.push_back({0, false, "root", ""});
        while (!stopped_ && read_row()) take_item();
        return std::move(nodes_);
    }

  private:
    void error(std::string message) { faults_.error("", row_, "", std::move(message)); }

    void stop(std::string message) {
        error(std::move(message));
        stopped_ = true;
    }

    // The next row that is not blank, in cells_; false at the end.
    bool read_row() {
        while (!stopped_) {
            cells_.clear();
            ++row_;
            bool blank = true, any = false;
            while (const auto field = fields_.next()) {
                any = true;
                if (field->fault == SeparatedFields::Fault::never_closed) {
                    stop(
                        "A cell begins with a double quote that is never closed. Close it, or double it "
                        "(\"\"\") if it belongs to the text.");
                    return false;
                }
                if (field->fault == SeparatedFields::Fault::text_after_quote)
                    error(
                        "There is text after the closing double quote of a cell. Write a quote inside a "
                        "quoted cell twice (\"\").");
                if (cells_.size() >= limits::columns) {
                    stop("The row has more than 16,384 columns. Remove the empty ones.");
                    return false;
                }
                blank = blank && field->text.empty();
                cells_.emplace_back(field->text);
                if (field->ends_row) break;
            }
            if (!any) return false;
            if (row_ > limits::rows) {
                stop("The file has more than 1,000,000 rows. Shorten it.");
                return false;
            }
            if (!blank) return true;
        }
        return false;
    }

    void take_header() {
        std::set<std::string> seen;
        for (const std::string& cell : cells_) {
            header_.push_back(trimmed(cell));
            if (!header_.back().empty() && !seen.insert(header_.back()).second)
                error("Two columns are called " + shown(header_.back()) + ". Give each its own name.");
        }
    }

    void take_item() {
        if (nodes_.size() + header_.size() >= most_instance_nodes)
            return stop("The file has more than 5,000,000 cells. Shorten it.");
        nodes_.push_back({1, false, "item", ""});
        for (std::size_t column = 0; column < std::max(header_.size(), cells_.size()); ++column) {
            std::string cell = column < cells_.size() ? std::move(cells_[column]) : std::string{};
            if (column < header_.size() && !header_[column].empty()) {
                nodes_.push_back({2, false, header_[column], std::move(cell)});
            } else if (!cell.empty()) {
                return error("The row has a cell, number " + std::to_string(column + 1) +
                             ", in a column without a name. Name the column in the first row, or quote a "
                             "cell that holds the separator.");
            }
        }
    }

    SeparatedFields fields_;
    Faults& faults_;
    InstanceNodes nodes_;
    std::vector<std::string> header_, cells_;
    int row_ = 0;
    bool stopped_ = false;
};

}  // namespace

InstanceNodes nodes_of_csv(std::string_view bytes, Faults& faults) {
    return CsvInstance(bytes, faults).read();
}

}  // namespace fieldfare::schema::readers
