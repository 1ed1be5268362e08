#include <doctest/doctest.h>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"
#include "tests/support/web_drop.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

/// Store files of a drop, for the laptops and for the researcher.
struct StoreFiles {
    test::TemporaryFolder folder;
    std::string laptops = (folder / "laptops.ffstore").string(),
                reader = (folder / "reader.ffstore").string();

    explicit StoreFiles(const test::WebDrop& drop) {
        for (const std::string user : {"laptops", "reader"})
            test::write(folder / (user + ".ffstore"),
                        "address = " + drop.address("/drop") + "\nuser = " + user + "\npassword = " + user +
                            "-secret\npin = " + drop.pin() +
                            "\ncertificate = " + drop.certificate_file().string() + "\n");
    }
};

}  // namespace

TEST_CASE("interviews go from the form app through a web server to the researcher, and receipts back") {
    test::WebDrop* drop = test::web_drop();
    if (!drop) return;
    const StoreFiles files(*drop);
    Researcher researcher(fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit", files.laptops, files.reader);
    Person person(researcher.folder() / "profile");
    person.first_run(researcher.study());
    for (const std::uint64_t seed : {21, 22}) {
        person.begin();
        person.set_language("en");
        person.fill({.seed = seed, .says = "By the late ferry"});
        person.finalise();
    }

    person.hand_over();  // before anybody has made the study's folder
    CHECK_MESSAGE(person.sees("the study's folder is missing"), person.contents());
    CHECK(person.session().counts == app::Counts{0, 2, 0, 0});
    drop->clear("/drop", researcher.study_tag());
    person.hand_over();
    CHECK(person.session().counts == app::Counts{0, 0, 2, 0});

    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(sorted(researcher.submissions()) == sorted(person.sealed));
    CHECK(test::names_in(drop->files("/drop") / researcher.study_tag() / "receipts").empty());
    REQUIRE(researcher.fetch() == 0);  // takes the receipts there
    person.hand_over();
    CHECK(person.session().counts == app::Counts{0, 0, 0, 2});
    CHECK(files_holding(drop->files("/drop"), "By the late ferry").empty());
}
