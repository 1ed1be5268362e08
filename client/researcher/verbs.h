#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "client/researcher/console.h"
#include "client/researcher/exit_code.h"
#include "client/researcher/exports.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

// What each verb of fieldfare-cli is asked, and the function that does it; the command line (command_line.h)
// only fills these in, and tests call them without a process. A function says everything on the console and
// returns what the shell gets. What it could not do it has not half done.

enum class Output { text, json };  ///< --json: one object for one thing, a JSON line each for many

struct KeyNewOptions {
    std::filesystem::path name;  ///< NAME: NAME.ffkey and NAME.ffpub are made
    bool root = false;           ///< a study root: signs packages and rosters, opens nothing
    bool low_cost = false;       ///< cheap to guess: for throw-away demos and tests
    std::string label;           ///< for people; empty: the last part of NAME
    Output output = Output::text;
};
/// Never replaces a file: with an overwritten key all that was sealed to it would be lost.
ExitCode run_key_new(const KeyNewOptions& options, Console& console);

struct KeyShowOptions {
    std::filesystem::path file;  ///< .ffpub, or .ffkey (which asks for its passphrase)
    bool qr = false;             ///< draw the public line as a QR code
    Output output = Output::text;
};
ExitCode run_key_show(const KeyShowOptions& options, Console& console);

