// A whole form in one text. The input: one line "csv" or "md ", then the .csv or Markdown.

#include <filesystem>

#include "schema/readers/xlsform.h"
#include "tests/fuzz/read_form.h"

using namespace fieldfare;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::WorkFolder folder;
    const std::string_view input = fuzz::text_of(data, size);
    const char* const name = input.starts_with("csv\n") ? "form.csv" : "form.md";
    const std::string file = folder.file(name, input.substr(std::min<std::size_t>(4, size)));
    fuzz::go_through(schema::read_xlsform(file), fuzz::seed_of(input));
    return 0;
}
