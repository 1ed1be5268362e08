#pragma once

#include <zip.h>

#include <map>
#include <string>

#include "tests/support/reader_forms.h"

// A workbook of exactly the XML that a test wants, so that each thing a spreadsheet program may write has its
// case without a library between.
namespace fieldfare::schema::test {

struct Xlsx {
    std::string survey;   ///< <row> elements of sheet survey
    std::string choices;  ///< likewise; "" for no such sheet
    std::string strings;  ///< <si> elements of the shared strings
    std::string styles;   ///< content of <styleSheet>
    std::string workbook_properties;
    std::map<std::string, std::string> parts = {};  ///< replaces or adds parts; "" leaves one out
    zip_uint16_t encryption = ZIP_EM_NONE;
    std::string survey_name = "survey";

    std::filesystem::path write(const FormFolder& folder, const std::string& name = "form.xlsx") const {
        const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        const std::string types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
        const auto relation = [&](const std::string& id, const std::string& type, const std::string& target) {
            return "<Relationship Id=\"" + id + "\" Type=\"" + types + type + "\" Target=\"" + target +
                   "\"/>";
        };
        const auto sheet = [&](const std::string& rows) {
            return head + "<worksheet xmlns=\"x\"><sheetData>" + rows + "</sheetData></worksheet>";
        };
        std::map<std::string, std::string> all = {
            {"_rels/.rels", head + "<Relationships>" + relation("r", "officeDocument", "xl/workbook.xml") +
                                "</Relationships>"},
            {"xl/_rels/workbook.xml.rels", head + "<Relationships>" +
                                               relation("r1", "worksheet", "worksheets/one.xml") +
                                               relation("r2", "worksheet", "/xl/worksheets/two.xml") +
                                               relation("r3", "sharedStrings", "strings.xml") +
                                               relation("r4", "styles", "styles.xml") + "</Relationships>"},
            {"xl/workbook.xml",
             head + "<workbook xmlns:r=\"r\">" + workbook_properties + "<sheets><sheet name=\"" +
                 survey_name + "\" sheetId=\"1\" r:id=\"r1\"/>" +
                 (choices.empty() ? "" : "<sheet name=\"choices\" sheetId=\"2\" r:id=\"r2\"/>") +
                 "</sheets></workbook>"},
            {"xl/worksheets/one.xml", sheet(survey)},
            {"xl/worksheets/two.xml", sheet(choices)},
            {"xl/strings.xml", head + "<sst>" + strings + "</sst>"},
            {"xl/styles.xml", head + "<styleSheet>" + styles + "</styleSheet>"},
        };
        for (const auto& [part, bytes] : parts) all[part] = bytes;
        const auto path = folder.path() / name;
        int error = 0;
        zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
        REQUIRE(zip);
        for (const auto& [part, bytes] : all) {
            if (bytes.empty()) continue;
            const auto index =
                zip_file_add(zip, part.c_str(), zip_source_buffer(zip, bytes.data(), bytes.size(), 0), 0);
            REQUIRE(index >= 0);
            if (encryption != ZIP_EM_NONE)
                zip_file_set_encryption(zip, static_cast<zip_uint64_t>(index), encryption, "password");
        }
        REQUIRE(zip_close(zip) == 0);
        return path;
    }

    Result<ReadForm> read() const {
        FormFolder folder;
        return read_xlsform(write(folder));
    }

    Form form() const {
        auto read_form = read();
        if (!read_form) FAIL(to_string(read_form.error().errors.front()));
        return std::move(read_form->form);
    }

    std::vector<std::string> errors() const {
        const auto read_form = read();
        return read_form ? std::vector<std::string>{} : sentences(read_form.error().errors);
    }
};

/// One row of inline strings: inline_row(2, {"text", "q", "Q"}).
inline std::string inline_row(int number, const std::vector<std::string>& cells,
                              const std::string& attributes = "") {
    std::string row = "<row r=\"" + std::to_string(number) + "\"" + attributes + ">";
    char letter = 'A';
    for (const std::string& cell : cells) {
        const std::string reference = std::string(1, letter++) + std::to_string(number);
        if (!cell.empty())
            row += "<c r=\"" + reference + "\" t=\"inlineStr\"><is><t>" + cell + "</t></is></c>";
    }
    return row + "</row>";
}

}  // namespace fieldfare::schema::test
