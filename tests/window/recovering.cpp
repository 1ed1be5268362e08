#include <filesystem>
#include <fstream>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

constexpr const char* forgotten = "thrush rowan october ferry";
constexpr const char* chosen = "thimble orchard seven kettles";
const std::filesystem::path visit_form = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const std::filesystem::path screenshots =
    std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/recovering";

/// The form app with the researcher's folder as its person's home, so that the picker begins there.
AppWindow::Start at_home(const Researcher& researcher, const std::filesystem::path& study) {
    auto start = in_profile(researcher, study);
    start.environment.emplace_back("HOME", researcher.folder() / "home");
    return start;
}

std::string value_of(const AppWindow& window, const std::string& label) {
    for (const ScreenWidget& widget : window.widgets())
        if (widget.label == label && !widget.value.empty()) return widget.value;
    return {};
}

/// From the lock screen to a request that waits for its answer; the digits that are read out.
std::string asks(AppWindow& window, Walker& walker) {
    walker.press("unlock.forgotten");
    walker.press("recovery.ask");
    walker.wait_for("recovery.choose");
    window.settle();
    return value_of(window, "Numbers of the request");
}

void type_line(AppWindow& window, const std::string& words) {
    window.type(words);
    window.press("Return");
}

}  // namespace

TEST_CASE(
    "who has forgotten the passphrase gets everything back with the supervisor's answer, at the real "
    "window") {
    Researcher researcher(visit_form);
    researcher.supervised_by("maria", visit_form);
    const auto home = researcher.folder() / "home";
    const auto request = researcher.folder() / "profile/request.ffrecover";
    std::filesystem::create_directory(home);
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, at_home(researcher, researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.first_run(forgotten);
        walker.begin_interview();
        walker.fill_interview();
        walker.finalise();
        walker.begin_interview();
        walker.press("app.home");
        walker.wait_for("home.start");
        window.settle();
        walker.screenshot("before");
        walker.press("app.lock");
        walker.wait_for("unlock.forgotten");
        window.settle();
        walker.screenshot("locked");
        walker.press("unlock.forgotten");
        walker.wait_for("recovery.ask");
        window.settle();
        walker.screenshot("what-it-takes");
        walker.press("recovery.back");

        const std::string first = asks(window, walker);
        REQUIRE(researcher.answer("maria", request, first, home / "first.ffanswer") == 0);
        walker.press("recovery.give_up");
        walker.wait_for("unlock.button");
        CHECK_FALSE(std::filesystem::exists(request));

        const std::string second = asks(window, walker);
        walker.screenshot("request");
        CHECK(second != first);
        CHECK(researcher.answer("maria", request, first, home / "second.ffanswer") != 0);
        CHECK(researcher.answer("anna", request, second, home / "second.ffanswer") != 0);
        REQUIRE(researcher.answer("maria", request, second, home / "second.ffanswer") == 0);
        walker.press("recovery.choose");
        window.wait_for("first.ffanswer");
        window.settle();
        walker.screenshot("answers");
        window.click("first.ffanswer");
        walker.wait_for("store.wrong_answer");
        window.settle();
        walker.screenshot("wrong-answer");
        walker.press("recovery.choose");
        window.wait_for("second.ffanswer");
        window.settle();
        window.click("second.ffanswer");
        walker.wait_for("recovery.choose_intro");
        window.settle();
        window.type(chosen);
        window.settle();
        walker.screenshot("new-passphrase");
        window.press("Return");
        walker.wait_for("recovery.repeat_intro");
        window.settle();
        type_line(window, chosen);
        walker.wait_for("recovery.done");
        window.settle();
        walker.screenshot("back");
        CHECK_FALSE(resume_button(window).empty());
        CHECK_FALSE(std::filesystem::exists(request));
        walker.press("app.lock");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    std::ofstream(researcher.folder() / "profile/preferences") << "language=russian\n";
    AppWindow window(display, at_home(researcher, {}));
    Walker walker(window, display, form, screenshots / "russian");
    (void)asks(window, walker);
    walker.screenshot("request");
    walker.press("recovery.give_up");
    walker.wait_for("unlock.button");
    walker.press("passphrase.label");
    type_line(window, forgotten);
    walker.wait_for("store.wrong_passphrase");
    window.settle();
    walker.unlock(chosen);
    window.settle();
    CHECK_FALSE(walker.sees("home.no_drafts"));
    walker.hand_over();
    walker.close();
    CHECK(window.wait_for_end() == 0);
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(researcher.submissions().size() == 1);
}
