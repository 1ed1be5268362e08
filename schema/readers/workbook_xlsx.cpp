#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <pugixml.hpp>

#include "schema/readers/cell_text.h"
#include "schema/readers/workbook.h"
#include "schema/readers/xlsx_value.h"
#include "schema/readers/xml_elements.h"
#include "schema/readers/zip_archive.h"

namespace fieldfare::schema::readers {
namespace {

// The parts beside the sheets and strings are small in every real file.
constexpr std::size_t small_part_bytes = 8u << 20;
constexpr unsigned parse_options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_ws_pcdata;

std::string_view local_name(const char* name) {
    std::string_view view(name);
    const std::size_t colon = view.rfind(':');
    return colon == view.npos ? view : view.substr(colon + 1);
}

// pugixml knows no namespaces; some programs write every element with a prefix.
pugi::xml_node child(pugi::xml_node node, std::string_view name) {
    return node.find_child([&](pugi::xml_node each) { return local_name(each.name()) == name; });
}

std::string_view attribute(pugi::xml_node node, std::string_view name) {
    return node.find_attribute([&](pugi::xml_attribute each) { return local_name(each.name()) == name; })
        .value();
}

// A cell's or a shared string's text: plain <t>, or <t> in rich text runs; phonetic hints (<rPh>) are not
// text.
std::string string_of(pugi::xml_node node) {
    std::string text;
    for (pugi::xml_node each : node.children()) {
        if (local_name(each.name()) == "t") text += each.text().get();
        if (local_name(each.name()) == "r") text += child(each, "t").text().get();
    }
    return unescaped(text);
}

// "xl/worksheets/sheet1.xml" from a relationship's target in the folder of its owner.
std::string resolve(const std::string& folder, std::string_view target) {
    if (target.size() > 1000) return "";
    std::string path = target.starts_with('/') ? std::string(target.substr(1)) : folder + std::string(target);
    for (std::size_t up = path.find("../"); up != path.npos; up = path.find("../")) {
        if (up == 0) return "";
        const std::size_t parent = up < 2 ? path.npos : path.rfind('/', up - 2);
        const std::size_t from = parent == path.npos ? 0 : parent + 1;
        path.erase(from, up + 3 - from);
    }
    return path;
}

std::string folder_of(const std::string& part) {
    const std::size_t slash = part.rfind('/');
    return slash == part.npos ? "" : part.substr(0, slash + 1);
}

struct Reference {
    int column = -1;  // -1: the cell says none and follows the one before
    int row = 0;
};

std::optional<Reference> parse_reference(std::string_view text) {
    Reference reference;
    if (text.empty()) return reference;
    std::size_t at = 0;
    int column = 0;
    for (; at < text.size() && at < 3 && text[at] >= 'A' && text[at] <= 'Z'; ++at)
        column = column * 26 + (text[at] - 'A' + 1);
    if (at == 0 || column > limits::columns) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), reference.row);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    reference.column = column - 1;
    return reference;
}

class XlsxReader {
  public:
    XlsxReader(ZipArchive& archive, Faults& faults) : archive_(archive), faults_(faults) {}

    std::optional<Workbook> read() {
        const auto root = relations("", "_rels/.rels");
        if (!root) return std::nullopt;
        std::string workbook_part;
        for (const auto& [id, relation] : *root)
            if (relation.kind == "officeDocument") workbook_part = relation.target;
        if (workbook_part.empty()) return refuse("The file is no .xlsx workbook. Save the form as .xlsx.");
        if (workbook_part.ends_with(".bin")) return refuse("This is an .xlsb file. Save it as .xlsx.");
        const std::string folder = folder_of(workbook_part);
        const auto related =
            relations(folder, folder + "_rels/" + workbook_part.substr(folder.size()) + ".rels");
        pugi::xml_document book;
        if (!related || !load_small(workbook_part, book)) return std::nullopt;
        const pugi::xml_node workbook = child(book, "workbook");
        const std::string_view epoch = attribute(child(workbook, "workbookPr"), "date1904");
        epoch_1904_ = epoch == "1" || epoch == "true";
        for (const auto& [id, relation] : *related)
            if (relation.kind == "styles" && !read_styles(relation.target)) return std::nullopt;
        for (const auto& [id, relation] : *related)
            if (relation.kind == "sharedStrings" && !read_strings(relation.target)) return std::nullopt;

        Workbook out;
        const pugi::xml_node sheets = child(workbook, "sheets");
        const bool lone = std::distance(sheets.begin(), sheets.end()) == 1;
        for (pugi::xml_node sheet : sheets.children()) {
            std::string name(attribute(sheet, "name"));
            // "r:id"; a plain "sheetId" does not count.
            const auto relation = related->find(std::string(attribute(sheet, "id")));
            if (relation == related->end() || relation->second.kind != "worksheet") continue;
            if (lone && !is_form_sheet(lower(trimmed(name)))) {
                faults_.warning(trimmed(name), 0, "",
                                "The only sheet of the file is taken for the survey. Call it survey.");
                name = "survey";
            }
            if (!is_form_sheet(lower(trimmed(name)))) {
                if (out.other_sheets.size() < 1000) out.other_sheets.push_back(name);
                continue;
            }
            if (out.find(lower(trimmed(name)))) {
                faults_.error(trimmed(name), 0, "",
                              "There are two sheets of this name. Rename or remove one of them.");
                continue;
            }
            auto rows = read_sheet(trimmed(name), relation->second.target);
            if (!rows) return std::nullopt;
            out.sheets.push_back({trimmed(name), std::move(*rows)});
        }
        return out;
    }

