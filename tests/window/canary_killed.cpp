// What was typed is looked for in everything that a program has written which is killed at some moment.
#include <csignal>
#include <random>
#include <thread>

#include "tests/support/canary.h"
#include "tests/support/files_below.h"
#include "tests/support/processes.h"
#include "tests/support/skip.h"
#include "tests/support/trace.h"

using namespace fieldfare;
using namespace fieldfare::tests;
namespace fs = std::filesystem;

TEST_CASE("killed at some moment, the form app and its courier have written nothing that was typed") {
    std::string version;
    if (run_program({"strace", "--version"}, &version) != 0) {
        skipped("strace is not installed");
        return;
    }
    std::mt19937_64 random(2026);
    const VirtualDisplay display(1024, 720);
    enum class While { answering, sealing, handing_over };
    for (const While moment : {While::answering, While::sealing, While::handing_over}) {
        CAPTURE(static_cast<int>(moment));
        Researcher researcher(canary_form());
        const schema::Form form = form_of(researcher);
        const fs::path file = researcher.folder() / "trace";
        AppWindow::Start start = on_own_laptop(researcher);
        start.under = Trace::words(file);
        AppWindow window(display, start);
        window.patience = std::chrono::seconds(60);
        Walker walker(window, display, form, {});
        walker.texts = canary_texts;
        walker.first_run(canary_passphrase);
        walker.press("home.start");
        walker.wait_for("interview.to_review");
        const auto programs = children_of(window.process());  // of strace
        REQUIRE(programs.size() == 1);
        std::jthread killer;
        const auto is_killed_within = [&](unsigned milliseconds) {
            killer = std::jthread(
                [program = programs.front(), after = std::chrono::milliseconds(random() % milliseconds)] {
                    std::this_thread::sleep_for(after);
                    ::kill(program, SIGKILL);
                });
        };
        try {
            // Once something is typed: the first of the questions is the first canary.
            window.click("What do you say?");
            window.type(said);
            window.settle();
            if (moment == While::answering) is_killed_within(5000);
            walker.fill_interview();
            if (moment == While::sealing) is_killed_within(1500);
            walker.finalise();
            if (moment == While::handing_over) is_killed_within(1500);
            walker.hand_over();
        } catch (const std::runtime_error&) {
            // It is no longer there to be waited for.
        }
        killer.join();
        CHECK(window.wait_for_end() != 0);
        const Trace trace(file);
        CHECK(trace.shown(said));
        CHECK(trace.carried(all_canaries()) == std::vector<std::string>{});
        fs::remove(file);
        CHECK(fs::is_empty(researcher.folder() / "home"));
        CHECK(fs::is_empty(researcher.folder() / "tmp"));
        CHECK(files_with_any(researcher.folder(), all_canaries()) == std::vector<std::string>{});
    }
}
