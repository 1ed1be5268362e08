// The XML inside an .xlsx workbook, zipped here. The input: the parts survey sheet, choices sheet, shared
// strings, styles, workbook and its relations, with lines "%%" between them; the last two have usual values
// when they are left out.

#include <zip.h>

#include <array>

#include "schema/readers/xlsform.h"
#include "tests/fuzz/read_form.h"

using namespace fieldfare;

namespace {

constexpr const char* workbook =
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"survey\" sheetId=\"1\" r:id=\"r1\"/>"
    "<sheet name=\"choices\" sheetId=\"2\" r:id=\"r2\"/></sheets></workbook>";

std::string relation(const std::string& id, const std::string& type, const std::string& target) {
    return "<Relationship Id=\"" + id +
           "\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" + type +
           "\" Target=\"" + target + "\"/>";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::WorkFolder folder;
    const std::string_view input = fuzz::text_of(data, size);
    auto pieces = fuzz::pieces_of(input, 6);
    pieces.resize(6);
    if (pieces[4].empty()) pieces[4] = workbook;
    if (pieces[5].empty())
        pieces[5] = "<Relationships>" + relation("r1", "worksheet", "worksheets/one.xml") +
                    relation("r2", "worksheet", "worksheets/two.xml") +
                    relation("r3", "sharedStrings", "strings.xml") + relation("r4", "styles", "styles.xml") +
                    "</Relationships>";
    const std::string root =
        "<Relationships>" + relation("r", "officeDocument", "xl/workbook.xml") + "</Relationships>";
    const std::array<std::pair<const char*, const std::string*>, 7> parts{{
        {"_rels/.rels", &root},
        {"xl/worksheets/one.xml", &pieces[0]},
        {"xl/worksheets/two.xml", &pieces[1]},
        {"xl/strings.xml", &pieces[2]},
        {"xl/styles.xml", &pieces[3]},
        {"xl/workbook.xml", &pieces[4]},
        {"xl/_rels/workbook.xml.rels", &pieces[5]},
    }};
    const std::string path = folder.path() + "/form.xlsx";
    int error = 0;
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    fuzz::must(zip != nullptr, "a zip file can be made");
    for (const auto& [name, bytes] : parts) {
        const auto index =
            zip_file_add(zip, name, zip_source_buffer(zip, bytes->data(), bytes->size(), 0), 0);
        zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    }
    fuzz::must(zip_close(zip) == 0, "a zip file can be written");
    fuzz::go_through(schema::read_xlsform(path), fuzz::seed_of(input));
    return 0;
}
