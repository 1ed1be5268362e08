#include <doctest/doctest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;
using namespace fieldfare::schema::test;

TEST_CASE("spreadsheets are valid or invalid as pyxform has it") {
    const char* elsewhere = std::getenv("FIELDFARE_CONFORMANCE");
    const auto beside = std::filesystem::path(FIELDFARE_SOURCE_DIR).parent_path() / "shared/conformance";
    const auto folder = (elsewhere ? std::filesystem::path(elsewhere) : beside) / "xlsforms";
    std::ifstream manifest(folder / "manifest.jsonl");
    if (!manifest) {
        MESSAGE("left out: ../shared/conformance/xlsforms is not here");
        return;
    }
    int seen = 0, agreed = 0;
    for (std::string line; std::getline(manifest, line);) {
        const auto entry = nlohmann::json::parse(line);
        const auto findings = check_xlsform(folder / entry.at("file").get<std::string>());
        const bool valid = entry.at("verdict") == "valid";
        ++seen;
        if (findings.errors.empty() == valid) {
            ++agreed;
            continue;
        }
        MESSAGE(entry.at("id").get<std::string>()
                << ": " << (valid ? to_string(findings.errors.front()) : entry.value("error", "")));
    }
    MESSAGE(agreed << " of " << seen << " spreadsheets");
    CHECK(agreed * 100 >= seen * 98);
}