struct KeyBackupOptions {
    std::filesystem::path file;  ///< .ffkey; its passphrase is asked, and stays in force on the paper
    std::filesystem::path out;   ///< .svg or .txt; empty: the lines on `out` of the console
    bool qr = false;             ///< with the lines, draw the QR code
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
ExitCode run_key_backup(const KeyBackupOptions& options, Console& console);

struct KeyRestoreOptions {
    std::filesystem::path name;  ///< NAME: NAME.ffkey is made
    std::filesystem::path from;  ///< what was typed; "-": `in`; empty: asked for line by line on a terminal
    std::istream* in = nullptr;  ///< nullptr: standard input
    Output output = Output::text;
};
/// Asks no passphrase: the key comes back under the one that it had. Never replaces a file.
ExitCode run_key_restore(const KeyRestoreOptions& options, Console& console);

struct KeyRehearseOptions {
    std::filesystem::path study, roster, inbox;
    std::vector<std::filesystem::path> keys;    ///< .ffkey, each tried alone
    std::vector<std::filesystem::path> shares;  ///< .ffshare, where custodians must co-operate
    Output output = Output::text;
};
/// Opens the newest batch of each device of the roster with each key, and exports nothing. Fine (0) when
/// every recipient of the study was tried and opens a batch of every device that is not revoked.
ExitCode run_key_rehearse(const KeyRehearseOptions& options, Console& console);

struct StudyBuildOptions {
    std::filesystem::path form;                     ///< .xlsx, or a folder with the sheets as .csv or .tsv
    std::vector<std::filesystem::path> recipients;  ///< .ffpub
    std::vector<std::string> stores;                ///< as read_store() takes them (store_file.h)
    std::filesystem::path root;                     ///< .ffkey of a root
    std::filesystem::path out;                      ///< .ffstudy
    std::filesystem::path predecessor;              ///< the study's package before; empty for a new study
    std::string title;                              ///< empty: the form's title
    std::string wave;
    bool kiosk = false;
    std::filesystem::path
        recovery;  ///< .ffpub of the supervisor who can give devices their keys back; or empty
    bool remove_when_destroyed =
        false;                      ///< sealed files go, too, where a passphrase destroys a device's vault
    bool network_by_proxy = false;  ///< no store of a network is reached without a proxy
    bool pre_shared_key = false;    ///< make a new one; the predecessor's go on when left out
    /// Recipients who must co-operate to open anything; 0: each opens alone. Nothing: as the file before has
    /// it, which nobody ends by forgetting a word; without one, each alone.
    std::optional<int> custodians;
    std::vector<std::filesystem::path> analysts;  ///< .ffpub: who confirms receipts instead of the recipients
    std::uint32_t version = 0;  ///< package version; 0: 1, or one more than the predecessor's
    int quorum = 0;             ///< receipts wanted; 0: the smaller of 2 and the number of recipients
    int hold_days = 30;
    int copies = 1;
    std::string expires;  ///< YYYY-MM-DD; empty: never
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
ExitCode run_study_build(const StudyBuildOptions& options, Console& console);

struct StudyShowOptions {
    std::filesystem::path file;
    bool qr = false;
    Output output = Output::text;
};
ExitCode run_study_show(const StudyShowOptions& options, Console& console);

struct RosterAddOptions {
    std::filesystem::path study, root, roster;
    std::filesystem::path inbox;                 ///< where the device's batches wait
    std::vector<std::filesystem::path> keys;     ///< .ffkey that open them
    std::vector<std::filesystem::path> shares;   ///< .ffshare, where custodians must co-operate
    std::vector<std::string> enrolment_numbers;  ///< 30 digits each, blanks do not matter
    bool earlier_file = false;  ///< numbers of earlier files of the study are taken too; findings (1) then
    Output output = Output::text;
};
ExitCode run_roster_add(const RosterAddOptions& options, Console& console);

struct RosterRevokeOptions {
    std::filesystem::path study, root, roster;
    std::string device;                         ///< its label, or the beginning of its id (4 digits or more)
    std::string after;                          ///< the last batch that counts; cut short only with inbox
    bool all = false;                           ///< nothing counts; instead of `after`
    std::filesystem::path inbox;                ///< where that batch is looked for; empty: nowhere
    std::vector<std::filesystem::path> keys;    ///< .ffkey that open it
    std::vector<std::filesystem::path> shares;  ///< .ffshare, where custodians must co-operate
    Output output = Output::text;
};
/// For ever: a revocation can be neither changed nor taken back.
ExitCode run_roster_revoke(const RosterRevokeOptions& options, Console& console);

struct RosterShowOptions {
    std::filesystem::path study, roster;
    std::filesystem::path since;  ///< an earlier roster that this one must continue; empty: none
    Output output = Output::text;
};
/// Could not (3) when it does not continue `since`.
ExitCode run_roster_show(const RosterShowOptions& options, Console& console);

struct FormCheckOptions {
    std::vector<std::filesystem::path> files;
    Output output = Output::text;
};
/// Findings (1) when a form has errors; warnings alone are fine (0); could not (3) when a file is not there.
ExitCode run_form_check(const FormCheckOptions& options, Console& console);

struct FormJsonOptions {
    std::filesystem::path file;
};
ExitCode run_form_json(const FormJsonOptions& options, Console& console);

struct FormConvertOptions {
    std::filesystem::path file;
    std::string to;             ///< "xform", the only one
    std::filesystem::path out;  ///< empty: on `out` of the console
    Overwrite overwrite = Overwrite::no;
};
/// Writes the form as ODK's tools read it. What they will not do is told on `err` and is no failure.
ExitCode run_form_convert(const FormConvertOptions& options, Console& console);

struct FormEvalOptions {
    std::string expression;                ///< XPath as forms have it, without ${…}; not with cases
    std::filesystem::path instance;        ///< XML that it looks at; empty: <root/>
    std::string context;                   ///< path to the context node; empty: the document
    std::vector<std::string> name_spaces;  ///< "prefix=URI"
    std::filesystem::path cases;  ///< JSON lines of {"id","expression","instance","context_path","type"…}
    std::filesystem::path instances;  ///< JSON object: the XML of each "instance"
    std::string now;                  ///< the clock, ISO 8601 with offset; empty: this machine's (TZ)
    Output output = Output::text;     ///< of one expression; cases are always answered in JSON
};
/// Prints the value of one expression, or a line {"id","got"} or {"id","error"} for each case.
ExitCode run_form_eval(const FormEvalOptions& options, Console& console);

struct FormRunOptions {
    std::filesystem::path form;   ///< .json (canonical), .xlsx, or a folder with the sheets; not with batch
    std::filesystem::path steps;  ///< JSON lines, "-" for `in`
    std::filesystem::path batch;  ///< JSON lines of {"id","form","steps"}: many forms in one process
    std::filesystem::path media;  ///< folder of the files that forms name; empty: the form's own folder
    std::string today, now;       ///< the interview's clock; empty: this machine's, in its time zone
    std::istream* in = nullptr;   ///< what "-" means; nullptr: standard input
};
/// Fills a form in from steps and prints what it says after each, as JSON lines (form_run_nodes.h,
/// form_run_steps.h). A step that can't be taken gives {"error"} and the next is tried.
ExitCode run_form_run(const FormRunOptions& options, Console& console);

struct FetchOptions {
    std::filesystem::path study, inbox;
    std::vector<std::string> stores;  ///< instead of the study's own, as read_store() takes them
    std::string proxy;         ///< to stores of the network, instead of the study's; empty: the study's
    unsigned connections = 8;  ///< to one store at once
    bool sweep = false;        ///< list all of a store, however short ago that was done (sweeps.h)
    std::optional<std::chrono::sys_days> today{};  ///< UTC; nothing: this machine's
    Output output = Output::text;
};
/// Stores in their order; the first Ctrl-C ends it, and what came stays.
ExitCode run_fetch(const FetchOptions& options, Console& console);

struct StoreDoctorOptions {
    std::filesystem::path study;
    std::vector<std::string> stores;       ///< instead of the study's own, as read_store() takes them
    std::vector<std::string> researchers;  ///< the same stores as who fetches knows them, found by address
    std::string proxy;                     ///< as in FetchOptions
    std::size_t names = 30;                ///< how many files are put to see whether a list is complete
    Output output = Output::text;
};
/// Fine (0) when every store is good, findings (1) when one is not or not all could be told, could not (3)
/// when none could be reached.
ExitCode run_store_doctor(const StoreDoctorOptions& options, Console& console);

struct StoreInitOptions {
    std::filesystem::path study;
    std::vector<std::string> stores;        ///< as in StoreDoctorOptions
    std::string device = "laptops";         ///< what servers know devices as
    std::string researcher = "researcher";  ///< and who fetches
    std::filesystem::path out;              ///< a folder, made when it is not there
    std::string print;                      ///< instead of that: one of the files, on `out` of the console
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
/// Writes what a server needs to be a store of the study (store_setup.h). No secret stands in it.
ExitCode run_store_init(const StoreInitOptions& options, Console& console);

struct OpenOptions {
    std::vector<std::filesystem::path> earlier;  ///< study files with earlier versions of the form
    std::filesystem::path study, roster, inbox, out;
    std::vector<std::filesystem::path> keys;
    std::vector<std::filesystem::path> shares;    ///< .ffshare, where custodians must co-operate
    std::vector<Format> formats = {Format::csv};  ///< beside survey.jsonl
    Salvage salvage = Salvage::no;
    unsigned workers = 0;  ///< 0: usual_workers() (ordered_work.h)
    bool receipts = true;  ///< make receipts, and send them when the study's stores are folders at hand
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
/// Findings (1) when something was refused, is missing or contradicts itself, was salvaged (but where nothing
/// is missing that was not redacted), came back after a redaction, or when receipts could not be made, or not
/// be sent to a store that is there.
ExitCode run_open(const OpenOptions& options, Console& console);

struct WithdrawOptions {
    std::filesystem::path codes;  ///< a code a line, as the respondents have them; "" or "-": standard input
    std::istream* in = nullptr;   ///< standard input, for tests
    std::filesystem::path study, inbox;
    std::vector<std::filesystem::path> earlier;  ///< study files of versions that batches were packed with
    std::vector<std::filesystem::path> keys;
    std::vector<std::filesystem::path> shares;  ///< .ffshare, where custodians must co-operate
    Output output = Output::text;
};
/// Notes the codes in the inbox (withdrawals.h). Usage (2) when one is mistyped, and then none is noted;
/// unknown code (4) when one is of no submission here, though all are noted.
ExitCode run_withdraw(const WithdrawOptions& options, Console& console);

struct ArchiveRedactOptions {
    std::filesystem::path study, inbox;
    std::vector<std::filesystem::path> earlier;  ///< study files of versions that batches were packed with
    std::vector<std::filesystem::path> keys;
    std::vector<std::filesystem::path> shares;  ///< .ffshare, where custodians must co-operate
    std::vector<std::string> submissions;       ///< ids
    bool withdrawn = false;                     ///< also those that the inbox knows as withdrawn
    Output output = Output::text;
};
/// Overwrites records in the batches of the inbox, one file after the other, each whole or not at all; what
/// was done stays done when a later file can't be written. What is to go is noted first (redactions.h).
/// Findings (1) when a submission was not found, or a file could not be read and may hold one.
ExitCode run_archive_redact(const ArchiveRedactOptions& options, Console& console);

struct CustodyExtractOptions {
    std::filesystem::path study, inbox;
    std::filesystem::path key;      ///< the custodian's .ffkey
    std::filesystem::path analyst;  ///< .ffpub to whom the shares are sealed
    std::filesystem::path out;      ///< .ffshare
    bool list = false;              ///< say what would be released, and release nothing
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
/// Findings (1) when a batch was refused, or there was nothing to release.
ExitCode run_custody_extract(const CustodyExtractOptions& options, Console& console);

struct ArchiveRewrapOptions {
    std::filesystem::path inbox;
    std::filesystem::path study;              ///< may be empty; needed where it has a pre-shared key
    std::vector<std::filesystem::path> keys;  ///< .ffkey that open the batches now, an archive's too
    std::filesystem::path archive;            ///< .ffkey that will open them; its passphrase is asked
    Overwrite overwrite = Overwrite::no;      ///< of .ffwrap files of another archive, or damaged ones
    Output output = Output::text;
};
/// Findings (1) when a batch does not open with the archive's key afterwards.
ExitCode run_archive_rewrap(const ArchiveRewrapOptions& options, Console& console);

struct InspectOptions {
    std::filesystem::path file;
    std::filesystem::path study;  ///< may be empty; needed with shares, and where it has a pre-shared key
    std::vector<std::filesystem::path> keys;    ///< empty: only what anyone can see
    std::vector<std::filesystem::path> shares;  ///< .ffshare, where custodians must co-operate
    Output output = Output::text;
};
ExitCode run_inspect(const InspectOptions& options, Console& console);

struct SimulateOptions {
    std::filesystem::path study;
    std::uint64_t interviews = 100;  ///< 0: each device sends a batch without records, to rehearse with
    std::uint64_t devices = 3;
    std::uint64_t seed = 1;
    std::string day;              ///< YYYY-MM-DD of the interviews; empty: today
    std::string out;              ///< a folder for the .batch files, or a store as read_store() takes it
    std::string proxy;            ///< as in FetchOptions
    std::filesystem::path truth;  ///< JSONL of what was simulated; empty: none
    std::filesystem::path root;   ///< with roster: a roster of the simulated devices is written
    std::filesystem::path roster;
    Overwrite overwrite = Overwrite::no;
    Output output = Output::text;
};
ExitCode run_simulate(const SimulateOptions& options, Console& console);

}  // namespace fieldfare::researcher
