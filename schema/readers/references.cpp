#include "schema/readers/references.h"

#include "schema/readers/cell_text.h"
#include "schema/readers/column_rules.h"
#include "schema/readers/names.h"

namespace fieldfare::schema::readers {
namespace {

constexpr std::string_view last_saved_prefix = "last-saved#";

bool is_looked_at(const Column& column, SheetKind kind) {
    switch (kind) {
        case SheetKind::survey:
            return column.key != "type" && column.key != "name" && column.key != "trigger";
        case SheetKind::choices:
            return is_translated(column.key);
        case SheetKind::entities:
            return column.key != "dataset";
        case SheetKind::settings:
            return true;
        case SheetKind::external_choices:
            return false;
    }
    return false;
}

class Lexer {
  public:
    Lexer(std::string_view text, bool hyphenated) : text_(text), hyphenated_(hyphenated) {}

    // The tokens are those of pyxform's lexer, the first that fits taken; only some of them tell.
    bool finds_calculation() {
        while (at_ < text_.size()) {
            if (skip_date() || skip_number()) continue;
            const char c = text_[at_];
            if (c == '*' || c == '+' || c == '-') return !(c == '-' && hyphenated_);
            if (starts(" mod ") || starts(" div ") || c == '|') return true;
            if (c == '"' || c == '\'') {
                const std::size_t end = text_.find(c, at_ + 1);
                at_ = end == text_.npos ? at_ + 1 : end + 1;
                continue;
            }
            if (starts("${")) {
                const auto found = references_in(text_.substr(at_, text_.find('}', at_) - at_ + 1));
                if (!found.empty() && !found.front().name.empty()) return true;
                at_ += 2;
                continue;
            }
            if (const std::size_t length = name_length(); length > 0) {
                at_ += length;
                if (at_ < text_.size() && (text_[at_] == '(' || text_[at_] == '[')) {
                    if (text_[at_] == '(') return true;
                    ++at_;
                }
                continue;
            }
            ++at_;
        }
        return false;
    }

  private:
    bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    bool digit(std::size_t at) const { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; }
    bool digits(std::size_t at, std::size_t count) const {
        for (std::size_t i = 0; i < count; ++i)
            if (!digit(at + i)) return false;
        return true;
    }
    bool is(std::size_t at, char c) const { return at < text_.size() && text_[at] == c; }

    std::size_t time_end(std::size_t at) const {
        if (!digits(at, 2) || !is(at + 2, ':') || !digits(at + 3, 2) || !is(at + 5, ':') ||
            !digits(at + 6, 2))
            return at;
        std::size_t end = at + 8;
        if (is(end, 'Z')) return end + 1;
        if ((is(end, '+') || is(end, '-')) && digits(end + 1, 2) && is(end + 3, ':') && digits(end + 4, 2))
            end += 6;
        return end;
    }

    bool skip_date() {
        const std::size_t from = at_ + (is(at_, '-') ? 1 : 0);
        if (digits(from, 4) && is(from + 4, '-') && digits(from + 5, 2) && is(from + 7, '-') &&
            digits(from + 8, 2)) {
            at_ = from + 10;
            if (is(at_, 'T') && time_end(at_ + 1) > at_ + 1) at_ = time_end(at_ + 1);
            return true;
        }
        const std::size_t end = time_end(at_);
        const bool found = end > at_;
        at_ = end;
        return found;
    }

    bool skip_number() {
        std::size_t at = at_ + (is(at_, '-') ? 1 : 0);
        if (!digit(at) && !(is(at, '.') && digit(at + 1))) return false;
        while (digit(at)) ++at;
        if (is(at, '.')) ++at;
        while (digit(at)) ++at;
        at_ = at;
        return true;
    }

    // An XML name, with one colon at most: names of functions have prefixes.
    std::size_t name_length() const {
        const auto part = [&](std::size_t from) {
            std::size_t end = from;
            while (end < text_.size()) {
                std::size_t next = end + 1;
                while (next < text_.size() && (static_cast<unsigned char>(text_[next]) & 0xC0u) == 0x80u)
                    ++next;
                const bool fits = end == from ? is_name(text_.substr(end, next - end))
                                              : is_name("a" + std::string(text_.substr(end, next - end)));
                if (!fits) break;
                end = next;
            }
            return end;
        };
        std::size_t end = part(at_);
        if (end == at_) return 0;
        if (is(end, ':'))
            if (const std::size_t further = part(end + 1); further > end + 1) end = further;
        return end - at_;
    }

    std::string_view text_;
    bool hyphenated_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<Reference> references_in(std::string_view cell) {
    std::vector<Reference> out;
    for (std::size_t at = cell.find("${"); at != cell.npos; at = cell.find("${", at)) {
        const std::size_t end = cell.find('}', at);
        if (end == cell.npos) {
            out.push_back({"", false, at, cell.size() - at, false});
            break;
        }
        std::string_view inside = cell.substr(at + 2, end - at - 2);
        if (inside.empty()) {  // "${}" is text
            at += 2;
            continue;
        }
        Reference reference{"", inside.starts_with(last_saved_prefix), at, end - at + 1, true};
        if (reference.last_saved) inside.remove_prefix(last_saved_prefix.size());
        if (is_name(inside)) reference.name = std::string(inside);
        out.push_back(std::move(reference));
        at = end + 1;
    }
    return out;
}

std::string only_reference(std::string_view cell) {
    const auto found = references_in(cell);
    return found.size() == 1 && found.front().closed && found.front().length == cell.size()
               ? found.front().name
               : "";
}

bool has_reference(std::string_view cell) {
    const auto found = references_in(cell);
    return !found.empty() && !found.front().name.empty();
}

void check_references(const Table& table, SheetKind kind, const NameCounts& names, Faults& faults) {
    for (const Row& row : table.rows()) {
        for (const Cell& cell : row.cells) {
            if (cell.text.find("${") == std::string::npos) continue;
            const Column* column = table.at(cell.column);
            if (!column || !is_looked_at(*column, kind)) continue;
            for (const Reference& reference : references_in(cell.text)) {
                const std::string_view whole =
                    std::string_view(cell.text).substr(reference.begin, reference.length);
                if (reference.name.empty()) {
                    faults.error(table.name(), row.number, column->header,
                                 reference.closed
                                     ? shown(whole) +
                                           " names no question. Between ${ and } stands one name, "
                                           "without spaces."
                                     : "The ${ is never closed. Write } after the name.");
                    break;
                }
                const auto found = names.find(reference.name);
                if (found == names.end())
                    faults.error(table.name(), row.number, column->header,
                                 shown(whole) +
                                     " names no row of the survey sheet. Correct the name, or add "
                                     "the row.");
                else if (found->second > 1)
                    faults.error(table.name(), row.number, column->header,
                                 shown(whole) + " could mean any of " + std::to_string(found->second) +
                                     " rows of that name. Give them different names.");
            }
        }
    }
}

bool is_dynamic_default(std::string_view value, std::string_view type) {
    const bool hyphenated = type == "date" || type == "dateTime" || type == "geopoint" ||
                            type == "geotrace" || type == "geoshape";
    return Lexer(value, hyphenated).finds_calculation();
}

}  // namespace fieldfare::schema::readers
