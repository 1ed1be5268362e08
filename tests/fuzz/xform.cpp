// An ODK XForm with its attachments.

#include "schema/readers/xform.h"

#include "tests/fuzz/read_form.h"

using namespace fieldfare;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    const auto attachments = [](std::string_view name) -> std::optional<std::string> {
        if (name.ends_with(".csv")) return "name,label\np,one\nq,two\n";
        if (name.ends_with(".xml")) return "<root><item><name>p</name><label>one</label></item></root>";
        return std::nullopt;
    };
    fuzz::go_through(schema::read_xform(input, "form.xml", attachments), fuzz::seed_of(input));
    return 0;
}
