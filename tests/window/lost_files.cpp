// What a bad disk can take away beside the pages of the vault, in the real window.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

namespace fs = std::filesystem;

constexpr const char* passphrase = "thrush rowan october ferry";
const fs::path visit_form = fs::path(FIELDFARE_SOURCE_DIR) / "assets/forms/visit";
const fs::path screenshots = fs::path(FIELDFARE_BINARY_DIR) / "screenshots/lost-files";

/// A machine on which one interview is sealed, and nobody at it.
struct LeftMachine {
    Researcher researcher{visit_form};
    schema::Form form = form_of(researcher);
    VirtualDisplay display{1024, 720};
    fs::path profile = researcher.folder() / "profile";

    LeftMachine() {
        AppWindow window(display, in_profile(researcher, researcher.study()));
        Walker walker(window, display, form, {});
        walker.first_run(passphrase);
        walker.begin_interview();
        walker.fill_interview();
        walker.finalise();
        walker.press("app.lock");
        walker.wait_for("unlock.title");
        walker.close();
        REQUIRE(window.wait_for_end() == 0);
    }
    /// A person starts it and does this, in each language.
    template <typename Act>
    void in_each_language(const fs::path& shots, const Act& act) {
        for (const char* language : {"russian", "english"}) {
            CAPTURE(language);
            std::ofstream(profile / "preferences") << "language=" << language << '\n';
            AppWindow window(display, in_profile(researcher, {}));
            Walker walker(window, display, form, shots / language);
            act(window, walker);
            walker.close();
            CHECK(window.wait_for_end() == 0);
        }
    }
};

void tells_of_missing_files(AppWindow& window) {
    window.wait_until("what is missing", [](const auto& widgets) {
        return std::ranges::any_of(widgets, [](const auto& one) {
            return one.label.starts_with("Sealed files are not on this machine any more: 1.") ||
                   one.label.starts_with("Запечатанных файлов, которых больше нет на этом компьютере: 1.");
        });
    });
    window.settle();
}

}  // namespace

TEST_CASE(
    "a person whose outbox has vanished reads it before the passphrase and after it, at the real window") {
    LeftMachine machine;
    machine.in_each_language(screenshots / "outbox", [&](AppWindow& window, Walker& walker) {
        fs::remove_all(machine.profile / "outbox");
        walker.press("unlock.sync");
        walker.press("sync.start");
        walker.wait_for("sync.outbox_missing");
        window.settle();
        walker.screenshot("locked");
        walker.press("interview.back");
        walker.unlock(passphrase);
        tells_of_missing_files(window);
        walker.screenshot("home");
        walker.press("home.sync");
        tells_of_missing_files(window);
        walker.press("sync.again");
        walker.wait_for("sync.nothing_new");
        window.settle();
        walker.screenshot("hand-over");
    });
}

TEST_CASE("a person whose vault nothing opens any more hands over what is sealed, at the real window") {
    LeftMachine machine;
    fs::remove(machine.profile / "vault.db");
    machine.in_each_language(screenshots / "vault", [&](AppWindow& window, Walker& walker) {
        walker.wait_for("store.database_missing");
        window.settle();
        walker.screenshot("why");
        walker.press("unlock.sync");
        walker.press("sync.start");
        walker.wait_for("sync.again");
        window.settle();
        walker.screenshot("handed-over");
        CHECK(std::ranges::count_if(fs::recursive_directory_iterator(machine.researcher.store()),
                                    [](const auto& entry) { return entry.path().extension() == ".batch"; }) ==
              1);
        walker.press("interview.back");
        walker.wait_for("store.database_missing");
    });
}
