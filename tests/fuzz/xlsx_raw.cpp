// A whole .xlsx file, byte by byte: the zip around the XML.

#include "schema/readers/xlsform.h"
#include "tests/fuzz/read_form.h"

using namespace fieldfare;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::WorkFolder folder;
    const std::string_view input = fuzz::text_of(data, size);
    fuzz::go_through(schema::read_xlsform(folder.file("form.xlsx", input)), fuzz::seed_of(input));
    return 0;
}
