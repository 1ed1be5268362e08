#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/confinement/files.h"
#include "client/confinement/system_calls.h"
#include "tests/support/fetch.h"
#include "tests/support/skip.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using namespace fieldfare::confinement;

namespace {

std::size_t threads() {
    const fs::directory_iterator all("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("fetch starts its threads only when the rest of the machine is given up, which binds them too") {
    Desk desk;
    desk.with_study().with_interviews(60, 2, "folder:" + desk.store.string());
    const std::size_t before = threads();
    std::vector<std::size_t> seen;
    Console console{desk.out, desk.err, false, desk.passphrases,
                    [&](const Reach&) { seen.push_back(threads()); }};
    FetchOptions options;
    options.study = desk.study;
    options.inbox = desk.inbox;
    REQUIRE(run_fetch(options, console) == ExitCode::fine);
    CHECK(seen == std::vector{before});
}

TEST_CASE("all connections of a fetch work within what is left, and none reaches beyond") {
    Desk desk;
    desk.with_study().with_interviews(200, 4, "folder:" + desk.store.string());
    fs::create_directories(desk.inbox);
    const fs::path beyond = desk.folder / "beyond";
    fs::create_directories(beyond);
    const auto fetched_into = [&](const fs::path& inbox) {
        const pid_t child = ::fork();
        if (child == 0) {
            Console console{
                desk.out, desk.err, false, desk.passphrases, [&](const Reach& reach) {
                    auto change = reach.changes;
                    change.push_back(desk.inbox);
                    (void)forbid_system_calls();
                    (void)forbid_network();
                    (void)confine_files(
                        {.reading = Reading::anywhere, .read = {}, .change = change, .devices = {"/dev"}});
                }};
            FetchOptions options;
            options.study = desk.study;
            options.inbox = inbox;
            ::_exit(static_cast<int>(run_fetch(options, console)));
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    CHECK(fetched_into(desk.inbox) == 0);
    CHECK(files_in(desk.inbox).size() == 8);
    if (landlock_version() < 2) {
        skipped_on_this_machine("this kernel has no Landlock of version 2");
        return;
    }
    CHECK(fetched_into(beyond) == static_cast<int>(ExitCode::could_not));
    CHECK(files_in(beyond).empty());
}
