#include "client/confinement/files.h"

#include <sys/stat.h>

#include "tests/support/confinement.h"
#include "tests/support/skip.h"
#include "tests/support/store.h"

using namespace fieldfare;
using namespace fieldfare::test;
namespace fs = std::filesystem;

namespace {

/// A folder with "ours/file" and "theirs/file".
struct TwoFolders {
    TwoFolders() {
        for (const fs::path& folder : {ours, theirs}) {
            fs::create_directories(folder);
            write_file(folder / "file", "x");
        }
    }
    TemporaryProfile place;
    fs::path ours = place.path() / "ours", theirs = place.path() / "theirs";
};

bool without_landlock() {
    if (confinement::landlock_version() >= 2) return false;
    skipped_on_this_machine("this kernel has no Landlock of version 2");
    return true;
}

int confined(const confinement::FileGrants& grants, const std::function<int()>& work) {
    return alone([&] { return confinement::confine_files(grants) == confinement::Held::no ? 99 : work(); });
}

}  // namespace

TEST_CASE("a confined process makes, writes, renames and deletes where it was let, and nowhere else") {
    if (without_landlock()) return;
    const TwoFolders two;
    const confinement::FileGrants grants{
        .reading = confinement::Reading::anywhere, .read = {}, .change = {two.ours}, .devices = {}};
    const auto outcome_of = [&](const std::function<int()>& work) { return confined(grants, work); };
    const auto in_ours = [&](const char* name) { return two.ours / name; };
    const auto in_theirs = [&](const char* name) { return two.theirs / name; };

    CHECK(outcome_of([&] { return try_to_open(in_ours("new"), O_WRONLY | O_CREAT); }) == 0);
    CHECK(outcome_of([&] { return outcome(::rename(in_ours("new").c_str(), in_ours("newer").c_str())); }) ==
          0);
    CHECK(outcome_of([&] { return outcome(::mkdir(in_ours("below").c_str(), 0700)); }) == 0);
    // Between two folders, as from outbox/open to outbox.
    CHECK(outcome_of([&] {
              return outcome(::rename(in_ours("newer").c_str(), in_ours("below/newer").c_str()));
          }) == 0);
    CHECK(outcome_of([&] { return outcome(::unlink(in_ours("below/newer").c_str())); }) == 0);
    CHECK(outcome_of([&] { return try_to_open(in_ours("file"), O_WRONLY | O_TRUNC); }) == 0);

    CHECK(outcome_of([&] { return try_to_open(in_theirs("new"), O_WRONLY | O_CREAT); }) == EACCES);
    CHECK(outcome_of([&] { return try_to_open(in_theirs("file"), O_WRONLY); }) == EACCES);
    CHECK(outcome_of([&] { return outcome(::unlink(in_theirs("file").c_str())); }) == EACCES);
    CHECK(outcome_of([&] { return outcome(::mkdir(in_theirs("below").c_str(), 0700)); }) == EACCES);
    CHECK(outcome_of(
              [&] { return outcome(::rename(in_ours("file").c_str(), in_theirs("other").c_str())); }) != 0);
    CHECK(outcome_of([&] { return outcome(::symlink("/", in_ours("link").c_str())); }) == EACCES);
    CHECK(outcome_of([&] { return outcome(::mkfifo(in_ours("pipe").c_str(), 0600)); }) == EACCES);
    if (confinement::landlock_version() >= 3)
        CHECK(outcome_of([&] { return outcome(::truncate(in_theirs("file").c_str(), 0)); }) == EACCES);
    CHECK(outcome_of([&] { return try_to_open(in_theirs("file"), O_RDONLY); }) == 0);
}

TEST_CASE("where reading was not left open, nothing else can be read either") {
    if (without_landlock()) return;
    const TwoFolders two;
    const confinement::FileGrants grants{.reading = confinement::Reading::where_given,
                                         .read = {two.ours, two.theirs / "not there"},
                                         .change = {},
                                         .devices = {"/dev/null"}};
    const auto outcome_of = [&](const fs::path& path, int how) {
        return confined(grants, [&] { return try_to_open(path, how); });
    };
    CHECK(outcome_of(two.ours / "file", O_RDONLY) == 0);
    CHECK(outcome_of(two.ours, O_RDONLY | O_DIRECTORY) == 0);
    CHECK(outcome_of(two.ours / "file", O_WRONLY) == EACCES);
    CHECK(outcome_of(two.theirs / "file", O_RDONLY) == EACCES);
    CHECK(outcome_of(two.theirs, O_RDONLY | O_DIRECTORY) == EACCES);
    CHECK(outcome_of("/dev/null", O_RDWR) == 0);
    CHECK(outcome_of("/etc/passwd", O_RDONLY) == EACCES);
}

TEST_CASE("a link in a folder that was let in leads nowhere that was not") {
    if (without_landlock()) return;
    const TwoFolders two;
    fs::create_symlink(two.theirs / "file", two.ours / "link");
    const confinement::FileGrants grants{
        .reading = confinement::Reading::where_given, .read = {}, .change = {two.ours}, .devices = {}};
    CHECK(confined(grants, [&] { return try_to_open(two.ours / "link", O_WRONLY); }) == EACCES);
}

TEST_CASE("a confined process starts no other program, wherever it stands") {
    if (without_landlock()) return;
    const TwoFolders two;
    const auto program = two.ours / "true";
    fs::copy_file("/bin/true", program);
    const confinement::FileGrants grants{
        .reading = confinement::Reading::anywhere, .read = {}, .change = {two.ours}, .devices = {}};
    const auto starts = [](const fs::path& path) {
        ::execl(path.c_str(), path.c_str(), nullptr);
        return errno;
    };
    CHECK(alone([&] { return starts(program); }) == 0);
    CHECK(confined(grants, [&] { return starts(program); }) == EACCES);
    CHECK(confined(grants, [&] { return starts("/bin/true"); }) == EACCES);
}
