#include <filesystem>

#include "schema/form_json.h"
#include "schema/readers/xlsform.h"
#include "tests/support/scenario_random.h"

using namespace fieldfare::schema;

namespace {

std::shared_ptr<const CompiledForm> bundled() {
    static const auto form = [] {
        const auto read = read_xlsform(std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/questionnaire");
        REQUIRE_MESSAGE(read.has_value(), (read ? "" : to_string(read.error().errors.front())));
        auto compiled = CompiledForm::compile(std::make_shared<const Form>(read->form));
        REQUIRE_MESSAGE(compiled.has_value(), (compiled ? "" : to_string(compiled.error().errors.front())));
        return *compiled;
    }();
    return form;
}

Scenario consenting() {
    Scenario scenario(bundled());
    for (const char* name : {"consent_part", "consent_sens", "scr_age18", "scr_ru"})
        scenario.answer(name, "yes");
    return scenario;
}

}  // namespace

TEST_CASE("the bundled questionnaire survives canonical JSON unchanged") {
    const Form& form = bundled()->form();
    const std::string json = to_json(form);
    const auto read = form_from_json(json);
    REQUIRE(read);
    CHECK(*read == form);
}

TEST_CASE("without consent nothing is asked, with it the sections open") {
    Scenario scenario = consenting();
    CHECK(scenario.relevant("b"));
    CHECK(scenario.relevant("g"));
    scenario.answer("consent_part", "no");
    CHECK(scenario.relevant("not_eligible"));
    CHECK_FALSE(scenario.relevant("age_grp"));
}

TEST_CASE("countries follow the region, and an answer of another region is taken back") {
    Scenario scenario = consenting();
    scenario.answer("host_region", "scau").answer("host_country", "ge");
    CHECK(scenario.choices("host_country").find("ge") != std::string::npos);
    scenario.answer("host_region", "casia");
    CHECK(scenario.value("host_country") == "");
}

TEST_CASE("what is bundled can be answered in any order, and the state never depends on the way to it") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        SeededRandom random{seed};
        Scenario scenario(bundled(), seed);
        for (int step = 0; step < 120; ++step) random_step(scenario.interview(), random);
        CHECK(picture(scenario.interview()) == picture(scenario.resumed().interview()));
    }
}

TEST_CASE("a finished interview of the bundled form is read back from its record unchanged") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        SeededRandom random{seed};
        Scenario scenario(bundled(), seed);
        for (int step = 0; step < 200; ++step) random_step(scenario.interview(), random);
        const Submission submission = scenario.finalised();
        const auto read = submission_from_json(to_json(submission, bundled()->form()), bundled()->form());
        REQUIRE(read);
        CHECK(*read == submission);
    }
}