  private:
    struct Relation {
        std::string kind, target;
    };

    std::nullopt_t refuse(std::string sentence) {
        faults_.error("", 0, "", std::move(sentence));
        return std::nullopt;
    }
    std::nullopt_t refuse_part(const std::string& part) {
        return refuse("The part " + shown(part) + " of the file is damaged. Save the form as .xlsx again.");
    }

    std::optional<std::string> part(const std::string& name) {
        auto bytes = archive_.read(name);
        if (!bytes) return refuse(bytes.error());
        if (bytes->starts_with("\xFF\xFE") || bytes->starts_with("\xFE\xFF"))
            return refuse("The part " + shown(name) +
                          " is UTF-16, which .xlsx programs do not write. Save it again.");
        if (bytes->starts_with("\xEF\xBB\xBF")) bytes->erase(0, 3);
        if (!is_whole_xml(*bytes)) return refuse_part(name);
        return std::move(*bytes);
    }

    bool load_small(const std::string& name, pugi::xml_document& document) {
        const auto bytes = part(name);
        if (!bytes) return false;
        if (bytes->size() > small_part_bytes ||
            !document.load_buffer(bytes->data(), bytes->size(), parse_options, pugi::encoding_utf8)) {
            refuse_part(name);
            return false;
        }
        return true;
    }

    std::optional<std::map<std::string, Relation>> relations(const std::string& folder,
                                                             const std::string& name) {
        if (!archive_.has(name)) return refuse("The file is no .xlsx workbook. Save the form as .xlsx.");
        pugi::xml_document document;
        if (!load_small(name, document)) return std::nullopt;
        std::map<std::string, Relation> out;
        for (pugi::xml_node each : child(document, "Relationships").children()) {
            const std::string_view type = attribute(each, "Type");
            out[std::string(attribute(each, "Id"))] = {std::string(type.substr(type.rfind('/') + 1)),
                                                       resolve(folder, attribute(each, "Target"))};
        }
        return out;
    }

    bool read_styles(const std::string& name) {
        if (!archive_.has(name)) return true;
        pugi::xml_document document;
        if (!load_small(name, document)) return false;
        const pugi::xml_node sheet = child(document, "styleSheet");
        std::map<std::string_view, std::string_view> codes;
        for (pugi::xml_node each : child(sheet, "numFmts").children())
            codes[attribute(each, "numFmtId")] = attribute(each, "formatCode");
        for (pugi::xml_node each : child(sheet, "cellXfs").children()) {
            const std::string_view id = attribute(each, "numFmtId");
            std::uint32_t number = 0;
            std::from_chars(id.data(), id.data() + id.size(), number);
            const auto code = codes.find(id);
            styles_.push_back(style_of_format(number, code == codes.end() ? "" : code->second));
        }
        return true;
    }

    bool read_strings(const std::string& name) {
        if (!archive_.has(name)) return true;
        const auto xml = part(name);
        if (!xml) return false;
        XmlElements items(*xml, "si");
        pugi::xml_document document;
        while (const auto item = items.next()) {
            if (item->size() > limits::row_bytes || strings_.size() >= limits::cells ||
                !document.load_buffer(item->data(), item->size(), parse_options, pugi::encoding_utf8)) {
                refuse_part(name);
                return false;
            }
            strings_.push_back(string_of(document.first_child()));
        }
        if (items.damaged()) refuse_part(name);
        return !items.damaged();
    }

    std::optional<std::vector<Row>> read_sheet(const std::string& sheet, const std::string& name) {
        const auto xml = part(name);
        if (!xml) return std::nullopt;
        const auto damaged = [&](int row) {
            faults_.error(sheet, row, "", "The sheet is damaged here. Save the form as .xlsx again.");
            return std::nullopt;
        };
        std::vector<Row> rows;
        CellTaker taker(faults_, sheet);
        XmlElements elements(*xml, "row");
        pugi::xml_document document;
        int number = 0;
        int hidden = 0, first_hidden = 0;
        while (const auto element = elements.next()) {
            if (element->size() > limits::row_bytes) return damaged(number + 1);
            if (!document.load_buffer(element->data(), element->size(), parse_options, pugi::encoding_utf8))
                return damaged(number + 1);
            const pugi::xml_node node = document.first_child();
            const int previous = number++;
            if (const std::string_view stated = attribute(node, "r"); !stated.empty()) {
                const auto [end, error] =
                    std::from_chars(stated.data(), stated.data() + stated.size(), number);
                if (error != std::errc{} || number <= previous) return damaged(previous + 1);
            }
            Row row{number, {}};
            if (!read_cells(sheet, node, row, taker)) return damaged(number);
            if (row.cells.empty()) continue;  // formatted down to the last row of the sheet: costs nothing
            if (number > limits::rows) {
                faults_.error(sheet, number, "", "The sheet has more than 1,000,000 rows. Shorten it.");
                break;
            }
            if (attribute(node, "hidden") == "1" || attribute(node, "hidden") == "true") {
                ++hidden;
                if (first_hidden == 0) first_hidden = number;
            }
            rows.push_back(std::move(row));
            if (taker.full()) break;
        }
        if (elements.damaged()) return damaged(number + 1);
        if (hidden > 0)
            faults_.warning(sheet, first_hidden, "",
                            "This row is hidden and belongs to the form all the same (" +
                                std::to_string(hidden) +
                                " hidden in this sheet). Delete rows that are not meant.");
        return rows;
    }

