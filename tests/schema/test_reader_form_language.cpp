#include <doctest/doctest.h>

#include <sstream>

#include "schema/functions.h"
#include "tests/support/reader_forms.h"

using namespace fieldfare::schema;

TEST_CASE("FORM_LANGUAGE.md names the functions that there are") {
    std::ifstream page(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "schema/FORM_LANGUAGE.md");
    std::string line;
    while (std::getline(page, line) && !line.starts_with("`abs ")) {
    }
    REQUIRE(line.size() > 2);
    std::istringstream names(line.substr(1, line.size() - 2));
    std::vector<std::string> listed;
    for (std::string name; names >> name;) {
        CAPTURE(name);
        CHECK(find_function(name).has_value());
        listed.push_back(name);
    }
    std::vector<std::string> all;
    for (std::uint16_t i = 0; i < listed.size(); ++i) all.emplace_back(function_info(i).name);
    CHECK(all == listed);
}
