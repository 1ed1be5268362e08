// What was typed is looked for in everything that the program writes.
#include <algorithm>

#include "tests/support/canary.h"
#include "tests/support/files_below.h"
#include "tests/support/skip.h"
#include "tests/support/trace.h"

using namespace fieldfare;
using namespace fieldfare::tests;
namespace fs = std::filesystem;

namespace {

/// Beside its own folders the program opens these to write: names of its threads, and what is no place to
/// keep anything in.
bool is_no_file(const std::string& path) {
    return path == "/dev/null" || path == "/dev/tty" || path.starts_with("/dev/dri/") ||
           path.starts_with("/proc/self/task/");
}

}  // namespace

TEST_CASE("the form app writes into its profile and its store alone, and nothing that was typed") {
    std::string version;
    if (run_program({"strace", "--version"}, &version) != 0) {
        skipped("strace is not installed");
        return;
    }
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    const fs::path file = researcher.folder() / "trace";
    {
        AppWindow::Start start = on_own_laptop(researcher);
        start.under = Trace::words(file);
        AppWindow window(display, start);
        window.patience = std::chrono::seconds(60);
        Walker walker(window, display, form, {});
        walker.texts = canary_texts;
        walker.first_run(canary_passphrase);
        walker.press("home.start");
        walker.wait_for("interview.to_review");
        walker.fill_interview();
        walker.finalise();
        walker.hand_over();
        walker.press("app.lock");
        walker.wait_for("unlock.button");
        walker.close();
        CHECK(window.wait_for_end() == 0);
    }
    const Trace trace(file);
    CHECK(trace.shown(said));
    CHECK(trace.carried(all_canaries()) == std::vector<std::string>{});
    std::size_t in_profile = 0;
    for (const auto& path : trace.written()) {
        CAPTURE(path);
        const auto within = [&](const fs::path& folder) { return path.starts_with(folder.string()); };
        in_profile += within(researcher.folder() / "profile") ? 1 : 0;
        CHECK((within(researcher.folder() / "profile") || within(researcher.store()) || is_no_file(path)));
    }
    CHECK(in_profile > 5);
    // The courier is among those that were looked at: it alone carries.
    const auto carriers = trace.writers(researcher.store());
    CHECK_FALSE(carriers.empty());
    for (const auto& process : trace.writers(researcher.folder() / "profile/vault.db"))
        CHECK_FALSE(carriers.contains(process));
    fs::remove(file);
    CHECK(fs::is_empty(researcher.folder() / "home"));
    CHECK(fs::is_empty(researcher.folder() / "tmp"));
    CHECK(files_with_any(researcher.folder(), all_canaries()) == std::vector<std::string>{});
}

TEST_CASE("a form app that is killed in the middle of an interview leaves nothing readable on the disk") {
    Researcher researcher(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    Walker walker(window, display, form, {});
    walker.texts = canary_texts;
    walker.first_run(canary_passphrase);
    walker.press("home.start");
    walker.wait_for("interview.to_review");
    walker.fill_interview();
    walker.press("review.back");
    window.click("What do you say?");
    window.type(brief);
    window.kill();
    CHECK(fs::file_size(researcher.folder() / "profile/vault.db") > 0);
    CHECK(fs::is_empty(researcher.folder() / "home"));
    CHECK(fs::is_empty(researcher.folder() / "tmp"));
    CHECK(files_with_any(researcher.folder(), all_canaries()) == std::vector<std::string>{});
}

TEST_CASE("an unattended machine writes nothing that was typed, sealed or not") {
    std::string version;
    if (run_program({"strace", "--version"}, &version) != 0) {
        skipped("strace is not installed");
        return;
    }
    Researcher researcher(canary_form());
    researcher.serves_alone(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    const fs::path file = researcher.folder() / "trace";
    {
        AppWindow::Start start = on_own_laptop(researcher);
        start.under = Trace::words(file);
        AppWindow window(display, start);
        window.patience = std::chrono::seconds(60);
        Walker walker(window, display, form, {});
        walker.texts = canary_texts;
        walker.set_up_alone(canary_passphrase);
        walker.open_to_respondents();
        walker.respond();
        walker.seal_alone();
        walker.respond();
        window.press("Escape");
        walker.wait_for("kiosk.hidden_title");
        window.press("Escape");
        walker.wait_for("kiosk.begin");
        walker.close();
        walker.pass_staff(canary_passphrase, "kiosk.door_close");
        CHECK(window.wait_for_end() == 0);
    }
    const Trace trace(file);
    CHECK(trace.shown(said));
    CHECK(trace.carried(all_canaries()) == std::vector<std::string>{});
    for (const auto& path : trace.written()) {
        CAPTURE(path);
        const auto within = [&](const fs::path& folder) { return path.starts_with(folder.string()); };
        CHECK((within(researcher.folder() / "profile") || is_no_file(path)));
    }
    fs::remove(file);
    CHECK(fs::is_empty(researcher.folder() / "home"));
    CHECK(fs::is_empty(researcher.folder() / "tmp"));
    CHECK(files_with_any(researcher.folder(), all_canaries()) == std::vector<std::string>{});
}

TEST_CASE("an interview on an unattended machine changes no byte on the disk until it is sealed") {
    Researcher researcher(canary_form());
    researcher.serves_alone(canary_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    Walker walker(window, display, form, {});
    walker.texts = canary_texts;
    walker.set_up_alone(canary_passphrase);
    walker.open_to_respondents();
    const auto before = contents_of(researcher.folder() / "profile");
    const auto unchanged = [&] {
        CHECK(contents_of(researcher.folder() / "profile") == before);
        CHECK(fs::is_empty(researcher.folder() / "home"));
        CHECK(fs::is_empty(researcher.folder() / "tmp"));
        CHECK(files_with_any(researcher.folder(), all_canaries()) == std::vector<std::string>{});
    };
    walker.respond();
    unchanged();
    window.let_minutes_pass(2);
    walker.wait_for("kiosk.idle_title");
    window.let_minutes_pass(1);
    walker.wait_for("kiosk.begin");
    window.settle();
    unchanged();  // somebody has walked away
    walker.respond();
    walker.press("review.back");
    window.click("What do you say?");
    window.type(brief);
    window.settle();
    window.kill();  // somebody pulls the plug
    unchanged();
}
