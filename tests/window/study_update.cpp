#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";
const std::filesystem::path visit_form = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const std::filesystem::path screenshots =
    std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/study-update";

}  // namespace

TEST_CASE("a newer study file is named, looked at and taken in at the real window") {
    Researcher researcher(visit_form);
    const schema::Form form = form_of(researcher);
    const std::filesystem::path first = researcher.study();
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, in_profile(researcher, first));
        Walker walker(window, display, form, screenshots);
        walker.first_run(passphrase);
        researcher.hand_on_to("ben", visit_form);
        walker.press("home.study_file");
        walker.wait_for("first_run.read");
        walker.screenshot("choose");
        window.type((researcher.folder() / "nowhere.ffstudy").string());  // its field has the keyboard
        window.press("Return");
        walker.wait_for("package.no_file");
        walker.screenshot("refused");
        walker.press("first_run.path");
        window.press("ctrl+a");
        window.type(researcher.study().string());
        window.press("Return");
        walker.wait_for("study_file.take");
        window.settle();
        walker.screenshot("what-it-changes");
        walker.press("study_file.take");
        window.wait_for("Study file 2 is in use now. Interviews that you begin from now on follow it.");
        window.settle();
        walker.screenshot("taken-in");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    // Whoever begins with the file of the first day gets no word about it; a newer one is shown.
    for (const bool newer : {false, true}) {
        if (newer) researcher.hand_on_to("cem", visit_form);
        AppWindow window(display, in_profile(researcher, newer ? researcher.study() : first));
        Walker walker(window, display, form, {});
        walker.wait_for("unlock.button");
        walker.press("passphrase.label");
        window.type(passphrase);
        window.press("Return");
        walker.wait_for(newer ? "study_file.take" : "home.start");
        window.settle();
        CHECK(walker.sees("study_file.take") == newer);
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
}
