// A form's canonical JSON, as a study package brings it; once as it stands and once put into canonical order,
// so that changed bytes get further than the first rule.

#include "schema/form_json.h"

#include "tests/fuzz/canonical_json.h"
#include "tests/fuzz/filling_in.h"

using namespace fieldfare;

namespace {

void read(std::string_view bytes) {
    const auto form = schema::form_from_json(bytes);
    if (!form) return;
    fuzz::must(schema::to_json(*form) == bytes, "only canonical bytes are read");
    fuzz::go_through(*form, fuzz::seed_of(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    read(input);
    if (const auto canonical = fuzz::canonical_json(input); !canonical.empty() && canonical != input)
        read(canonical);
    return 0;
}
