#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/researcher/output_file.h"
#include "client/researcher/seen_submissions.h"
#include "tests/support/researcher.h"

using namespace fieldfare::tests;
using namespace fieldfare::researcher;
using fieldfare::crypto::Id;

TEST_CASE("an output file appears only when it is whole") {
    TemporaryFolder folder;
    auto file = OutputFile::create(folder / "a.csv", Overwrite::no);
    REQUIRE(file->write("half"));
    CHECK_FALSE(fs::exists(folder / "a.csv"));
    REQUIRE(file->commit());
    CHECK(content(folder / "a.csv") == "half");
    CHECK(files_in(folder / "").size() == 1);
}

TEST_CASE("a program that is killed while it writes leaves nothing") {
    TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        auto file = OutputFile::create(folder / "a.csv", Overwrite::no);
        (void)file->write(std::string(1024 * 1024, 'x'));
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(files_in(folder / "").empty());
}

TEST_CASE("an output file that is given up leaves nothing") {
    TemporaryFolder folder;
    { REQUIRE(OutputFile::create(folder / "a.csv", Overwrite::no)->write("half")); }
    CHECK(files_in(folder / "").empty());
}

TEST_CASE("outputs can be read by their owner only") {
    TemporaryFolder folder;
    ::umask(0);
    REQUIRE(write_file(folder / "a.csv", "x", Overwrite::no));
    ::umask(022);
    struct stat there {};
    REQUIRE(::stat((folder / "a.csv").c_str(), &there) == 0);
    CHECK((there.st_mode & 0777) == 0600);
}

TEST_CASE("a file that is there is replaced only when asked to") {
    TemporaryFolder folder;
    write(folder / "a.csv", "old");
    const auto refused = write_file(folder / "a.csv", "new", Overwrite::no);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().sentence ==
          (folder / "a.csv").string() +
              " is there already and is not overwritten; give another name, or --force to replace it.");
    CHECK(content(folder / "a.csv") == "old");
    REQUIRE(write_file(folder / "a.csv", "new", Overwrite::yes));
    CHECK(content(folder / "a.csv") == "new");
}

TEST_CASE("a file that appears meanwhile is not replaced either") {
    TemporaryFolder folder;
    auto file = OutputFile::create(folder / "a.csv", Overwrite::no);
    REQUIRE(file->write("mine"));
    write(folder / "a.csv", "theirs");
    CHECK_FALSE(file->commit());
    CHECK(content(folder / "a.csv") == "theirs");
}

TEST_CASE("a folder that is not there is named, with what to do") {
    const auto refused = OutputFile::create("/nonexistent/a.csv", Overwrite::no);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().sentence ==
          "/nonexistent/a.csv can't be written: the folder does not exist; make it or correct the path.");
    CHECK(refused.error().code == ExitCode::could_not);
}

TEST_CASE("a full disk is told, and nothing stays") {
    TemporaryFolder folder;
    const FileSizeLimit full(100 * 1024);
    const auto refused = write_file(folder / "a.csv", std::string(1024 * 1024, 'x'), Overwrite::no);
    CHECK_FALSE(refused);
    CHECK(files_in(folder / "").empty());
}

TEST_CASE("a file longer than its kind can be is not read") {
    TemporaryFolder folder;
    write(folder / "a", std::string(11, 'x'));
    CHECK(read_file(folder / "a", 11)->size() == 11);
    CHECK_FALSE(read_file(folder / "a", 10));
    CHECK_FALSE(read_file(folder / "none", 10));
    CHECK_FALSE(read_file(folder / "", 10));
}

TEST_CASE("control characters of a file name never reach the terminal") {
    CHECK(shown("a\x1b[2Jb\n") == "a?[2Jb?");
}

TEST_CASE("a submission counts once, and one that says something else is seen") {
    SeenSubmissions seen;
    const Id id{1}, other{2};
    const auto bytes = [](const char* text) { return fieldfare::crypto::bytes_of(text); };
    CHECK(seen.add(id, bytes("a")) == SeenSubmissions::Kind::fresh);
    CHECK(seen.add(id, bytes("a")) == SeenSubmissions::Kind::repeated);
    CHECK(seen.add(id, bytes("b")) == SeenSubmissions::Kind::contradicting);
    CHECK(seen.add(id, bytes("a")) == SeenSubmissions::Kind::repeated);
    CHECK(seen.add(other, bytes("a")) == SeenSubmissions::Kind::fresh);
}
