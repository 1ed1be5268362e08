#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"
#include "tests/support/window.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

const fs::path visit_form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";

/// A device on which somebody has sealed two interviews and gone away.
struct LeftDevice {
    Researcher researcher{visit_form};
    fs::path profile = researcher.folder() / "profile";
    std::vector<std::string> sealed;

    LeftDevice() {
        Person person(profile);
        person.first_run(researcher.study());
        for (const std::uint64_t seed : {31, 32}) {
            person.begin();
            person.set_language("en");
            person.fill({.seed = seed, .says = "By the late ferry"});
            person.finalise();
        }
        sealed = person.sealed;
    }

    /// `fieldfare --sync-only` on it.
    int sync_only(std::string* said, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {(fs::path(FIELDFARE_BINARY_DIR) / "bin/fieldfare").string(), "--sync-only",
                                   "--profile", profile.string()});
        return run_program(more, said);
    }
};

}  // namespace

TEST_CASE("what is sealed goes to the researchers without a window and without a passphrase") {
    LeftDevice device;
    std::string said;
    CHECK(device.sync_only(&said) == 0);
    CHECK(said == "Handed over: 1. They stay on this machine until the researchers confirm them.\n");
    REQUIRE(device.researcher.fetch() == 0);
    device.researcher.enrol_all();
    REQUIRE(device.researcher.open() == 0);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));

    said.clear();
    CHECK(device.sync_only(&said, {"--json"}) == 0);
    const auto object = nlohmann::json::parse(said);
    CHECK(object["handed_over"] == 0);
    CHECK(object["waiting"] == 0);
    CHECK(object["receipts"] == 1);
    CHECK(object["files"]["confirmed"] == 1);
    CHECK(object["troubles"].empty());
}

TEST_CASE("without its store a sync without a window says what to do, and ends with 1") {
    LeftDevice device;
    fs::remove_all(device.researcher.store());
    std::string said;
    CHECK(device.sync_only(&said) == 1);
    CHECK(said == "folder:" + device.researcher.store().string() +
                      " is not there. Connect the disk that it is on; if it is a server, the study's folder or "
                      "bucket is missing: ask the researchers.\n");
}

TEST_CASE("a sync without a window goes beside the open app, and makes no profile where there is none") {
    LeftDevice device;
    {
        Person person(device.profile);
        person.unlock();
        std::string said;
        CHECK(device.sync_only(&said) == 0);
        CHECK(said.starts_with("Handed over: 1."));
    }
    device.profile = device.researcher.folder() / "none";
    std::string said;
    CHECK(device.sync_only(&said) == 3);
    CHECK(said.empty());
    CHECK_FALSE(fs::exists(device.profile));
}
