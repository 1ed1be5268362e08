#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "schema/form_json.h"
#include "schema/readers/xform.h"

using namespace fieldfare::schema;

namespace {

std::filesystem::path conformance() {
    const char* const given = std::getenv("FIELDFARE_CONFORMANCE");
    return given != nullptr ? given : FIELDFARE_SOURCE_DIR "/../shared/conformance";
}

std::string read_all(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

/// The scenarios' forms, and what pyxform makes of the sheets that it takes.
std::set<std::filesystem::path> xforms(const std::filesystem::path& folder) {
    std::set<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "scenarios/forms"))
        if (entry.path().extension() == ".xml") paths.insert(entry.path());
    std::ifstream manifest(folder / "xlsforms/manifest.jsonl");
    for (std::string line; std::getline(manifest, line);) {
        const auto one = nlohmann::json::parse(line);
        if (one["verdict"] == "valid" && one["xform"].is_string())
            paths.insert(folder / "xlsforms" / one["xform"].get<std::string>());
    }
    return paths;
}

}  // namespace

TEST_CASE("XForms of other projects are read whole, and their forms survive canonical JSON") {
    if (!std::filesystem::exists(conformance() / "scenarios")) {
        MESSAGE("no conformance cases at ", conformance().string());
        return;
    }
    std::size_t read = 0, all = 0;
    for (const auto& path : xforms(conformance())) {
        CAPTURE(path.string());
        ++all;
        const auto form = read_xform(read_all(path), path.filename().string(), {});
        if (!form) {
            MESSAGE(to_string(form.error().errors.front()));
            continue;
        }
        ++read;
        const auto again = form_from_json(to_json(form->form));
        REQUIRE(again);
        CHECK(*again == form->form);
    }
    MESSAGE(read, " of ", all, " XForms read");
    CHECK(read * 100 >= all * 99);
}
