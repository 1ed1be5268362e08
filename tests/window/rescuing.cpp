#include <filesystem>
#include <fstream>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";
const std::filesystem::path visit_form = std::filesystem::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const std::filesystem::path screenshots =
    std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/rescuing";

/// The disk gives back other bytes of a page than were written.
void damage(const std::filesystem::path& database, std::streamoff page) {
    std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(page * 4096 + 1000);
    file.write("rotten", 6);
    REQUIRE(file);
}

void try_passphrase(AppWindow& window, Walker& walker) {
    walker.press("passphrase.label");
    window.type(passphrase);
    window.press("Return");
}

}  // namespace

TEST_CASE(
    "a person whose disk goes bad rescues the interviews with passphrase and study file, at the real "
    "window") {
    Researcher researcher(visit_form);
    const schema::Form form = form_of(researcher);
    const auto database = researcher.folder() / "profile/vault.db";
    const VirtualDisplay display(1024, 720);
    {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, screenshots);
        walker.first_run(passphrase);
        walker.begin_interview();
        walker.fill_interview();
        walker.finalise();
        walker.begin_interview();
        walker.press("app.home");
        walker.wait_for("home.start");
        walker.press("app.lock");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    // Tables lie in the order in which they were made: there is the study file.
    damage(database, 6);
    for (const char* language : {"russian", "english"}) {
        const bool russian = std::string_view(language) == "russian";
        std::ofstream(researcher.folder() / "profile/preferences") << "language=" << language << '\n';
        AppWindow window(display, in_profile(researcher, {}));
        Walker walker(window, display, form, russian ? screenshots / "russian" : screenshots);
        try_passphrase(window, walker);
        walker.wait_for("rescue.show");
        window.settle();
        walker.screenshot("damaged");
        walker.press("rescue.show");
        walker.wait_for("rescue.button");
        window.settle();
        walker.screenshot("what-is-done");
        try_passphrase(window, walker);
        walker.wait_for("rescue.study_intro");
        window.settle();
        walker.screenshot("study-wanted");
        if (russian) {
            walker.press("rescue.back");
            walker.wait_for("unlock.button");
            walker.close();
            CHECK(window.wait_for_end() == 0);
            continue;
        }
        walker.press("first_run.path");
        window.type(researcher.study().string());
        window.press("Return");
        walker.wait_for("first_run.same");
        window.settle();
        walker.screenshot("fingerprint");
        walker.press("first_run.same");
        walker.wait_for("rescue.button");
        window.settle();
        try_passphrase(window, walker);
        walker.wait_for("home.start");
        window.settle();
        walker.screenshot("rescued");
        CHECK_FALSE(resume_button(window).empty());
        CHECK(std::filesystem::exists(researcher.folder() / "profile/vault.db.damaged"));
        window.click(resume_button(window));
        walker.fill_interview();
        walker.finalise();
        CHECK_FALSE(std::filesystem::exists(researcher.folder() / "profile/vault.db.damaged"));
        walker.hand_over();
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    REQUIRE(researcher.fetch() == 0);
    researcher.enrol_all();
    REQUIRE(researcher.open() == 0);
    CHECK(researcher.submissions().size() == 2);
}
