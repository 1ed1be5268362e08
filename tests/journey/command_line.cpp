// What the form app says to a command that was given wrongly.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "tests/support/window.h"

using namespace fieldfare;
using namespace fieldfare::tests;

namespace fs = std::filesystem;

namespace {

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "fieldfare-command-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

struct Answer {
    int code = -1;
    std::string said;
};

/// The form app without a display, in the folder `here`; `words` as for a shell.
Answer asked(const std::string& words, const fs::path& here, const std::string& variables = {}) {
    Answer answer;
    answer.code = run_program({"/bin/sh", "-c",
                               "cd '" + here.string() + "' && env -u DISPLAY -u WAYLAND_DISPLAY " +
                                   variables + " " FIELDFARE_BINARY_DIR "/bin/fieldfare " + words + " 2>&1"},
                              &answer.said);
    return answer;
}

}  // namespace

TEST_CASE("a word that wants something behind it says what, where nothing is there") {
    const Folder here;
    const auto refused = [&](const std::string& words) {
        const Answer answer = asked(words, here.path());
        CHECK(answer.code == 2);
        return answer.said;
    };
    CHECK(refused("--profile") == "fieldfare: --profile wants a folder behind it\n");
    CHECK(refused("--profile ''") == "fieldfare: --profile wants a folder behind it\n");
    CHECK(refused("--sync-only --proxy") ==
          "fieldfare: --proxy wants a proxy (such as socks5h://127.0.0.1:9050) behind it\n");
    CHECK(refused("--new-token") ==
          "fieldfare: --new-token wants the name of a file (such as /media/STICK/me.fftoken) behind it\n");
}

TEST_CASE("a token file is made by a command of its own, which heeds all of it") {
    const Folder here;
    for (const std::string more : {"--json", "--profile x", "study.ffstudy", "--sync-only"}) {
        CAPTURE(more);
        const Answer answer = asked("--new-token a.fftoken " + more, here.path());
        CHECK(answer.code == 2);
        CHECK(answer.said == "fieldfare: --new-token goes with nothing but the name of its file\n");
        CHECK_FALSE(fs::exists(here.path() / "a.fftoken"));
    }
    CHECK(asked("--new-token a.fftoken", here.path()).code == 0);
    CHECK(fs::exists(here.path() / "a.fftoken"));
}

TEST_CASE("the profile does not depend on the folder in which the program is started") {
    const Folder here, home;
    const Answer answer =
        asked("--sync-only", here.path(), "XDG_DATA_HOME=data HOME=" + home.path().string());
    CHECK(answer.code == 3);
    CHECK(answer.said.find((home.path() / ".local/share/fieldfare").string()) != std::string::npos);
}
