#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

/// A device of a researcher's study, copies of its profile, and all that was sealed on any of them.
struct CopiedDevice {
    enum class Hold { as_usual, none };

    fs::path form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
    Researcher researcher{form};
    fs::path profile = researcher.folder() / "profile", copy = researcher.folder() / "copy";
    std::vector<std::string> sealed;

    explicit CopiedDevice(Hold hold = Hold::as_usual) {
        if (hold == Hold::none) researcher.holds_nothing(form);
        Person person(profile);
        person.first_run(researcher.study());
    }
    void copy_profile(const fs::path& from, const fs::path& to) {
        fs::remove_all(to);
        fs::copy(from, to, fs::copy_options::recursive);
    }
    /// Unlocks this copy, seals so many interviews, hands over; the counts of then.
    app::Counts day_with(const fs::path& at, std::vector<std::uint64_t> seeds) {
        Person person(at);
        person.unlock();
        for (const std::uint64_t seed : seeds) {
            person.begin();
            person.set_language("en");
            person.fill({.seed = seed, .says = "By the late ferry"});
            person.finalise();
        }
        sealed.insert(sealed.end(), person.sealed.begin(), person.sealed.end());
        person.hand_over();
        return person.session().counts;
    }
    /// The researcher takes what is there, and sends receipts; the exit code of open.
    int researchers_day() {
        REQUIRE(researcher.fetch() == 0);
        if (!std::exchange(enrolled, true)) researcher.enrol_all();
        const int opened_with = researcher.open();
        REQUIRE(researcher.fetch() == 0);
        return opened_with;
    }
    /// Sealed files that this copy still has.
    static std::set<std::string> files_of(const fs::path& at) {
        std::set<std::string> files;
        for (const auto& entry : fs::directory_iterator(at / "outbox"))
            if (entry.path().extension() == ".batch") files.insert(entry.path().filename());
        return files;
    }
    std::string report() const { return read_text(researcher.results() / "report.txt"); }
    /// The report says what happened, and accuses nobody.
    bool names_a_copy_and_nobody() const {
        const std::string text = report();
        const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
        return says("the device was restored from a backup or cloned") && !says("MISSING") &&
               !says("refused") && !says("forged");
    }

    bool enrolled = false;
};

}  // namespace

TEST_CASE(
    "two copies of a profile used side by side: nothing is lost, nobody is accused, both are confirmed") {
    CopiedDevice device;
    device.day_with(device.profile, {51});
    device.copy_profile(device.profile, device.copy);
    device.day_with(device.profile, {52});
    device.day_with(device.copy, {53, 54});
    CHECK(device.researchers_day() == 1);  // two lines: somebody should look

    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));
    CHECK(device.names_a_copy_and_nobody());
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 2});
    CHECK(device.day_with(device.copy, {}) == app::Counts{0, 0, 0, 3});
}

TEST_CASE(
    "a profile put back to yesterday goes on: what it forgot is at the researchers, and nothing of it is "
    "deleted") {
    CopiedDevice device;
    {
        Person person(device.profile);
        person.unlock();
        person.begin();
        person.set_language("en");
        person.fill({.seed = 61, .says = "By the late ferry"});
        person.finalise();
        device.sealed = person.sealed;  // not handed over yet
    }
    device.copy_profile(device.profile, device.copy);  // the backup
    device.day_with(device.profile, {62});
    CHECK(device.researchers_day() == 0);
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 2});

    device.copy_profile(device.copy, device.profile);
    // Its file is at the store already, and so are the receipts of before; their hold begins anew.
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 1});
    CHECK(device.day_with(device.profile, {63}) == app::Counts{0, 0, 1, 1});
    CHECK(device.researchers_day() == 1);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));
    CHECK(device.names_a_copy_and_nobody());
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 2});
}

TEST_CASE(
    "a profile put back to yesterday keeps what it seals from then on, whatever was confirmed of the day "
    "that "
    "it forgot") {
    CopiedDevice device(CopiedDevice::Hold::none);
    device.copy_profile(device.profile, device.copy);
    device.day_with(device.profile, {71});
    CHECK(device.researchers_day() == 0);
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 1});
    CHECK(device.files_of(device.profile).empty());  // what is confirmed does not stay

    device.copy_profile(device.copy, device.profile);
    CHECK(device.day_with(device.profile, {72}) == app::Counts{0, 0, 1, 0});  // the same numbers once more
    CHECK(device.files_of(device.profile).size() == 1);
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 1, 0});
    CHECK(device.files_of(device.profile).size() == 1);
    CHECK(device.researchers_day() == 1);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));
    CHECK(device.names_a_copy_and_nobody());
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 1});
    CHECK(device.files_of(device.profile).empty());
}

TEST_CASE("of two copies side by side neither deletes what only the other's receipts speak of") {
    CopiedDevice device(CopiedDevice::Hold::none);
    device.copy_profile(device.profile, device.copy);
    device.day_with(device.profile, {81});
    CHECK(device.researchers_day() == 0);
    // The same numbers in the other copy, which finds receipts for them before it has handed anything over.
    CHECK(device.day_with(device.copy, {82}) == app::Counts{0, 0, 1, 0});
    CHECK(device.day_with(device.copy, {}) == app::Counts{0, 0, 1, 0});
    CHECK(device.files_of(device.copy).size() == 1);
    CHECK(device.day_with(device.profile, {}) == app::Counts{0, 0, 0, 1});
    CHECK(device.files_of(device.profile).empty());

    CHECK(device.researchers_day() == 1);
    CHECK(sorted(device.researcher.submissions()) == sorted(device.sealed));
    CHECK(device.names_a_copy_and_nobody());
    CHECK(device.day_with(device.copy, {}) == app::Counts{0, 0, 0, 1});
    CHECK(device.files_of(device.copy).empty());
}
