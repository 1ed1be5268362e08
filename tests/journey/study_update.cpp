#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

const fs::path visit_form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const std::string first_version = "2026112301", second_version = "2026120101";

/// The visit form with one question more, under another version.
fs::path second_form(const fs::path& folder) {
    const fs::path form = folder / "second-form";
    fs::copy(visit_form, form);
    std::string settings = read_text(form / "settings.csv");
    const std::size_t at = settings.find(first_version);
    REQUIRE(at != std::string::npos);
    settings.replace(at, first_version.size(), second_version);
    std::ofstream(form / "settings.csv") << settings;
    std::ofstream(form / "survey.csv", std::ios::app)
        << "text,advice,What would you advise?,Что бы вы посоветовали?" + std::string(14, ',') +
               "multiline,300\n";
    return form;
}

/// A study of Anna's on a device that the roster knows, with one interview under way to her.
struct Field {
    Researcher researcher{visit_form};
    Person person{researcher.folder() / "profile"};

    Field() {
        person.first_run(researcher.study());
        interview(1);
        person.hand_over();
        REQUIRE(researcher.fetch() == 0);
        researcher.enrol_all();
        person.press_text("app.home");
    }
    void begin(std::uint64_t seed, int pages = 200) {
        person.begin();
        person.set_language("en");
        person.fill({.seed = seed, .says = "One queue for all", .pages = pages});
    }
    void interview(std::uint64_t seed) {
        begin(seed);
        person.finalise();
    }
    std::vector<std::string> sealed(std::initializer_list<std::size_t> which) const {
        std::vector<std::string> payloads;
        for (const std::size_t i : which) payloads.push_back(person.sealed.at(i));
        std::ranges::sort(payloads);
        return payloads;
    }
    /// What this person finds in the inbox.
    std::vector<std::string> opened_by(const std::string& who, const std::string& version = {}) {
        researcher.open(who);
        auto lines = researcher.submissions(version);
        std::ranges::sort(lines);
        return lines;
    }
};

}  // namespace

TEST_CASE(
    "after a device has taken in the next study file, the new researcher opens its interviews and the old "
    "one does not") {
    Field field;
    field.researcher.hand_on_to("ben", visit_form);
    field.person.take_in(field.researcher.study());
    CHECK(field.person.sees("Study file 2"));
    field.interview(2);
    field.person.hand_over();
    REQUIRE(field.researcher.fetch() == 0);
    CHECK(field.opened_by("anna") == field.sealed({0}));
    CHECK(field.opened_by("ben") == field.sealed({1}));
}

TEST_CASE("a device that takes in another form asks its questions, also after the program was started anew") {
    Field field;
    field.researcher.hand_on_to("ben", second_form(field.researcher.folder()));
    field.person.take_in(field.researcher.study());
    field.interview(2);
    CHECK(field.person.sealed.back().find("\"advice\"") != std::string::npos);
    field.person.press_text("app.lock");
    field.person.unlock();
    field.interview(3);
    field.person.hand_over();
    REQUIRE(field.researcher.fetch() == 0);
    CHECK(field.opened_by("ben") == field.sealed({1, 2}));
}

TEST_CASE("before it is taken in, a person reads whose key comes and whose goes, and what stays") {
    Field field;
    field.researcher.hand_on_to("ben", visit_form);
    field.person.look_at_newer(field.researcher.study());
    field.person.await_text("study_file.take");
    for (const char* words : {"New: ben", "No longer: anna", "They stay as they are",
                              "The same places as before", "Study file 2. This machine has 1."}) {
        CAPTURE(words);
        CHECK(field.person.sees(words));
    }
    field.person.press_text("study_file.leave");
    field.interview(2);
    field.person.hand_over();
    REQUIRE(field.researcher.fetch() == 0);
    CHECK(field.opened_by("anna") == field.sealed({0, 1}));
}

TEST_CASE(
    "an interview that began before the update is sealed to the new researcher, who reads it by its own "
    "form") {
    Field field;
    field.begin(2, 1);
    field.person.press_text("app.home");
    field.researcher.hand_on_to("ben", second_form(field.researcher.folder()));
    field.person.take_in(field.researcher.study());
    SUBCASE("at once") {}
    SUBCASE("after the program was locked") {
        field.person.press_text("app.lock");
        field.person.unlock();
    }
    field.person.resume_draft();
    field.person.fill({.seed = 2});
    field.person.finalise();
    field.interview(3);
    CHECK(field.person.sealed[1].find("\"version\":\"" + first_version + "\"") != std::string::npos);
    CHECK(field.person.sealed[2].find("\"version\":\"" + second_version + "\"") != std::string::npos);
    field.person.hand_over();
    REQUIRE(field.researcher.fetch() == 0);
    CHECK(field.opened_by("ben") == field.sealed({2}));
    CHECK(field.opened_by("ben", first_version) == field.sealed({1}));
    CHECK(field.opened_by("anna") == std::vector<std::string>{});
    CHECK(field.opened_by("anna", first_version) == field.sealed({0}));
}
