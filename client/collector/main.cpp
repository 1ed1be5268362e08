#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "client/collector/new_token.h"
#include "client/collector/residue_report.h"
#include "client/collector/run.h"
#include "client/collector/sync_only.h"
#include "crypto/process.h"
#include "sync/http_settings.h"

namespace {

constexpr const char* help = R"(usage: fieldfare [--profile FOLDER] [--proxy PROXY] [STUDY.ffstudy]
       fieldfare --sync-only [--json] [--profile FOLDER] [--proxy PROXY]
       fieldfare --residue-report [--json] [--profile FOLDER]
       fieldfare --new-token FILE.fftoken

Opens the form app. Everything it keeps stands in the profile's folder: drafts in an encrypted database, finished
interviews sealed to the researchers' keys.

  STUDY.ffstudy     on the first start: the study file to begin with. Later: a newer file of the same study, which is
                    shown after unlocking and taken in when you say so. (It can also be dropped onto the window.)
  --profile FOLDER  another folder than ~/.local/share/fieldfare
  --proxy PROXY     the way to stores of the network, whatever the study says, such as Tor's socks5h://127.0.0.1:9050;
                    its host is a number or localhost; none is ever taken from the environment
  --sync-only       hand over what is sealed, once, without a window and without a passphrase: by hand or by a timer.
                    Ends with 0 when nothing is waiting any more, 1 when something needs a look or Ctrl-C has stopped
                    it, 3 when it could not be done. Nothing is deleted meanwhile: only an unlocked Fieldfare does
                    that. In a systemd timer RandomizedDelaySec=6h keeps devices apart and hides when somebody was at
                    work
  --residue-report  opens no window; tells what this machine would keep of what is typed, or let others see: swap,
                    crashes, the screen, the clipboard, the profile's disk, and more. Each line is good, look (somebody
                    should decide), bad or unknown. Changes nothing and needs no passphrase. Ends with 0 when nothing is
                    bad, 1 when something is, 3 when the report could not be written
  --new-token FILE  makes a token file, such as /media/STICK/me.fftoken: the second half of a vault's key, for somewhere
                    else than the machine. Under Settings, "Change the passphrase" takes it. Copy it once, and keep the
                    copy in a safe place. Do this on another machine: shells remember commands. Replaces no file; ends
                    with 0, or 1 when it could not be written
  --json            with --sync-only or --residue-report: one JSON object, for programs
  --help            this text
  --version         the version

Example:  fieldfare ~/Downloads/study.ffstudy
)";

std::filesystem::path default_profile() {
    // A relative one counts for nothing: "consider the path invalid and ignore it" (XDG Base Directory).
    if (const char* data = std::getenv("XDG_DATA_HOME"); data && std::filesystem::path(data).is_absolute())
        return std::filesystem::path(data) / "fieldfare";
    if (const char* home = std::getenv("HOME"); home && *home) {
        return std::filesystem::path(home) / ".local" / "share" / "fieldfare";
    }
    return {};
}

enum class Work { form, sync, report, token };

/// What has to stand behind a word, for a sentence; nullptr: nothing has to.
const char* value_behind(std::string_view word) {
    if (word == "--profile") return "a folder";
    if (word == "--proxy") return "a proxy (such as socks5h://127.0.0.1:9050)";
    if (word == "--new-token") return "the name of a file (such as /media/STICK/me.fftoken)";
    return nullptr;
}

/// The exit code of a command that was asked wrongly.
int refuse(const std::string& sentence) {
    std::fprintf(stderr, "fieldfare: %s\n", sentence.c_str());
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const auto variables = fieldfare::residue::read_variables(environ);  // before any is taken out
    fieldfare::crypto::shut_in();

    Work work = Work::form;
    bool json = false;
    std::filesystem::path token;
    fieldfare::collector::RunOptions options{
        .profile = default_profile(), .package = {}, .cost = {}, .proxy = {}};
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help" || word == "-h") {
            std::fputs(help, stdout);
            return 0;
        }
        if (word == "--version") {
            std::puts("fieldfare " FIELDFARE_VERSION);
            return 0;
        }
        if (const char* value = value_behind(word); value && (i + 1 == argc || *argv[i + 1] == '\0'))
            return refuse(std::string(word) + " wants " + value + " behind it");
        if (word == "--sync-only") {
            work = Work::sync;
        } else if (word == "--residue-report") {
            work = Work::report;
        } else if (word == "--new-token") {
            work = Work::token;
            token = argv[++i];
            if (token.extension() != ".fftoken") return refuse("the name of a token file ends in .fftoken");
        } else if (word == "--json") {
            json = true;
        } else if (word == "--profile") {
            options.profile = argv[++i];
        } else if (word == "--proxy") {
            options.proxy = argv[++i];
            if (const auto proxy = fieldfare::sync::parse_proxy(options.proxy); !proxy) {
                return refuse("--proxy can't be used: " + proxy.error());
            }
        } else if (!word.starts_with("-") && options.package.empty()) {
            options.package = argv[i];
        } else {
            return refuse("unknown word '" + std::string(word) + "'; --help lists what there is");
        }
    }
    if (!token.empty() && argc != 3) return refuse("--new-token goes with nothing but the name of its file");
    if (work == Work::token) return fieldfare::collector::new_token(token);
    if (json && work == Work::form) return refuse("--json goes with --sync-only or --residue-report");
    if (work != Work::form && !options.package.empty())
        return refuse("--sync-only and --residue-report take no study file");
    if (work == Work::report && !options.proxy.empty()) return refuse("--residue-report takes no --proxy");
    if (options.profile.empty()) return refuse("no home folder is known; name one with --profile FOLDER");
    // Its parent is made where it is missing, and a relative name may have none.
    std::error_code failed;
    options.profile = std::filesystem::absolute(options.profile, failed).lexically_normal();
    if (!options.profile.has_filename()) options.profile = options.profile.parent_path();  // "folder/"
    switch (work) {
        case Work::sync:
            return fieldfare::collector::sync_only({options.profile, options.proxy, json});
        case Work::report:
            return fieldfare::collector::residue_report(
                variables, options.profile,
                json ? fieldfare::collector::ReportForm::json : fieldfare::collector::ReportForm::text);
        case Work::token:
        case Work::form:
            break;
    }
    return fieldfare::collector::run(options);
}
