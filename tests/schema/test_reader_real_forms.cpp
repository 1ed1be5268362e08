#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

TEST_CASE("forms of the field are read, or refused with places") {
    // Spreadsheets of other projects, which are not copied into this one.
    const char* elsewhere = std::getenv("FIELDFARE_CONFORMANCE");
    const auto beside = std::filesystem::path(FIELDFARE_SOURCE_DIR).parent_path() / "shared/conformance";
    const auto real = (elsewhere ? std::filesystem::path(elsewhere) : beside) / "xlsforms/real";
    if (!std::filesystem::is_directory(real)) {
        MESSAGE("left out: ../shared/conformance/xlsforms is not here");
        return;
    }
    int seen = 0, taken = 0;
    for (const auto& entry : std::filesystem::directory_iterator(real)) {
        if (entry.path().extension() == ".xml") continue;
        ++seen;
        CAPTURE(entry.path().filename().string());
        const auto read_form = read_xlsform(entry.path());
        if (read_form) {
            ++taken;
            CHECK_FALSE(read_form->form.items.empty());
            continue;
        }
        CHECK_FALSE(read_form.error().errors.empty());
        for (const Problem& problem : read_form.error().errors) {
            CHECK_FALSE(problem.message.empty());
            CHECK(problem.place.file == entry.path().filename().string());
        }
    }
    MESSAGE(taken << " of " << seen << " taken");
    CHECK(seen > 0);
}
