#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/journey.h"
#include "tests/support/journey_person.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

/// A form of one question whose respondents can take their interviews back.
struct Form {
    Form() {
        std::string name = (fs::temp_directory_path() / "fieldfare-form-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        std::ofstream(folder / "survey.csv") << "type,name,label::English (en)\ntext,say,What do you say?\n";
        std::ofstream(folder / "settings.csv")
            << "form_title,form_id,version,default_language,x_withdrawal\nShort,short,1,English (en),yes\n";
    }
    ~Form() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    fs::path folder;
};

}  // namespace

TEST_CASE(
    "a respondent notes the code that the form app shows, and the researcher takes that interview back by "
    "it") {
    const Form form;
    Researcher researcher(form.folder);
    Person person(researcher.folder() / "profile");
    person.first_run(researcher.study());
    std::vector<std::string> codes;
    for (const std::uint64_t seed : {1, 2}) {
        person.begin();
        person.fill({.seed = seed, .says = "Answer " + std::to_string(seed)});
        person.press_text("review.finalise");
        person.press_text("withdrawal.show");
        person.await_text("withdrawal.noted");
        codes.push_back(person.value_of(person.t("withdrawal.code")));
        CHECK(codes.back().size() == 24);
        CHECK_FALSE(person.sees(person.t("app.home")));
        person.press_text("withdrawal.noted");
        CHECK_FALSE(person.sees(codes.back()));
        person.await_text("withdrawal.give_back");
        CHECK(person.sealed.size() == seed);
        person.press_text("handback.begin");
    }
    person.hand_over();
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(researcher.submissions().size() == 2);
    for (const std::string& code : codes) CHECK(files_holding(researcher.folder(), code).empty());

    CHECK(researcher.withdraw(codes[0]) == 0);
    researcher.open();
    REQUIRE(researcher.submissions().size() == 1);
    CHECK(researcher.submissions()[0].find("Answer 2") != std::string::npos);

    // The other comes back to the machine.
    person.press_text("app.home");
    person.press_text("home.take_back");
    person.press_text("take_back.code");
    person.type(codes[1]);
    person.press_text("take_back.seal");
    person.await_text("home.taken_back");
    CHECK_FALSE(person.sees(codes[1]));
    person.hand_over();
    REQUIRE(researcher.fetch() == 0);
    researcher.open();
    CHECK(researcher.submissions().empty());
}
