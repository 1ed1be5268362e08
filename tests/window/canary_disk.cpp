// What was typed is looked for in everything that the program writes.
#include <algorithm>
#include <map>
#include <regex>

#include "tests/support/canary.h"
#include "tests/support/files_below.h"
#include "tests/support/memory_search.h"
#include "tests/support/skip.h"

using namespace fieldfare;
using namespace fieldfare::tests;
namespace fs = std::filesystem;

namespace {

/// What strace has written of the program's calls: strings are "\x7a\x71…".
class Trace {
  public:
    explicit Trace(const fs::path& file) : file_(file) {}

    static std::vector<std::string> words(const fs::path& file) {
        return {
            "strace",
            "-f",
            "-qq",
            "-y",
            "--seccomp-bpf",
            "-xx",
            "-s",
            "70000",
            "-o",
            file.string(),
            "-e",
            "trace=openat,open,creat,rename,renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,"
            "mknod,mknodat,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,copy_file_range"};
    }

    /// The paths that were opened to be written, made, or given a name.
    std::vector<std::string> written() const {
        // A path, behind that of the folder from which it goes.
        static const std::regex path("(?:<((?:\\\\x[0-9a-f]{2})+)>, )?\"((?:\\\\x[0-9a-f]{2})+)\"");
        std::vector<std::string> paths;
        for_each([&](const std::string& call, const std::string& line) {
            const bool opened = call.starts_with("open") || call == "creat";
            const bool names = opened || call.starts_with("rename") || call.starts_with("mkdir") ||
                               call.starts_with("link") || call.starts_with("symlink") ||
                               call.starts_with("mknod");
            const bool reads = opened && line.find("O_WRONLY") == std::string::npos &&
                               line.find("O_RDWR") == std::string::npos &&
                               line.find("O_CREAT") == std::string::npos;
            const bool failed = line.find(") = -1 ") != std::string::npos;
            if (!names || reads || failed) return;
            for (std::sregex_iterator match(line.begin(), line.end(), path), end; match != end; ++match)
                paths.push_back(fs::path(plain((*match)[1])) / plain((*match)[2]));
        });
        return paths;
    }

    /// The calls that carried one of the texts elsewhere than through the probe's own pipe, which is the
    /// first process's alone: another may have any file under that number.
    std::vector<std::string> carried(const std::vector<std::string>& texts) const {
        std::vector<std::string> found;
        for_each([&](const std::string& call, const std::string& line) {
            if (is_probes_pipe(call, line)) return;
            for (const auto& text : texts) {
                for (const auto& [spelling, bytes] : spellings_of(text)) {
                    if (line.find(spelled(bytes)) != std::string::npos)
                        found.push_back(call + ": " + text + " in " + spelling);
                }
            }
        });
        return found;
    }

    /// Whether the probe's pipe carried it: what shows that the search would find it.
    bool shown(const std::string& text) const {
        bool found = false;
        for_each([&](const std::string& call, const std::string& line) {
            found = found || (is_probes_pipe(call, line) && line.find(spelled(text)) != std::string::npos);
        });
        return found;
    }

  private:
    /// Each line begins with the number of its process, or thread.
    bool is_probes_pipe(const std::string& call, const std::string& line) const {
        if (first_.empty()) first_ = line.substr(0, line.find(' '));
        return call == "write" && line.starts_with(first_ + " ") &&
               line.find("write(3<" + spelled("pipe:[")) != std::string::npos;
    }
    static std::string spelled(const std::string& bytes) {
        constexpr const char* digits = "0123456789abcdef";
        std::string text;
        for (const char c : bytes) {
            const auto byte = static_cast<unsigned char>(c);
            (((text += "\\x") += digits[byte >> 4])) += digits[byte & 15];
        }
        return text;
    }
    static std::string plain(const std::string& hex) {
        std::string text;
        for (std::size_t i = 2; i + 1 < hex.size(); i += 4)
            text += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
        return text;
    }
    void for_each(const std::function<void(const std::string& call, const std::string& line)>& see) const {
        std::ifstream lines(file_);
        for (std::string line; std::getline(lines, line);) {
            const auto start = line.find(' ');
            const auto end = line.find('(');
            if (start == std::string::npos || end == std::string::npos || end < start) continue;
            const auto first = line.find_first_not_of(' ', start);
            see(line.substr(first, end - first), line);
        }
    }

    fs::path file_;
    mutable std::string first_;
};

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