    bool read_cells(const std::string& sheet, pugi::xml_node row_node, Row& row, CellTaker& taker) {
        int column = -1;
        for (pugi::xml_node cell : row_node.children()) {
            if (local_name(cell.name()) != "c") continue;
            const auto reference = parse_reference(attribute(cell, "r"));
            if (!reference) return false;
            const int next = reference->column < 0 ? column + 1 : reference->column;
            if (next <= column || next >= limits::columns) return false;
            if (reference->column >= 0 && reference->row != row.number) return false;
            column = next;
            if (!read_cell(sheet, cell, row, column, taker)) return false;
        }
        return true;
    }

    bool read_cell(const std::string& sheet, pugi::xml_node cell, Row& row, int column, CellTaker& taker) {
        const std::string_view type = attribute(cell, "t");
        const pugi::xml_node value_node = child(cell, "v");
        const std::string_view value = value_node.text().get();
        if (type == "s") {
            std::size_t index = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), index);
            if (value.empty()) return true;
            if (error != std::errc{} || index >= strings_.size()) return false;
            taker.take(row, column, strings_[index]);
        } else if (type == "inlineStr") {
            taker.take(row, column, string_of(child(cell, "is")));
        } else if (type == "b") {
            if (!value.empty()) taker.take(row, column, value == "1" ? "TRUE" : "FALSE");
        } else if (type == "e") {
            faults_.error(
                sheet, row.number, column_letters(column),
                "The cell shows the error " + shown(value) + ". Mend its formula, or type the value.");
        } else if (type == "str" || type == "d") {
            taker.take(row, column, type == "str" ? unescaped(value) : std::string(value));
        } else if (type.empty() || type == "n") {
            if (value.empty() && child(cell, "f"))
                faults_.error(
                    sheet, row.number, column_letters(column),
                    "The formula has no stored value. Open the file in a spreadsheet program and save it.");
            if (!value.empty()) taker.take(row, column, number_text(value, style_of(cell), epoch_1904_));
        } else {
            return false;
        }
        return true;
    }

    NumberStyle style_of(pugi::xml_node cell) const {
        const std::string_view text = attribute(cell, "s");
        std::size_t index = 0;
        std::from_chars(text.data(), text.data() + text.size(), index);
        return !text.empty() && index < styles_.size() ? styles_[index] : NumberStyle::number;
    }

    ZipArchive& archive_;
    Faults& faults_;
    std::vector<std::string> strings_;
    std::vector<NumberStyle> styles_;
    bool epoch_1904_ = false;
};

// What the first bytes say when the file is no zip.
std::optional<std::string> refusal_of_kind(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string head(64 * 1024, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    if (head.empty()) return "The file is empty or can't be read.";
    if (head.starts_with("\xD0\xCF\x11\xE0")) {
        // An encrypted .xlsx comes in the container of the old .xls; its directory names the stream in
        // UTF-16.
        std::string wanted;
        for (char c : std::string_view("EncryptedPackage")) wanted += {c, '\0'};
        if (head.find(wanted) != head.npos)
            return "The file is protected by a password. Save it as .xlsx without one.";
        return "This is an .xls file of the old kind. Open it in a spreadsheet program and save it as .xlsx.";
    }
    if (!head.starts_with("PK"))
        return "This is no .xlsx file. Save the form as .xlsx, or give a folder with survey, choices and "
               "settings "
               "as .csv or .tsv.";
    if (head.find("mimetypeapplication/vnd.oasis.opendocument") != head.npos)
        return "This is an OpenDocument file. Save it as .xlsx.";
    return std::nullopt;
}

}  // namespace

std::optional<Workbook> read_xlsx(const std::filesystem::path& path, Faults& faults) {
    if (auto refusal = refusal_of_kind(path)) {
        faults.error("", 0, "", std::move(*refusal));
        return std::nullopt;
    }
    auto archive = ZipArchive::open(path);
    if (!archive) {
        faults.error("", 0, "", archive.error());
        return std::nullopt;
    }
    return XlsxReader(*archive, faults).read();
}

}  // namespace fieldfare::schema::readers
