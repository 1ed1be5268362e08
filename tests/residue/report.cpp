// The report as a whole, and the command.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/residue.h"

using namespace fieldfare;
using namespace fieldfare::test;

namespace {

struct Run {
    int code = -1;
    std::string output;
};

/// The form app as a person starts it, without a display; `words` as for a shell.
Run run(const std::string& words, const std::string& variables = {}) {
    const std::string command = "env -u DISPLAY -u WAYLAND_DISPLAY " + variables +
                                " " FIELDFARE_BINARY_DIR "/bin/fieldfare " + words + " 2>&1";
    Run run;
    FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> piece{};
    for (std::size_t count = 0; (count = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        run.output.append(piece.data(), count);
    const int status = ::pclose(pipe);
    run.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return run;
}

}  // namespace

TEST_CASE(
    "each line has a sentence, what to do exactly where there is something to do, and a name of its own") {
    Machine machine;
    machine.has_disk("sda", false);
    machine.mounts("/", "ext4", "sda");
    machine.swaps_to("/dev/sda");
    machine.variables["DISPLAY"] = ":0";
    machine.variables["LD_PRELOAD"] = "x.so";
    std::set<std::string> names;
    for (const auto& finding : machine.findings()) {
        CAPTURE(finding.about);
        CHECK(names.insert(finding.about).second);
        CHECK(finding.what.ends_with('.'));
        CHECK(finding.to_do.empty() ==
              (finding.verdict == Verdict::good || finding.verdict == Verdict::unknown));
    }
}

TEST_CASE("a machine of which nothing can be read gets a report") {
    Machine machine;
    machine.forgets("/proc");
    CHECK(machine.findings().size() > 15);
}

TEST_CASE("files of the system that are cut or make no sense do no harm") {
    Machine machine;
    for (const auto* text :
         {"", "\n", "a", "- - - -\n", "99999999999999999999999\n", "\\\n\\777\n", "1 2 3 4 /\\0 -\n"}) {
        for (const auto* file : {"/proc/swaps", "/proc/self/mountinfo", "/proc/self/status", "/proc/cmdline",
                                 "/sys/power/state", "/sys/power/image_size", "/sys/power/resume",
                                 "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/yama/ptrace_scope"})
            machine.says(file, text);
        CHECK(machine.findings().size() > 15);
    }
}

TEST_CASE("devices that stand upon themselves do no harm") {
    Machine machine;
    machine.has_mapping("dm-0", "LVM-a", {"dm-1"});
    machine.has_mapping("dm-1", "LVM-b", {"dm-0"});
    machine.swaps_to("/dev/dm-0");
    CHECK(machine.verdict("swap") != Verdict::good);
}

TEST_CASE("the report for programs is one object with the same findings") {
    Machine machine;
    machine.profile = "/home/anna/\xff/fieldfare";  // a path may be any bytes
    machine.has_folder(machine.profile, 0755);
    const auto report = nlohmann::json::parse(residue::as_json(machine.findings()));
    CHECK(report.at("findings").size() == machine.findings().size());
    const auto bad = std::ranges::count(machine.findings(), Verdict::bad, &Finding::verdict);
    CHECK(report.at("bad") == bad);
    CHECK(machine.verdict("rights") == Verdict::bad);
    CHECK(residue::anything_bad(machine.findings()));
}

TEST_CASE("no line of the report is wider than a page") {
    Machine machine;
    machine.variables["DISPLAY"] = ":0";
    std::size_t widest = 0, width = 0;
    for (const char c : residue::as_text(machine.findings())) {
        width = c == '\n' ? 0 : width + 1;
        widest = std::max(widest, width);
    }
    CHECK(widest <= 110);
}

TEST_CASE("the form app reports without a display, on itself as it runs, and makes nothing") {
    Machine machine;
    const auto profile = machine.real("/none/profile").string();
    const auto report = run("--residue-report --json --profile " + profile);
    const auto findings = nlohmann::json::parse(report.output);
    CHECK(report.code == (findings.at("bad") == 0 ? 0 : 1));
    const auto core = std::ranges::find_if(findings.at("findings"),
                                           [](const auto& finding) { return finding.at("about") == "core"; });
    REQUIRE(core != findings.at("findings").end());
    CHECK(core->at("verdict") == "good");
    CHECK_FALSE(std::filesystem::exists(machine.real("/none")));
    CHECK(run("--residue-report --profile " + profile).output.starts_with("What this machine would keep"));
}

TEST_CASE("what the form app gives up before it reports changes no line about the machine") {
    Machine machine;
    machine.has_folder("/home/.local/share");
    machine.has_folder("/home/profile/outbox");
    machine.says("/home/profile/outbox/open to all", "");
    std::filesystem::permissions(machine.real("/home/profile/outbox/open to all"),
                                 std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    machine.says("/home/.local/share/recently-used.xbel", "file:///home/study.ffstudy");
    const std::string home = machine.real("/home"), profile = machine.real("/home/profile");
    const auto confined = nlohmann::json::parse(
        run("--residue-report --json --profile " + profile, "-u XDG_DATA_HOME HOME=" + home).output);
    auto variables = residue::read_variables(environ);
    variables.erase("XDG_DATA_HOME");
    variables["HOME"] = home;
    const auto open =
        nlohmann::json::parse(residue::as_json(residue::look_around("/", variables, {profile, 4 << 20})));
    const auto line = [](const nlohmann::json& report, const std::string& about) {
        for (const auto& finding : report.at("findings"))
            if (finding.at("about") == about) return finding;
        return nlohmann::json();
    };
    for (const std::string about :
         {"swap", "hibernation", "core_of_others", "locked_memory", "disk", "overwriting", "rights",
          "synced_folder", "temporary_files", "shader_cache", "recent_files"}) {
        CAPTURE(about);
        CHECK(line(open, about).is_object());
        CHECK(line(confined, about) == line(open, about));
    }
    CHECK(line(confined, "rights").at("verdict") == "bad");
    CHECK(line(confined, "recent_files").at("verdict") == "look");
}

TEST_CASE("a report that could not be written does not end as a good one") {
    Machine machine;
    const auto profile = machine.real("/none/profile").string();
    for (const std::string form : {"", "--json "}) {
        CAPTURE(form);
        const auto report = run("--residue-report " + form + "--profile " + profile + " 2>&1 >/dev/full #");
        CHECK(report.code == 3);
        CHECK(report.output == "fieldfare: the report could not be written\n");
    }
}

TEST_CASE("the report ends with 1 when something is bad, and with 2 when it is asked for wrongly") {
    Machine machine;
    machine.has_folder("/profile", 0755);
    CHECK(run("--residue-report --profile " + machine.real("/profile").string()).code == 1);
    CHECK(run("--residue-report study.ffstudy").code == 2);
    CHECK(run("--json").code == 2);
}
