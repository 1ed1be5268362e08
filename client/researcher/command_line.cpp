#include "client/researcher/command_line.h"

#include <algorithm>
#include <ostream>
#include <string_view>
#include <system_error>
#include <utility>

#include "client/researcher/command_verbs.h"
#include "client/researcher/json_text.h"

namespace fieldfare::researcher {
namespace {

/// The folder that a word can mean: itself, or the one in which a file of that name stands or would be made.
/// Every value is taken for a name, so one that is none ("25") grants the folder in which the person stands.
std::filesystem::path folder_meant_by(std::string_view word) {
    constexpr std::string_view store = "folder:";
    if (word.starts_with(store)) word.remove_prefix(store.size());
    std::error_code failed;
    std::filesystem::path path = std::filesystem::absolute(word, failed).lexically_normal();
    while (!std::filesystem::is_directory(path, failed) && path.has_relative_path())
        path = path.parent_path();
    return path;
}

std::vector<std::filesystem::path> folders_of_words(const CLI::App& verb) {
    std::vector<std::filesystem::path> folders;
    for (const CLI::Option* option : verb.get_options()) {
        if (option->get_expected_max() == 0) continue;  // "--json" names nothing
        for (const std::string& word : option->results()) folders.push_back(folder_meant_by(word));
    }
    std::ranges::sort(folders);
    const auto repeated = std::ranges::unique(folders);
    folders.erase(repeated.begin(), repeated.end());
    return folders;
}

/// Says once, before the first passphrase leads to a key, that keys may come to stand on a disk.
class WarnsOfSwap final : public PassphraseSource {
  public:
    WarnsOfSwap(PassphraseSource& source, const std::function<bool()>& keys_may_be_swapped, std::ostream& err)
        : source_(source), keys_may_be_swapped_(keys_may_be_swapped), err_(err) {}

    Result<crypto::SecretText> passphrase_for(const std::string& what, Ask ask) override {
        if (!std::exchange(looked_, true) && keys_may_be_swapped_ && keys_may_be_swapped_()) {
            err_ << "This system lets fieldfare-cli lock too little of its memory, and writes memory to a "
                    "disk that is not known to be encrypted: keys may end up there. Raise the limit "
                    "\"memlock\", or encrypt the swap."
                 << std::endl;
        }
        return source_.passphrase_for(what, ask);
    }

