// Handing over by itself, in the real window.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/processes.h"
#include "tests/support/window_study.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

constexpr const char* passphrase = "thrush rowan october ferry";

std::filesystem::path short_form() {
    const std::filesystem::path folder = std::filesystem::path(FIELDFARE_BINARY_DIR) / "forms/short";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "survey.csv")
        << "type,name,label::English (en),label::Russian (ru)\ntext,say,What do you say?,Что скажете?\n";
    std::ofstream(folder / "settings.csv")
        << "form_title,form_id,version,default_language\nShort,short,1,English (en)\n";
    return folder;
}

/// A store of this machine that takes calls and never says a word.
struct SilentStore {
    SilentStore() {
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const place = reinterpret_cast<sockaddr*>(&address);
        REQUIRE((::bind(socket, place, size) == 0 && ::listen(socket, 8) == 0));
        REQUIRE(::getsockname(socket, place, &size) == 0);
    }
    ~SilentStore() { ::close(socket); }
    std::string name() const {
        return "https://127.0.0.1:" + std::to_string(::ntohs(address.sin_port)) + "/drop";
    }

    int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
};

/// Whether the form app has ended within this time.
bool ends(const AppWindow& window, std::chrono::seconds within) {
    const auto last = std::chrono::steady_clock::now() + within;
    const auto ended = [&] { return status_line(window.process(), "State").starts_with('Z'); };
    while (!ended() && std::chrono::steady_clock::now() < last)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return ended();
}

std::size_t batches_in(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        count += entry.path().extension() == ".batch" ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE(
    "with the switch on an interview goes out behind the screen for the passphrase, and not without it") {
    Researcher researcher(short_form());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, in_profile(researcher, researcher.study()));
    Walker walker(window, display, form,
                  std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/handing-over");
    const auto shot = [&](const std::string& name) {
        window.settle();
        walker.screenshot(name);
    };
    /// Two hours, in which whatever was sealed would go; sooner when it has gone.
    const auto two_hours = [&](std::size_t wanted) {
        for (int i = 0; i < 24 && batches_in(researcher.store()) < wanted; ++i) window.let_minutes_pass(5);
        window.settle();
        return batches_in(researcher.store());
    };
    walker.first_run(passphrase);
    walker.press("home.start");
    walker.fill_interview();
    walker.finalise();
    walker.press("app.lock");
    walker.wait_for("unlock.title");
    CHECK(two_hours(1) == 0);

    walker.unlock(passphrase);
    walker.press("home.sync");
    walker.wait_for("sync.start");
    shot("switch-off");
    walker.press("sync.by_itself");
    window.wait_until("the switch", [](const auto& widgets) {
        return std::ranges::any_of(
            widgets, [](const auto& one) { return one.checked && one.label == "Hand over by itself"; });
    });
    shot("switch-on");
    walker.press("app.home");
    walker.wait_for("sync.line_waits");
    shot("home");
    walker.press("app.lock");
    walker.wait_for("sync.line_waits");
    shot("locked");
    CHECK(two_hours(1) == 1);
    CHECK_FALSE(window.sees("Short"));  // no study is named
    walker.press("unlock.sync");
    walker.wait_for("sync.again");
    shot("locked-handed-over");

    walker.press("app.settings");
    walker.press("settings.language.russian");
    window.settle();  // the next button has its other name
    walker.press("settings.done");
    walker.wait_for("sync.again");
    shot("locked-handed-over-russian");

    // The disk is pulled out: it is left alone for a while, and the screen says for how long.
    walker.press("interview.back");
    walker.unlock(passphrase);
    walker.press("home.start");
    walker.fill_interview();
    walker.finalise();
    std::filesystem::rename(researcher.store(), researcher.folder() / "pulled out");
    walker.press("home.sync");
    walker.press("sync.again");
    shot("failed-russian");
    const auto rests = [](const auto& widgets) {
        return std::ranges::any_of(widgets, [](const auto& one) {
            return one.label.find("Автоматическая попытка") != std::string::npos;
        });
    };
    for (int i = 0; i < 10 && !window.comes_true(std::chrono::seconds(1), rests); ++i)
        window.let_minutes_pass(1);
    CHECK(rests(window.widgets()));
    shot("rests-russian");
    walker.press("app.home");
    shot("home-russian");
    walker.close();
    CHECK(window.wait_for_end() == 0);
}

TEST_CASE("a pass that hangs and was stopped says so on home and behind the lock, and the program ends") {
    const SilentStore silent;
    const Researcher researcher(short_form(), silent.name(), silent.name());
    const schema::Form form = form_of(researcher);
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, in_profile(researcher, researcher.study()));
    Walker walker(window, display, form,
                  std::filesystem::path(FIELDFARE_BINARY_DIR) / "screenshots/handing-over-hangs");
    walker.first_run(passphrase);
    walker.press("home.start");
    walker.fill_interview();
    walker.finalise();
    walker.press("home.sync");
    walker.press("sync.start");
    walker.wait_for("sync.running");
    std::vector<pid_t> passes;
    for (int i = 0; i < 500 && passes.empty(); ++i) {
        passes = children_of(children_of(window.process()).front());
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    REQUIRE(passes.size() == 1);
    ::kill(passes.front(), SIGSTOP);  // as one that hangs in the system
    walker.press("interview.back");
    walker.press("sync.line_stop");
    walker.wait_for("sync.line_stopping");
    window.settle();
    walker.screenshot("home");
    walker.press("app.lock");
    walker.wait_for("unlock.title");
    walker.wait_for("sync.line_stop_at_once");
    window.settle();
    walker.screenshot("locked");
    walker.close();
    REQUIRE(ends(window, std::chrono::seconds(30)));
    CHECK(window.wait_for_end() == 0);
    CHECK(status_line(passes.front(), "State").find("stopped") == std::string::npos);
}
