// What is left to the form app of the machine once its window is open: it is asked to try for itself.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "client/confinement/files.h"
#include "tests/support/canary.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace {

int number_of(const std::string& process, const std::string& what) {
    const std::string status = read_text("/proc/" + process + "/status");
    const auto at = status.find("\n" + what + ":\t");
    REQUIRE(at != std::string::npos);
    return std::stoi(status.substr(at + what.size() + 3));
}

/// Memory that another program of the same person shares, under the name that the probe tries.
struct SharedMemory {
    explicit SharedMemory(pid_t probe) : path("/dev/shm/fieldfare_probe_" + std::to_string(probe)) {
        ::close(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    }
    ~SharedMemory() { ::unlink(path.c_str()); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    std::string path;
};

}  // namespace

TEST_CASE("the form app with its window open starts no program and has no network") {
    const Researcher researcher(canary_form());
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const std::string program = std::to_string(window.process());
    CHECK(number_of(program, "NoNewPrivs") == 1);
    CHECK(number_of(program, "Seccomp") == 2);
    // One filter for all our programs, one for the network, one for local sockets, beside this test's own.
    CHECK(number_of(program, "Seccomp_filters") == number_of("self", "Seccomp_filters") + 3);

    auto tries = window.what_it_reaches().tries;
    CHECK(tries.at("a program that is not there") == EPERM);
    CHECK(tries.at("a socket of the internet") == EPERM);
    CHECK(tries.at("a socket of IPv6") == EPERM);
    CHECK(tries.at("a local socket") == EPERM);
}

TEST_CASE(
    "the form app with its window open writes in its profile, not at home, not into what others share") {
    if (confinement::landlock_version() < 2) {
        skipped_on_this_machine("this kernel has no Landlock of version 2");
        return;
    }
    const Researcher researcher(canary_form());
    const VirtualDisplay display(1024, 720);
    AppWindow window(display, on_own_laptop(researcher));
    const SharedMemory memory(window.process());
    auto tries = window.what_it_reaches().tries;
    CHECK(tries.at("a file of the profile") == 0);
    CHECK(tries.at("/dev/null") == 0);
    CHECK(tries.at("a file at home") == EACCES);
    CHECK(tries.at("memory that others share") == EACCES);
    CHECK_FALSE(std::filesystem::exists(researcher.folder() / "home/tried"));
}

TEST_CASE("what a test asks of the form app reaches it, and its end too, whatever program has started it") {
    const Researcher researcher(canary_form());
    const VirtualDisplay display(1024, 720);
    AppWindow::Start start = on_own_laptop(researcher);
    start.under = {"/bin/sh", "-c", "\"$@\"; exit $?", "sh"};
    AppWindow window(display, start);
    const pid_t program = window.process();
    CHECK(window.what_it_reaches().tries.contains("/dev/null"));
    window.kill();
    for (int i = 0; i < 500 && ::kill(program, 0) == 0; ++i)
        ::usleep(10'000);  // whoever inherits it waits for it
    CHECK(::kill(program, 0) != 0);
}

TEST_CASE("libraries of the form app see the variables that it needs, and are told to cache no shaders") {
    const Researcher researcher(canary_form());
    const VirtualDisplay display(1024, 720);
    AppWindow::Start start = on_own_laptop(researcher);
    start.environment.emplace_back("SSLKEYLOGFILE", researcher.folder() / "keys");
    start.environment.emplace_back("MESA_SHADER_CACHE_DISABLE", "false");
    AppWindow window(display, start);
    auto variables = window.what_it_reaches().variables;
    CHECK(variables.contains("DISPLAY"));
    CHECK_FALSE(variables.contains("SSLKEYLOGFILE"));
    CHECK_FALSE(variables.contains("XDG_CACHE_HOME"));
    CHECK(variables["MESA_SHADER_CACHE_DISABLE"] == "true");
    CHECK(variables["MESA_GLSL_CACHE_DISABLE"] == "true");
    CHECK(variables["__GL_SHADER_DISK_CACHE"] == "0");
}