  private:
    PassphraseSource& source_;
    const std::function<bool()>& keys_may_be_swapped_;
    std::ostream& err_;
    bool looked_ = false;
};

}  // namespace

Verbs::Verbs(CLI::App& app) {
    key(*group(app, "key", "Make, show and keep keys"));
    study(*group(app, "study", "Build and show study files"));
    store(*group(app, "store", "Set up and try out the places where sealed files go"));
    serve(app);
    roster(*group(app, "roster", "Say which devices belong to a study"));
    custody(*group(app, "custody", "Release shares where several must co-operate"));
    archive(*group(app, "archive", "Care for batches that are kept: new keys, redaction"));
    form(*group(app, "form", "Check and convert forms"));
    fetch(app);
    open(app);
    withdraw(app);
    recover(app);
    inspect(app);
    simulate(app);
    for (CLI::App* verb : verbs_)
        for (CLI::Option* option : verb->get_options())
            if (option->get_required() && !option->get_positional()) option->group("Needed");
}

ExitCode Verbs::run(std::ostream& out, std::ostream& err, bool interactive, const Confine& confine,
                    const std::function<bool()>& keys_may_be_swapped) {
    const auto source = shared_.passphrase_fd >= 0 ? passphrases_from_descriptor(shared_.passphrase_fd)
                                                   : passphrases_from_terminal();
    WarnsOfSwap passphrases(*source, keys_may_be_swapped, err);
    const CLI::App& asked = **std::ranges::find_if(verbs_, [](CLI::App* verb) { return verb->parsed(); });
    Console console{out, err, interactive, passphrases};
    console.json = shared_.json;
    if (confine) {
        console.confine = [&](Reach reach) {
            if (reach.files == Reach::Files::of_words)
                std::ranges::move(folders_of_words(asked), std::back_inserter(reach.changes));
            confine(reach);
        };
    }
    if (std::ranges::find(at_stores_, &asked) == at_stores_.end()) console.keep_to({});
    return run_(console);
}

CLI::App* Verbs::group(CLI::App& app, const std::string& name, const std::string& what) {
    CLI::App* made = app.add_subcommand(name, what);
    made->require_subcommand(1);
    made->formatter(std::make_shared<HelpFormat>());
    return made;
}

void Verbs::takes_passphrases(CLI::App* verb, const std::string& order) {
    verb->add_option(
            "--passphrase-fd", shared_.passphrase_fd,
            "Read passphrases from this open descriptor, one line each" + order + ", instead of asking")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
}

void Verbs::takes_proxy(CLI::App* verb, std::string& proxy) {
    verb->add_option("--proxy", proxy,
                     "The way to stores of the network, whatever the study says, such as Tor's "
                     "socks5h://127.0.0.1:9050; HOST is a number or localhost; none is ever taken from the "
                     "environment")
        ->type_name("socks5h://HOST:PORT");
}

void Verbs::takes_shares(CLI::App* verb, std::vector<std::filesystem::path>& shares) {
    verb->add_option("--shares", shares,
                     "Shares that a custodian has released for --key, where several must co-operate; "
                     "repeat it for more")
        ->type_name("C.ffshare")
        ->allow_extra_args(false);
}

void Verbs::takes_study_if_secret(CLI::App* verb, std::filesystem::path& file) {
    verb->add_option("--study", file, "The study file, where the study has a pre-shared key")
        ->type_name("S.ffstudy");
}

void Verbs::takes_earlier(CLI::App* verb, std::vector<std::filesystem::path>& files) {
    verb->add_option("--earlier", files,
                     "An earlier file of the study, for batches of its version; repeat it for more")
        ->type_name("OLD.ffstudy")
        ->allow_extra_args(false);
}

ExitCode run_command_line(const std::vector<std::string>& words, std::ostream& out, std::ostream& err,
                          bool interactive, const Confine& confine,
                          const std::function<bool()>& keys_may_be_swapped) {
    CLI::App app("The researcher's side of Fieldfare: keys, studies, sealed batches, results.",
                 "fieldfare-cli");
    app.require_subcommand(1);
    app.set_version_flag("--version", "fieldfare-cli " FIELDFARE_VERSION, "The version");
    app.formatter(std::make_shared<HelpFormat>());
    Verbs verbs(app);
    app.footer(
        "A study from start to end:\n"
        "  key new, study build            on the researcher's machine\n"
        "  store init                      what a server needs to be the study's store\n"
        "  serve                           or a receiver for a training room\n"
        "  store doctor                    before devices go out, and after the store was changed\n"
        "  (devices import the study file, fill in, seal and sync)\n"
        "  fetch, roster add, open         as often as there is something new\n"
        "  custody extract                 after fetch and before roster add and open, where custodians must "
        "co-operate\n"
        "  key backup, key rehearse        before fieldwork: keys on paper, and proof that they open\n"
        "  withdraw, archive redact        when a respondent takes an interview back\n"
        "  archive rewrap                  before a key is destroyed\n\n"
        "Ends with 0 when all is well, 1 when something needs a look, 2 when asked wrongly, 3 when it could "
        "not be done\n(withdraw: 4 when a code is of no submission here).\n"
        "Each verb has its own --help with an example.");
    try {
        app.parse(
            std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes the words from the back
    } catch (const CLI::ParseError& error) {
        if (app.exit(error, out, err) == 0) return ExitCode::fine;
        if (std::ranges::find(words, "--json") != words.end())
            out << JsonObject().put("error", "usage").put("sentence", error.what()).text() << std::endl;
        return ExitCode::usage;
    }
    return verbs.run(out, err, interactive, confine, keys_may_be_swapped);
}

}  // namespace fieldfare::researcher
