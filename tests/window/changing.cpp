#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

constexpr const char* passphrase = "thrush rowan october ferry";
constexpr const char* chosen = "quince barrow violet tide";
const fs::path visit_form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const fs::path screenshots = fs::path(FIELDFARE_BINARY_DIR) / "screenshots/changing";

/// `fieldfare --new-token` on a file, what it says with its exit code in front.
std::string new_token(const fs::path& file) {
    std::string said;
    const int code = run_program(
        {(fs::path(FIELDFARE_BINARY_DIR) / "bin/fieldfare").string(), "--new-token", file.string()}, &said);
    return std::to_string(code) + " " + said;
}

void type_line(AppWindow& window, const std::string& words) {
    window.settle();
    window.type(words);
    window.press("Return");
}

}  // namespace

TEST_CASE("the passphrase is changed at the real window, and from then on a token file is asked for") {
    Researcher researcher(visit_form);
    const auto home = researcher.folder() / "home";
    fs::create_directory(home);
    const auto token = home / "me.fftoken";
    CHECK(new_token(token).starts_with("0 " + token.string() + " is a token file."));
    CHECK(new_token(token).starts_with("1 "));
    CHECK(fs::file_size(token) == 60);

    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    const auto at_home = [&](const fs::path& study) {
        auto start = in_profile(researcher, study);
        start.environment.emplace_back("HOME", home);
        return start;
    };
    {
        AppWindow window(display, at_home(researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.first_run(passphrase);
        walker.begin_interview();
        walker.press("app.home");
        walker.wait_for("home.start");
        walker.press("app.settings");
        walker.wait_for("settings.passphrase");
        walker.press("settings.passphrase");
        walker.wait_for("changing.intro");
        window.settle();
        walker.screenshot("what-it-does");
        type_line(window, passphrase);
        walker.wait_for("token.choose");
        window.settle();
        walker.screenshot("new-passphrase");
        walker.press("token.choose");
        window.wait_for("me.fftoken");
        window.settle();
        walker.screenshot("token-files");
        window.click("me.fftoken");
        walker.wait_for("token.drop");
        walker.press("changing.label");
        type_line(window, chosen);
        walker.wait_for("token.second_copy");
        window.settle();
        walker.screenshot("once-more");
        type_line(window, chosen);
        walker.wait_for("changing.done_with_token");
        window.settle();
        walker.screenshot("changed");
        walker.press("settings.done");
        CHECK_FALSE(resume_button(window).empty());

        // While the program runs, it knows where the file is.
        walker.press("app.lock");
        walker.wait_for("token.chosen");
        window.settle();
        walker.screenshot("locked");
        type_line(window, chosen);
        walker.wait_for("home.start");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    AppWindow window(display, at_home({}));
    Walker walker(window, display, form, screenshots / "next-day");
    walker.wait_for("token.unlock");
    type_line(window, chosen);
    walker.wait_for("store.wrong_passphrase");
    window.settle();
    walker.screenshot("without-token");
    walker.press("token.unlock");
    window.wait_for("me.fftoken");
    window.settle();
    window.click("me.fftoken");
    walker.wait_for("token.drop");
    walker.press("passphrase.label");
    type_line(window, chosen);
    walker.wait_for("home.start");
    CHECK_FALSE(resume_button(window).empty());
    walker.close();
    CHECK(window.wait_for_end() == 0);
}
