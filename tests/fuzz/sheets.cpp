// A form as a folder of .csv or .tsv sheets. The input: one line "csv" or "tsv", then survey, choices and
// settings with lines "%%" between them.

#include <filesystem>

#include "schema/readers/xlsform.h"
#include "tests/fuzz/read_form.h"

using namespace fieldfare;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::WorkFolder folder;
    const std::string_view input = fuzz::text_of(data, size);
    const std::string kind = input.starts_with("csv\n") ? ".csv" : ".tsv";
    const auto pieces = fuzz::pieces_of(input.substr(std::min<std::size_t>(4, size)), 3);
    constexpr const char* names[] = {"survey", "choices", "settings"};
    for (std::size_t i = 0; i < 3; ++i) {
        for (const char* other : {".csv", ".tsv"})
            if (other != kind || i >= pieces.size())
                std::filesystem::remove(folder.path() + "/" + names[i] + other);
        if (i < pieces.size()) folder.file(names[i] + kind, pieces[i]);
    }
    fuzz::go_through(schema::read_xlsform(folder.path()), fuzz::seed_of(input));
    return 0;
}
