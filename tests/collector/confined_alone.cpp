// What is left of the machine to the commands of the form app that open no window: each is run in a process
// of its own, which then tries for itself.
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "client/collector/new_token.h"
#include "client/collector/residue_report.h"
#include "client/collector/start_confined.h"
#include "client/confinement/files.h"
#include "tests/support/confinement.h"
#include "tests/support/skip.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
namespace fs = std::filesystem;

namespace {

/// What the disk was asked to keep, while somebody asks.
std::vector<std::string>* synced = nullptr;

/// A person's home with a file that is nobody's business, and the place of a profile.
struct Home {
    Home() {
        fs::create_directories(profile);
        write_file(diary, "x");
        write_file(profile / "file", "x");
    }
    TemporaryProfile place;
    fs::path diary = place.path() / "diary";
    fs::path profile = place.path() / "profile";
};

bool without_landlock() {
    if (confinement::landlock_version() >= 2) return false;
    skipped_on_this_machine("this kernel has no Landlock of version 2");
    return true;
}

int try_socket(int family) {
    return outcome(::socket(family, SOCK_STREAM, 0));
}
int try_to_start_a_program() {
    ::execl("/bin/true", "/bin/true", nullptr);
    return errno;
}

/// 0 where a command has given up variables, programs and sockets of every kind; else what it has not.
int kept_of_the_machine() {
    if (std::getenv("SSLKEYLOGFILE") != nullptr) return 1;
    if (std::getenv("DISPLAY") != nullptr) return 2;
    if (try_to_start_a_program() != EPERM) return 3;
    if (try_socket(AF_INET) != EPERM || try_socket(AF_INET6) != EPERM) return 4;
    if (try_socket(AF_UNIX) != EPERM) return 5;
    return 0;
}

/// What `work` answers in a process in which the command was run before.
int after(const std::function<bool()>& command, const std::function<int()>& work) {
    std::fflush(stdout);
    return alone([&] {
        ::setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
        ::setenv("DISPLAY", ":0", 1);
        ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);  // what it prints is not asked for here
        return command() ? work() : 99;
    });
}

}  // namespace

extern "C" {
int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor) {
    std::error_code failed;
    if (synced != nullptr)
        synced->push_back(fs::read_symlink("/proc/self/fd/" + std::to_string(descriptor), failed));
    return __real_fsync(descriptor);
}
}

TEST_CASE("the form app without a window has its profile, and no other file, program or socket") {
    if (without_landlock()) return;
    const Home home;
    const auto started = [&](const std::function<int()>& work) {
        return alone([&] {
            ::setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
            ::setenv("DISPLAY", ":0", 1);
            const auto courier = collector::start_confined(home.profile, {}, collector::Screen::none);
            return courier ? work() : 99;
        });
    };
    CHECK(started([] { return kept_of_the_machine(); }) == 0);
    CHECK(started([&] { return try_to_open(home.profile / "file", O_RDWR); }) == 0);
    CHECK(started([&] { return try_to_open(home.profile / "new", O_WRONLY | O_CREAT); }) == 0);
    CHECK(started([&] { return try_to_open(home.diary, O_RDONLY); }) == EACCES);
    CHECK(started([&] { return try_to_open(home.diary, O_WRONLY); }) == EACCES);
    CHECK(started([&] { return try_to_open("/etc/passwd", O_RDONLY); }) == EACCES);
}

TEST_CASE("the residue report reads what it reports of, and neither reads nor changes anything else") {
    if (without_landlock()) return;
    const Home home;
    const auto reported = [&](const std::function<int()>& work) {
        return after(
            [&] {
                const residue::Variables variables{{"HOME", home.place.path()}};
                return collector::residue_report(variables, home.profile, collector::ReportForm::json) < 2;
            },
            work);
    };
    CHECK(reported([] { return kept_of_the_machine(); }) == 0);
    CHECK(reported([] { return try_to_open("/proc/swaps", O_RDONLY); }) == 0);
    CHECK(reported([&] { return try_to_open(home.profile / "file", O_WRONLY); }) == EACCES);
    CHECK(reported([&] { return try_to_open(home.profile / "new", O_WRONLY | O_CREAT); }) == EACCES);
    CHECK(reported([&] { return try_to_open(home.diary, O_RDONLY); }) == EACCES);
    CHECK(reported([&] { return try_to_open("/etc/passwd", O_RDONLY); }) == EACCES);
}

TEST_CASE("whoever makes a token file has the folder for it, and no other file, program or socket") {
    if (without_landlock()) return;
    const Home home;
    const fs::path stick = home.place.path() / "stick";
    fs::create_directories(stick);
    const auto made = [&](const char* name, const std::function<int()>& work) {
        return after([&] { return collector::new_token(stick / name) == 0; }, work);
    };
    CHECK(made("a.fftoken", [] { return kept_of_the_machine(); }) == 0);
    CHECK(fs::file_size(stick / "a.fftoken") > 32);
    CHECK(made("b.fftoken", [&] { return try_to_open(home.diary, O_RDONLY); }) == EACCES);
    CHECK(made("c.fftoken", [&] { return try_to_open(home.place.path() / "d", O_WRONLY | O_CREAT); }) ==
          EACCES);
    CHECK(made("d.fftoken", [&] { return try_to_open("/etc/passwd", O_RDONLY); }) == EACCES);
    fs::current_path(stick);
    CHECK(after([] { return collector::new_token("e.fftoken") == 0; }, [] { return 0; }) == 0);
    CHECK(fs::exists(stick / "e.fftoken"));
    fs::current_path("/");
}

TEST_CASE(
    "a folder that is made for a profile keeps its name through a power cut, and so do those above it") {
    const TemporaryProfile place;
    const fs::path above = place.path() / "share", profile = above / "kept/fieldfare";
    fs::create_directories(above);
    /// What it asks of the disk; nothing when it does not start.
    const auto starts = [&]() -> std::optional<std::vector<std::string>> {
        std::vector<std::string> asked;
        synced = &asked;
        const auto courier = collector::start_confined(profile, {}, collector::Screen::none);
        synced = nullptr;
        if (!courier) return std::nullopt;
        return asked;
    };
    const std::vector<std::string> wanted{above, above / "kept"};
    CHECK(alone([&] { return starts() == wanted ? 0 : 1; }) == 0);
    for (const fs::path& folder : {above / "kept", profile})
        CHECK((fs::status(folder).permissions() & fs::perms::mask) == fs::perms::owner_all);
    // What is there has its name.
    CHECK(alone([&] { return starts() == std::vector<std::string>{} ? 0 : 1; }) == 0);
}

TEST_CASE("a profile is made in a folder whose names one may not read, too") {
    const TemporaryProfile place;
    const fs::path above = place.path(), profile = above / "fieldfare";
    fs::create_directories(above);
    fs::permissions(above.parent_path(), fs::perms::all);
    constexpr uid_t nobody = 65534;  // root may read whatever it likes
    REQUIRE((::geteuid() != 0 || ::chown(above.c_str(), nobody, nobody) == 0));
    fs::permissions(above, fs::perms::owner_write | fs::perms::owner_exec);
    const int made = alone([&] {
        if (::geteuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) return 98;
        return collector::start_confined(profile, {}, collector::Screen::none) ? 0 : 99;
    });
    fs::permissions(above, fs::perms::owner_all);
    CHECK(made == 0);
    CHECK(fs::is_directory(profile));
}
