#include "client/researcher/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <ostream>

#include "client/researcher/verbs.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t help_width = 100, help_column = 30;

/// Breaks lines between words, keeping the ones that are there.
std::string wrapped(const std::string& text, std::size_t width) {
    std::string result, word;
    std::size_t column = 0;
    const auto put_word = [&] {
        if (column > 0 && column + 1 + word.size() > width) {
            result += '\n';
            column = 0;
        } else if (column > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += word.size();
        word.clear();
    };
    for (const char c : text) {
        if (c != ' ')
            word += c;
        else
            put_word();
    }
    put_word();
    return result;
}

/// Help that reads well: wrapped, the first sentence of each verb in lists, and no types where a name says
/// it.
class HelpFormat final : public CLI::Formatter {
  public:
    HelpFormat() { column_width(help_column); }

  private:
    std::string make_description(const CLI::App* app) const override {
        return wrapped(app->get_description(), help_width) + "\n";
    }
    std::string make_subcommand(const CLI::App* verb) const override {
        const std::string text = verb->get_description();
        const std::size_t end = text.find_first_of(".:");
        std::string name = "  " + verb->get_name();
        name.resize(std::max(name.size() + 1, help_column), ' ');
        std::string what = wrapped(text.substr(0, end), help_width - help_column);
        for (std::size_t at = 0; (at = what.find('\n', at)) != std::string::npos; at += 1 + help_column)
            what.insert(at + 1, help_column, ' ');
        return name + what + "\n";
    }
    std::string make_option_desc(const CLI::Option* option) const override {
        return wrapped(option->get_description(), help_width - help_column);
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        if (option->get_type_size() == 0) return "";  // a flag
        std::string text = option->get_type_name();
        for (const char* check : {":{", ":INT", ":NONNEGATIVE"}) text = text.substr(0, text.find(check));
        text = text == "TEXT" ? "" : " " + text;
        const std::string preset = option->get_default_str();
        return text + (preset.empty() ? "" : " (" + preset + ")");
    }
};

/// What more than one verb takes.
struct Shared {
    bool json = false, force = false;
    int passphrase_fd = -1;
};

class Verbs {
  public:
    explicit Verbs(CLI::App& app) {
        key(*group(app, "key", "Make, show and keep keys"));
        study(*group(app, "study", "Build and show study files"));
        roster(*group(app, "roster", "Say which devices belong to a study"));
        custody(*group(app, "custody", "Release shares where several must co-operate"));
        archive(*group(app, "archive", "Care for batches that are kept: new keys, redaction"));
        form(*group(app, "form", "Check and convert forms"));
        fetch(app);
        open(app);
        withdraw(app);
        inspect(app);
        simulate(app);
        for (CLI::App* verb : verbs_)
            for (CLI::Option* option : verb->get_options())
                if (option->get_required() && !option->get_positional()) option->group("Needed");
    }

    /// Of the verb that was parsed.
    ExitCode run(std::ostream& out, std::ostream& err, bool interactive) {
        const auto passphrases = shared_.passphrase_fd >= 0
                                     ? passphrases_from_descriptor(shared_.passphrase_fd)
                                     : passphrases_from_terminal();
        Console console{out, err, interactive, *passphrases};
        return run_(console);
    }

  private:
    CLI::App* group(CLI::App& app, const std::string& name, const std::string& what) {
        CLI::App* made = app.add_subcommand(name, what);
        made->require_subcommand(1);
        made->formatter(std::make_shared<HelpFormat>());
        return made;
    }

    /// A verb whose options stand in a struct that lives as long as the verb.
    template <typename Options>
    CLI::App* verb(CLI::App& parent, const std::string& name, const std::string& what,
                   const std::string& example, std::shared_ptr<Options> options,
                   ExitCode (*run)(const Options&, Console&)) {
        CLI::App* made = parent.add_subcommand(name, what);
        made->footer("Example:\n" + example);
        made->formatter(std::make_shared<HelpFormat>());
        verbs_.push_back(made);
        made->callback([this, options, run] {
            if constexpr (requires { options->output; })
                options->output = shared_.json ? Output::json : Output::text;
            if constexpr (requires { options->overwrite; })
                options->overwrite = shared_.force ? Overwrite::yes : Overwrite::no;
            run_ = [options, run](Console& console) { return run(*options, console); };
        });
        if constexpr (requires { options->output; })
            made->add_flag("--json", shared_.json, "Print JSON, for programs");
        if constexpr (requires { options->overwrite; })
            made->add_flag("--force", shared_.force, "Replace files that are there already");
        return made;
    }

    void takes_passphrases(CLI::App* verb, const std::string& order) {
        verb->add_option(
                "--passphrase-fd", shared_.passphrase_fd,
                "Read passphrases from this open descriptor, one line each" + order + ", instead of asking")
            ->type_name("N")
            ->check(CLI::NonNegativeNumber);
    }

    void takes_shares(CLI::App* verb, std::vector<std::filesystem::path>& shares) {
        verb->add_option("--shares", shares,
                         "Shares that a custodian has released for --key, where several must co-operate; "
                         "repeat it for more")
            ->type_name("C.ffshare")
            ->allow_extra_args(false);
    }

    void key(CLI::App& parent) {
        auto make = std::make_shared<KeyNewOptions>();
        CLI::App* verb_new = verb(
            parent, "new",
            "Make a key: NAME.ffkey, secret and under a passphrase, and NAME.ffpub, which others may have. "
            "A file that is there is never replaced.",
            "  fieldfare-cli key new anna\n  fieldfare-cli key new study-root --root", make, run_key_new);
        verb_new->add_option("NAME", make->name, "Name of the files, without their ending")->required();
        verb_new->add_flag("--root", make->root,
                           "A study root, which signs study files and rosters and opens nothing");
        verb_new->add_option("--label", make->label, "Who it belongs to, for people; NAME when left out")
            ->type_name("TEXT");
        verb_new
            ->add_option_function<std::string>(
                "--cost", [make](const std::string& cost) { make->low_cost = cost == "low"; },
                "How dear one guess at the passphrase is: calibrated (half a second to a second on this "
                "machine), or low, which is "
                "for throw-away demos and tests only")
            ->type_name("calibrated|low")
            ->check(CLI::IsMember({"calibrated", "low"}));
        takes_passphrases(verb_new, "");

        auto show = std::make_shared<KeyShowOptions>();
        CLI::App* verb_show =
            verb(parent, "show", "Show whose key a file is, and the fingerprint that people compare.",
                 "  fieldfare-cli key show anna.ffpub --qr", show, run_key_show);
        verb_show->add_option("FILE", show->file, "A .ffpub, or a .ffkey with its passphrase")->required();
        verb_show->add_flag("--qr", show->qr, "Draw the public line as a QR code");
        takes_passphrases(verb_show, "");
        paper(parent);
        rehearse(parent);
    }

    void rehearse(CLI::App& parent) {
        auto options = std::make_shared<KeyRehearseOptions>();
        CLI::App* made = verb(
            parent, "rehearse",
            "Prove before fieldwork that what the devices seal can be opened: try each key alone on the "
            "newest batch of each device of the roster; with shares, each custodian's. Have every device "
            "sync "
            "once, fetch, and run this with every researcher's key. Exports nothing. Ends with 1 when a "
            "device "
            "was never heard of, a key fails, or somebody's key was not tried.",
            "  fieldfare-cli key rehearse --study survey.ffstudy --roster survey.ffroster --inbox inbox \\\n"
            "      --key anna.ffkey --key ben.ffkey",
            options, run_key_rehearse);
        made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
        made->add_option("--roster", options->roster, "The study's roster: which devices there are")
            ->required()
            ->type_name("R.ffroster");
        made->add_option("--inbox", options->inbox, "The folder that \"fetch\" fills")
            ->required()
            ->type_name("DIR");
        made->add_option("--key", options->keys,
                         "A key to be tried; repeat it for more. Where custodians must co-operate: the "
                         "analyst's, for --shares, or a custodian's")
            ->required()
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_shares(made, options->shares);
        takes_passphrases(made, " (in the order of --key)");
    }

    void paper(CLI::App& parent) {
        auto backup = std::make_shared<KeyBackupOptions>();
        CLI::App* verb_backup =
            verb(parent, "backup",
                 "Put a secret key on paper: sixteen lines to type, and a QR code. The key stays under its "
                 "passphrase: paper and passphrase together are the key, and neither is enough alone. The "
                 "passphrase is asked, since a paper whose passphrase nobody knows is worth nothing.",
                 "  fieldfare-cli key backup anna.ffkey --out anna.svg\n  fieldfare-cli key backup "
                 "anna.ffkey --qr",
                 backup, run_key_backup);
        verb_backup->add_option("FILE", backup->file, "A .ffkey")->required();
        verb_backup
            ->add_option("--out", backup->out,
                         "A page to print: .svg, with the QR code, or .txt; on the terminal when left out")
            ->type_name("PAGE");
        verb_backup->add_flag("--qr", backup->qr, "Draw the QR code on the terminal too");
        takes_passphrases(verb_backup, "");

        auto restore = std::make_shared<KeyRestoreOptions>();
        CLI::App* verb_restore = verb(
            parent, "restore",
            "Bring a key back from paper. On a terminal it is typed line by line, and a mistyped line is "
            "told at once; capitals, blanks and the numbers in front do not matter. The key comes back "
            "under the passphrase that it had. A file that is there is never replaced.",
            "  fieldfare-cli key restore anna\n  fieldfare-cli key restore anna --from typed.txt", restore,
            run_key_restore);
        verb_restore->add_option("NAME", restore->name, "Name of the file to make, without its ending")
            ->required();
        verb_restore
            ->add_option("--from", restore->from,
                         "A file with the lines, or with what a camera read from the QR code; - for standard "
                         "input")
            ->type_name("FILE");
    }

    void study(CLI::App& parent) {
        auto build = std::make_shared<StudyBuildOptions>();
        CLI::App* verb_build =
            verb(parent, "build",
                 "Read a form, check it, and sign it with all that devices need into one study file.",
                 "  fieldfare-cli study build survey.xlsx --recipient anna.ffpub --recipient ben.ffpub \\\n"
                 "      --store folder:/media/stick --root study-root.ffkey --out survey.ffstudy",
                 build, run_study_build);
        verb_build
            ->add_option("FORM", build->form,
                         "An XLSForm: .xlsx, or a folder with its sheets as .csv or .tsv")
            ->required();
        verb_build
            ->add_option("--recipient", build->recipients, "Who can open the answers; repeat it for more")
            ->required()
            ->type_name("A.ffpub")
            ->allow_extra_args(false);
        verb_build->add_option("--store", build->stores, "Where sealed files go; repeat it for more")
            ->type_name("folder:PATH")
            ->allow_extra_args(false);
        verb_build->add_option("--root", build->root, "The study's root key, which signs")
            ->required()
            ->type_name("R.ffkey");
        verb_build->add_option("--out", build->out, "The study file to write")
            ->required()
            ->type_name("S.ffstudy");
        verb_build
            ->add_option("--after", build->predecessor,
                         "The study file that this one replaces on the devices")
            ->type_name("OLD.ffstudy");
        verb_build
            ->add_option("--title", build->title,
                         "What devices call the study; the form's title when left out")
            ->type_name("TEXT");
        verb_build->add_option("--wave", build->wave, "The wave of a panel")->type_name("TEXT");
        verb_build
            ->add_option_function<std::string>(
                "--mode", [build](const std::string& mode) { build->kiosk = mode == "kiosk"; },
                "interviewer (a person's laptop, keeps drafts) or kiosk (an unattended shared machine, keeps "
                "none)")
            ->type_name("interviewer|kiosk")
            ->check(CLI::IsMember({"interviewer", "kiosk"}));
        verb_build->add_flag("--rehearsal", build->rehearsal,
                             "Take questions that the form app can't ask yet as well (photos, recordings, "
                             "files), to try \"simulate\" and \"open\" with them. Give such a study to no "
                             "device: its title says so");
        verb_build
            ->add_option("--custodians", build->custodians,
                         "Make the recipients custodians, so many of whom must co-operate to open anything "
                         "(\"custody extract\"); each opens alone when left out")
            ->type_name("K")
            ->check(CLI::Range(2, 16));
        verb_build->add_flag(
            "--pre-shared-key", build->pre_shared_key,
            "Seal everything besides under a new secret that only the study file holds, against whoever "
            "keeps "
            "what stores have until the recipients' keys can be broken. The study file is then a secret "
            "itself. With --predecessor its secret goes on, and with this a new one takes its place");
        verb_build
            ->add_option("--analyst", build->analysts,
                         "Who opens with the custodians' shares and confirms what arrived, instead of the "
                         "recipients; repeat it for more")
            ->type_name("A.ffpub")
            ->allow_extra_args(false);
        verb_build
            ->add_option("--version", build->version,
                         "Version of the study file; 1, or one more than --after's")
            ->type_name("N");
        verb_build
            ->add_option("--quorum", build->quorum,
                         "How many researchers must confirm a file before a device may forget it; the "
                         "smaller of 2 and their number "
                         "when left out")
            ->type_name("N")
            ->check(CLI::Range(1, 16));
        verb_build->add_option("--hold-days", build->hold_days, "Days that a device keeps a file after that")
            ->capture_default_str()
            ->type_name("N")
            ->check(CLI::Range(0, 3650));
        verb_build->add_option("--copies", build->copies, "How many stores must have a file")
            ->capture_default_str()
            ->type_name("N")
            ->check(CLI::Range(1, 16));
        verb_build->add_option("--expires", build->expires, "Last day on which devices import it")
            ->type_name("YYYY-MM-DD");
        takes_passphrases(verb_build, " (the root's)");

        auto show = std::make_shared<StudyShowOptions>();
        CLI::App* verb_show = verb(parent, "show", "Check a study file's signature and show what it says.",
                                   "  fieldfare-cli study show survey.ffstudy", show, run_study_show);
        verb_show->add_option("FILE", show->file, "A .ffstudy")->required();
        verb_show->add_flag("--qr", show->qr, "Draw the fingerprint's digits as a QR code");
    }

    void roster(CLI::App& parent) {
        auto add = std::make_shared<RosterAddOptions>();
        CLI::App* verb_add =
            verb(parent, "add",
                 "Take devices into the roster by the enrolment numbers that they show. A device is looked "
                 "for among the batches that "
                 "wait in the inbox, so it must have synced once; nothing is added unless the digits agree. "
                 "The roster file is made "
                 "when it is not there.",
                 "  fieldfare-cli roster add --study survey.ffstudy --root study-root.ffkey --roster "
                 "survey.ffroster \\\n"
                 "      --inbox inbox --key anna.ffkey \"01234 56789 01234 56789 01234 56789\"",
                 add, run_roster_add);
        verb_add->add_option("--study", add->study, "The study file")->required()->type_name("S.ffstudy");
        verb_add->add_option("--root", add->root, "The study's root key, which signs the roster")
            ->required()
            ->type_name("R.ffkey");
        verb_add->add_option("--roster", add->roster, "The roster, replaced by a newer version of it")
            ->required()
            ->type_name("FILE");
        verb_add->add_option("--inbox", add->inbox, "The folder that \"fetch\" fills")
            ->required()
            ->type_name("DIR");
        verb_add->add_option("--key", add->keys, "A key that opens the batches")
            ->required()
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_shares(verb_add, add->shares);
        verb_add
            ->add_option("ENROLMENT-NUMBER", add->enrolment_numbers,
                         "30 digits, as the device shows them; in quotes when with blanks. NAME=DIGITS gives "
                         "the device a name")
            ->required();
        takes_passphrases(verb_add, " (the root's, then each --key's)");

        revoke(parent);

        auto show = std::make_shared<RosterShowOptions>();
        CLI::App* verb_show =
            verb(parent, "show", "Check a roster's signature, say how old it is and list its devices.",
                 "  fieldfare-cli roster show --study survey.ffstudy --roster survey.ffroster", show,
                 run_roster_show);
        verb_show->add_option("--study", show->study, "The study file")->required()->type_name("S.ffstudy");
        verb_show->add_option("--roster", show->roster, "The roster")->required()->type_name("FILE");
        verb_show
            ->add_option("--since", show->since,
                         "A roster that you have had before: say whether this one continues it")
            ->type_name("FILE");
    }

    void revoke(CLI::App& parent) {
        auto options = std::make_shared<RosterRevokeOptions>();
        CLI::App* made = verb(
            parent, "revoke",
            "Say in the roster that a device is lost or seized, and which of its batches was the last to "
            "count: that one and those before it count, however late they come; all others are refused, "
            "whatever number they bear. It can't be taken back. With --inbox and --key the batch is "
            "looked for first, and what counts is told.",
            "  fieldfare-cli roster revoke --study survey.ffstudy --root study-root.ffkey --roster "
            "survey.ffroster \\\n"
            "      --inbox inbox --key anna.ffkey \"laptop 3\" --after 0d2ce025e644\n"
            "  fieldfare-cli roster revoke --study survey.ffstudy --root study-root.ffkey --roster "
            "survey.ffroster \\\n"
            "      3fa81b22 --all",
            options, run_roster_revoke);
        made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
        made->add_option("--root", options->root, "The study's root key, which signs the roster")
            ->required()
            ->type_name("R.ffkey");
        made->add_option("--roster", options->roster, "The roster, replaced by a newer version of it")
            ->required()
            ->type_name("FILE");
        made->add_option("DEVICE", options->device,
                         "Its name in the roster, or the beginning of its id, four digits at least")
            ->required();
        CLI::Option* after =
            made->add_option(
                    "--after", options->after,
                    "The id of the last batch that counts: BATCH in survey.csv, or from \"inspect\"; "
                    "with --inbox its beginning is enough")
                ->type_name("BATCH-ID");
        made->add_flag("--all", options->all, "Nothing that the device has sealed counts")->excludes(after);
        made->add_option("--inbox", options->inbox, "The folder in which that batch is looked for")
            ->type_name("DIR");
        made->add_option("--key", options->keys, "A key that opens the batches")
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_shares(made, options->shares);
        takes_passphrases(made, " (the root's, then each --key's)");
    }

    void custody(CLI::App& parent) {
        auto extract = std::make_shared<CustodyExtractOptions>();
        CLI::App* made = verb(
            parent, "extract",
            "Release your shares of the batches in a folder to an analyst, of this study and no other. Any K "
            "custodians' shares together open those batches; each share alone opens nothing. Look first: "
            "--list says what would be released.",
            "  fieldfare-cli custody extract --study survey.ffstudy --inbox inbox --key anna.ffkey \\\n"
            "      --for analyst.ffpub --out anna.ffshare",
            extract, run_custody_extract);
        made->add_option("--study", extract->study, "The study file")->required()->type_name("S.ffstudy");
        made->add_option("--inbox", extract->inbox, "The folder with the batches")
            ->required()
            ->type_name("DIR");
        made->add_option("--key", extract->key, "Your key")->required()->type_name("K.ffkey");
        made->add_option("--for", extract->analyst, "Who gets them; compare the fingerprint that is shown")
            ->required()
            ->type_name("A.ffpub");
        made->add_option("--out", extract->out, "The file to write")->type_name("NAME.ffshare");
        made->add_flag("--list", extract->list, "Say what would be released, and release nothing");
        takes_passphrases(made, "");
    }

    void archive(CLI::App& parent) {
        auto rewrap = std::make_shared<ArchiveRewrapOptions>();
        CLI::App* made =
            verb(parent, "rewrap",
                 "Before a key is destroyed: seal the content key of every batch in a folder to an archive "
                 "key, in a "
                 "small file beside each, photos and other media included, and open each batch with the "
                 "archive key alone to see. \"open\" "
                 "then takes "
                 "the archive's key instead of the old one. Ends with 1 while a batch does not open with it.",
                 "  fieldfare-cli archive rewrap --inbox inbox --key anna-2025.ffkey --to archive.ffkey",
                 rewrap, run_archive_rewrap);
        made->add_option("--inbox", rewrap->inbox, "The folder with the batches")
            ->required()
            ->type_name("DIR");
        made->add_option("--key", rewrap->keys, "A key that opens them now; repeat it for more")
            ->required()
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_study_if_secret(made, rewrap->study);
        made->add_option("--to", rewrap->archive,
                         "The archive's key. The secret one, since each batch is opened with it")
            ->required()
            ->type_name("ARCHIVE.ffkey");
        takes_passphrases(made, " (each --key's, then --to's)");

        auto redact = std::make_shared<ArchiveRedactOptions>();
        made = verb(
            parent, "redact",
            "Overwrite submissions in the batches of a folder, so that no key opens them there any more. The "
            "other records of these batches stay as the device signed them; \"open --salvage\" takes them, "
            "and "
            "says what was redacted. Sealed photos and recordings of theirs are cut out whole. This can't "
            "be undone. Do it when the device was told that its batches "
            "arrived. Stores, devices and backups are not touched, and the disk may keep the old bytes in "
            "blocks that are free.",
            "  fieldfare-cli archive redact --study survey.ffstudy --key anna.ffkey --inbox inbox "
            "--withdrawn",
            redact, run_archive_redact);
        made->add_option("--study", redact->study, "The study file")->required()->type_name("S.ffstudy");
        takes_earlier(made, redact->earlier);
        made->add_option("--key", redact->keys, "A key that opens the batches; repeat it for more")
            ->required()
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_shares(made, redact->shares);
        made->add_option("--inbox", redact->inbox, "The folder with the batches")
            ->required()
            ->type_name("DIR");
        made->add_option("--submission", redact->submissions,
                         "The id of a submission, KEY in survey.csv; repeat it for more")
            ->type_name("ID")
            ->allow_extra_args(false);
        made->add_flag("--withdrawn", redact->withdrawn,
                       "All whose respondents have withdrawn, as \"withdraw\" and \"open\" have noted it");
        takes_passphrases(made, " (in the order of --key)");
    }

    void form(CLI::App& parent) {
        auto check = std::make_shared<FormCheckOptions>();
        CLI::App* verb_check =
            verb(parent, "check", "Say what is wrong with forms, each fault with its sheet, row and column.",
                 "  fieldfare-cli form check survey.xlsx", check, run_form_check);
        verb_check->add_option("FILE", check->files, "Forms: .xlsx, or folders with sheets as .csv or .tsv")
            ->required();

        auto json = std::make_shared<FormJsonOptions>();
        CLI::App* verb_json =
            verb(parent, "json", "Print a form as the canonical JSON that study files hold.",
                 "  fieldfare-cli form json survey.xlsx > survey.json", json, run_form_json);
        verb_json->add_option("FILE", json->file, "A form: .xlsx, or a folder with sheets as .csv or .tsv")
            ->required();

        auto convert = std::make_shared<FormConvertOptions>();
        CLI::App* verb_convert = verb(
            parent, "convert",
            "Write a form as the XForm XML that ODK's tools read, laid out as pyxform does it. What they "
            "will not do is told.",
            "  fieldfare-cli form convert survey.xlsx --to xform --out survey.xml", convert,
            run_form_convert);
        verb_convert->add_option("FILE", convert->file, "A form: .xlsx, .xml, .json, or a folder of sheets")
            ->required();
        verb_convert->add_option("--to", convert->to, "What to write: xform")
            ->required()
            ->type_name("FORMAT")
            ->check(CLI::IsMember({"xform"}));
        verb_convert->add_option("--out", convert->out, "The file to write; standard output when left out")
            ->type_name("FILE");
        auto eval = std::make_shared<FormEvalOptions>();
        CLI::App* verb_eval = verb(
            parent, "eval",
            "Evaluate an expression on an XML document, or a file of cases. Local times are in the time zone "
            "of this machine (TZ).",
            "  fieldfare-cli form eval \"round(7 div 2)\"\n"
            "  fieldfare-cli form eval \"sum(/data/trip/km)\" --instance submission.xml\n"
            "  fieldfare-cli form eval --cases cases.jsonl --instances documents.json",
            eval, run_form_eval);
        CLI::Option* eval_expression =
            verb_eval->add_option("EXPRESSION", eval->expression, "XPath, as forms have it");
        CLI::Option* eval_instance =
            verb_eval->add_option("--instance", eval->instance, "The document that it looks at")
                ->type_name("FILE.xml");
        verb_eval
            ->add_option("--context", eval->context,
                         "The path to the node where it stands; the document when left out")
            ->type_name("PATH");
        verb_eval->add_option("--namespace", eval->name_spaces, "What a prefix means; repeat it for more")
            ->type_name("PREFIX=URI")
            ->allow_extra_args(false);
        verb_eval
            ->add_option("--cases", eval->cases,
                         "JSON lines of {\"id\",\"expression\",\"instance\",\"context_path\",\"type\"}")
            ->type_name("FILE")
            ->excludes(eval_expression)
            ->excludes(eval_instance);
        verb_eval
            ->add_option("--instances", eval->instances, "A JSON object with the documents that cases name")
            ->type_name("FILE");
        verb_eval->add_option("--now", eval->now, "The time, in ISO 8601 with offset; now when left out")
            ->type_name("TIME");

        auto run = std::make_shared<FormRunOptions>();
        CLI::App* verb_run = verb(
            parent, "run",
            "Fill a form in from a script of steps and print, as JSON lines, what each step changes, then "
            "all nodes and the instance XML.",
            "  fieldfare-cli form run survey.xlsx --steps steps.jsonl\n"
            "  echo '{\"set\":[\"/data/age\",32]}' | fieldfare-cli form run survey.xlsx --steps -\n"
            "  fieldfare-cli form run --batch cases.jsonl",
            run, run_form_run);
        CLI::Option* run_form =
            verb_run->add_option("FORM", run->form, "A form: .xml, .xlsx, .json, or a folder of sheets");
        CLI::Option* run_steps =
            verb_run->add_option("--steps", run->steps, "JSON lines; - for standard input")
                ->type_name("FILE")
                ->needs(run_form);
        verb_run
            ->add_option("--batch", run->batch,
                         "Run many: JSON lines of {\"id\",\"form\",\"steps\"}; - for standard input")
            ->type_name("LIST")
            ->excludes(run_form)
            ->excludes(run_steps);
        verb_run
            ->add_option("--media", run->media,
                         "The folder of the files that forms name; their own folder when left out")
            ->type_name("DIR");
        verb_run->add_option("--today", run->today, "The day of the interview; today when left out")
            ->type_name("YYYY-MM-DD");
        verb_run->add_option("--now", run->now, "Its time, in ISO 8601 with offset; now when left out")
            ->type_name("TIME");
    }

    void fetch(CLI::App& app) {
        auto options = std::make_shared<FetchOptions>();
        CLI::App* made =
            verb(app, "fetch",
                 "Copy from the study's stores what the inbox lacks, each file checked against its name, and "
                 "send the "
                 "receipts that wait. Deletes nothing anywhere.",
                 "  fieldfare-cli fetch --study survey.ffstudy --inbox inbox", options, run_fetch);
        made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
        made->add_option("--inbox", options->inbox, "The folder to fill; made when it is not there")
            ->required()
            ->type_name("DIR");
        made->add_option("--store", options->stores, "A store instead of the study's own; repeat it for more")
            ->type_name("folder:PATH")
            ->allow_extra_args(false);
    }

    void open(CLI::App& app) {
        auto options = std::make_shared<OpenOptions>();
        CLI::App* made =
            verb(app, "open",
                 "Open the sealed batches of an inbox: verify, then export to survey.csv (with a file for "
                 "each repeat) and "
                 "survey.jsonl, report what is missing, put reasons for what was refused into quarantine/, "
                 "and make receipts. "
                 "Ends with 1 when something needs a look.",
                 "  fieldfare-cli open --study survey.ffstudy --key anna.ffkey --roster survey.ffroster \\\n"
                 "      --inbox inbox --out results",
                 options, run_open);
        made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
        made->add_option("--key", options->keys, "A key that opens the batches; repeat it for more")
            ->required()
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_shares(made, options->shares);
        made->add_option("--roster", options->roster, "The study's roster: which devices count")
            ->required()
            ->type_name("R.ffroster");
        made->add_option("--inbox", options->inbox, "The folder that \"fetch\" fills")
            ->required()
            ->type_name("DIR");
        made->add_option("--earlier", options->earlier,
                         "An earlier file of the study, for batches filled in with its version of the form; "
                         "their results go to "
                         "version-…/ in DIR. Repeat it for more")
            ->type_name("OLD.ffstudy")
            ->allow_extra_args(false);
        made->add_option("--out", options->out, "The folder for the results; made when it is not there")
            ->required()
            ->type_name("DIR");
        made->add_option_function<std::vector<std::string>>(
                "--format",
                [options](const std::vector<std::string>& names) {
                    options->formats.clear();
                    for (const std::string& name : names)
                        options->formats.push_back(name == "csv" ? Format::csv : Format::odk_xml);
                },
                "What to make beside survey.jsonl: csv (when left out), or odk-xml, an instance XML for each "
                "submission as ODK Central takes it. Repeat it for both")
            ->type_name("csv|odk-xml")
            ->allow_extra_args(false)
            ->check(CLI::IsMember({"csv", "odk-xml"}));
        made->add_flag_callback(
            "--salvage", [options] { options->salvage = Salvage::yes; },
            "Of batches that are damaged and not here intact, take the records that the device signed and "
            "that "
            "did not rot; they are marked in the results, and the device keeps its copy");
        made->add_option("--workers", options->workers,
                         "How many batches to open at once; as many as the machine has processors, 4 at "
                         "most, when left out. The results are the same")
            ->type_name("N")
            ->check(CLI::Range(1, 64));
        made->add_flag_callback(
            "--no-receipts", [options] { options->receipts = false; }, "Make and send no receipts");
        takes_passphrases(made, " (in the order of --key)");
    }

    static void takes_study_if_secret(CLI::App* verb, std::filesystem::path& file) {
        verb->add_option("--study", file, "The study file, where the study has a pre-shared key")
            ->type_name("S.ffstudy");
    }

    static void takes_earlier(CLI::App* verb, std::vector<std::filesystem::path>& files) {
        verb->add_option("--earlier", files,
                         "An earlier file of the study, for batches of its version; repeat it for more")
            ->type_name("OLD.ffstudy")
            ->allow_extra_args(false);
    }

    void withdraw(CLI::App& app) {
        auto options = std::make_shared<WithdrawOptions>();
        CLI::App* made =
            verb(app, "withdraw",
                 "Take submissions back by the codes that their respondents have: \"open\" leaves them out "
                 "from now "
                 "on, also those that have not arrived yet. The codes are noted in the inbox, in the file "
                 "\"withdrawn\"; whoever opens the batches elsewhere needs that file beside them. Ends with "
                 "2 when a "
                 "code is mistyped, with 4 when no submission here has it.",
                 "  fieldfare-cli withdraw --study survey.ffstudy --key anna.ffkey --inbox inbox", options,
                 run_withdraw);
        made->add_option(
                "--codes", options->codes,
                "The codes, one a line, each of 20 letters and digits; - or left out: standard input. "
                "Not on the command line, which others on the machine can see")
            ->type_name("FILE");
        made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
        takes_earlier(made, options->earlier);
        made->add_option("--key", options->keys, "A key that opens the batches; repeat it for more")
            ->required()
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_shares(made, options->shares);
        made->add_option("--inbox", options->inbox, "The folder that \"fetch\" fills")
            ->required()
            ->type_name("DIR");
        takes_passphrases(made, " (in the order of --key)");
    }

    void inspect(CLI::App& app) {
        auto options = std::make_shared<InspectOptions>();
        CLI::App* made =
            verb(app, "inspect",
                 "Show what a sealed batch tells: without a key what anyone can see, with one what the "
                 "device signed. "
                 "Answers are never shown.",
                 "  fieldfare-cli inspect inbox/20261123-….batch --key anna.ffkey", options, run_inspect);
        made->add_option("FILE", options->file, "A .batch")->required();
        takes_study_if_secret(made, options->study);
        made->add_option("--key", options->keys, "A key that opens it")
            ->type_name("K.ffkey")
            ->allow_extra_args(false);
        takes_passphrases(made, "");
    }

    void simulate(CLI::App& app) {
        auto options = std::make_shared<SimulateOptions>();
        CLI::App* made =
            verb(app, "simulate",
                 "Let invented respondents answer the study's form through the real engine, sealed into "
                 "batches of "
                 "invented devices: to try a form, an analysis or this program. The same seed gives the same "
                 "answers.",
                 "  fieldfare-cli simulate --study survey.ffstudy --interviews 200 --devices 3 --seed 7 \\\n"
                 "      --out inbox --truth truth.jsonl --root study-root.ffkey --roster survey.ffroster",
                 options, run_simulate);
        made->add_option("--study", options->study, "The study file")->required()->type_name("S.ffstudy");
        made->add_option("--interviews", options->interviews,
                         "How many; with 0 each device sends a batch without interviews, as for \"key "
                         "rehearse\"")
            ->capture_default_str()
            ->type_name("N");
        made->add_option("--devices", options->devices, "From how many devices")
            ->capture_default_str()
            ->type_name("D");
        made->add_option("--seed", options->seed, "Which respondents")->capture_default_str()->type_name("X");
        made->add_option("--day", options->day, "The day of the interviews; today when left out")
            ->type_name("YYYY-MM-DD");
        made->add_option("--out", options->out, "A folder for the batches, or folder:PATH for a store")
            ->required()
            ->type_name("DIR|folder:PATH");
        made->add_option("--truth", options->truth,
                         "Also write what was simulated, a line each as in survey.jsonl")
            ->type_name("FILE.jsonl");
        made->add_option("--root", options->root,
                         "The study's root key, to sign a roster of the invented devices")
            ->type_name("R.ffkey");
        made->add_option("--roster", options->roster, "The roster to write or to add to")->type_name("FILE");
        takes_passphrases(made, " (the root's)");
    }

    Shared shared_;
    std::vector<CLI::App*> verbs_;
    std::function<ExitCode(Console&)> run_;
};

}  // namespace

ExitCode run_command_line(const std::vector<std::string>& words, std::ostream& out, std::ostream& err,
                          bool interactive) {
    CLI::App app("The researcher's side of Fieldfare: keys, studies, sealed batches, results.",
                 "fieldfare-cli");
    app.require_subcommand(1);
    app.formatter(std::make_shared<HelpFormat>());
    Verbs verbs(app);
    app.footer(
        "A study from start to end:\n"
        "  key new, study build            on the researcher's machine\n"
        "  (devices import the study file, fill in, seal and sync)\n"
        "  fetch, roster add, open         as often as there is something new\n"
        "  custody extract                 before those two, where custodians must co-operate\n"
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
        return app.exit(error, out, err) == 0 ? ExitCode::fine : ExitCode::usage;
    }
    return verbs.run(out, err, interactive);
}

}  // namespace fieldfare::researcher
