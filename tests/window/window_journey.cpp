#include <algorithm>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;
using nlohmann::json;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";
const std::filesystem::path questionnaire =
    std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/questionnaire/mobility_engagement.xlsx";
const std::filesystem::path screenshots = std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots";

/// The first question that is shown; in Russian, the form's default language, unless said otherwise.
std::string consent_question(const schema::Form& form, std::size_t language = 1) {
    for (const schema::Item& item : form.items) {
        if (item.kind == schema::ItemKind::group) return item.children.front().label.at(language);
    }
    return {};
}

}  // namespace

TEST_CASE("an interview filled in through the real window reaches the researcher with every value as given") {
    Researcher researcher(questionnaire);
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    const std::string marker = "Ёжик zq7marker шёл домой";
    std::vector<std::pair<std::string, std::string>> given;
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.texts = {{"open_say", marker}, {"coupon_in", "AB12CD34"}};
        walker.page_screenshots = 5;
        walker.first_run(passphrase);
        walker.begin_interview();
        walker.fill_interview();
        CHECK(files_holding(researcher.folder() / "profile", "zq7marker").empty());  // still a draft
        walker.finalise();
        walker.hand_over();
        given = walker.given;
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    CHECK(files_holding(researcher.folder(), "zq7marker").empty());
    CHECK(files_holding(researcher.folder(), "Ёжик").empty());

    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    REQUIRE(researcher.submissions().size() == 1);
    std::map<std::string, std::deque<std::string>> received;
    collect(json::parse(researcher.submissions().front()).at("answers"), received);
    CHECK(given.size() > 60);
    for (const auto& [name, value] : given) {
        CAPTURE(name);
        REQUIRE_FALSE(received[name].empty());
        CHECK(received[name].front() == value);
        received[name].pop_front();
    }
}

TEST_CASE("a draft waits behind the passphrase and goes on where it stood") {
    Researcher researcher(questionnaire);
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, {});
        walker.first_run(passphrase);
        walker.begin_interview();
        window.click("Да", consent_question(form));
        walker.wait_for("interview.saved");
        window.settle();
        window.kill();  // the battery is empty
    }
    AppWindow window(display, in_profile(researcher, {}));
    Walker walker(window, display, form, screenshots / "draft");
    walker.wait_for("unlock.button");
    walker.press("passphrase.label");
    window.type("not the passphrase");
    window.press("Return");
    walker.wait_for("store.wrong_passphrase");
    walker.screenshot("wrong-passphrase");
    walker.unlock(passphrase);
    walker.screenshot("draft-waits");
    const std::string resume = resume_button(window);
    REQUIRE_FALSE(resume.empty());
    window.click(resume);
    const std::string consent = consent_question(form);
    window.wait_until("the answer given before", [&](const auto& widgets) {
        return std::any_of(widgets.begin(), widgets.end(), [&](const ScreenWidget& widget) {
            return widget.label == "Да" && widget.value == consent && widget.checked;
        });
    });

    // The language changes at any time, and the answer stays.
    window.click("English");
    window.wait_until("the question in English, answered", [&](const auto& widgets) {
        return std::any_of(widgets.begin(), widgets.end(), [&](const ScreenWidget& widget) {
            return widget.label == "Yes" && widget.value == consent_question(form, 0) && widget.checked;
        });
    });
    window.settle();
    walker.screenshot("english");
}
