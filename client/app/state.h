#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "client/app/effect.h"
#include "client/app/file_picker.h"
#include "client/app/message.h"
#include "client/app/steps.h"
#include "client/app/sync_schedule.h"
#include "schema/interview.h"

namespace fieldfare::app {

// Everything that the screen shows, as a value. Only update() changes it (update.h); drawing only reads it.
// One thread: the window's. Not copyable, since an interview is not.

/// Somebody who can open something.
struct NamedKey {
    std::string name;
    std::string fingerprint;  ///< 30 digits; empty where they can't be told

    bool operator==(const NamedKey&) const = default;
};

/// What a study package tells before anything is kept.
struct PackageSummary {
    std::string title;        ///< the study's name for people
    std::string version;      ///< of the form
    std::string fingerprint;  ///< of the study's root key: 30 digits, no spaces
    std::vector<std::string> languages;
    int recipients = 0;                    ///< researchers who can open what is sealed
    int opening_quorum = 0;                ///< how many of them it takes together; 0: each can alone
    std::optional<NamedKey> supervisor{};  ///< who can give a device its key back
    bool unattended = false;               ///< for machines with nobody but the respondent

    bool operator==(const PackageSummary&) const = default;
};

template <typename T>
struct Change {
    T before{}, after{};

    bool any() const { return before != after; }
    bool operator==(const Change&) const = default;
};

/// What a newer study file would change, before it is taken in.
struct StudyChanges {
    bool same = false;  ///< it is the very file that this machine has
    Change<std::string> title;
    Change<int> version;  ///< of the study file
    Change<std::string> form_version;
    bool form_changed = false;
    std::vector<NamedKey> added, removed;  ///< recipients
    Change<int> recipients;                ///< how many
    Change<int> opening_quorum;            ///< as in PackageSummary
    std::vector<std::string> stores_added, stores_removed;
    Change<int> confirmations;  ///< researchers who must confirm a file before it is removed
    Change<int> hold_days;      ///< for which it stays after that
    bool confirmers_changed = false;
    Change<bool> destroys_sealed;                ///< as in StudySummary
    Change<std::optional<NamedKey>> supervisor;  ///< as in PackageSummary
    Change<std::string> expires;                 ///< YYYY-MM-DD; empty: it has no end

    bool operator==(const StudyChanges&) const = default;
};

struct StudySummary {
    std::string title, version, fingerprint;
    std::string tag;               ///< for Fill::study
    std::string wave;              ///< for Fill::wave
    std::string mode = "capi";     ///< for Fill::mode
    std::string enrolment_number;  ///< digits, as PackageSummary::fingerprint
    int auto_lock_minutes = 5;     ///< policy; 0: never
    int package_version = 1;       ///< of the study file
    std::string last_day{};        ///< YYYY-MM-DD (UTC) on which the study file ends; empty: it has no end
    bool destroys_sealed = false;  ///< policy: a passphrase that destroys takes sealed interviews with it
    /// Who can give the key back when the passphrase is forgotten: the policy's word.
    std::optional<NamedKey> supervisor{};

    bool operator==(const StudySummary&) const = default;
};

struct DraftSummary {
    DraftId id;
    std::string day;           ///< local day of its start
    int answered = 0;          ///< questions with an answer
    std::string form_version;  ///< the version with which it began
    bool finalising = false;   ///< finalising was interrupted; finalise again

    bool operator==(const DraftSummary&) const = default;
};

/// A photo, a recording or another file of a draft.
struct AttachedFile {
    std::string name;        ///< schema::media_name; the value of the answer
    std::uint64_t size = 0;  ///< bytes

    bool operator==(const AttachedFile&) const = default;
};

/// The newest sealed file of this machine, by which people find out whether any was kept from the
/// researchers.
struct NewestFile {
    std::uint64_t batch = 0;  ///< its number among this machine's, from 0, as `open` counts them
    std::string digits{};     ///< as PackageSummary::fingerprint; empty: there is none yet

    bool operator==(const NewestFile&) const = default;
};

/// How many interviews stand where. handed_over: the file is in as many stores as the study asks for, no
/// receipt of enough researchers yet.
struct Counts {
    int drafts = 0, sealed = 0, handed_over = 0, confirmed = 0;
    int missing = 0;        ///< the sealed file is gone, and nothing on this machine says who has it
    int missing_files = 0;  ///< such files, those of photos and recordings among them

    bool operator==(const Counts&) const = default;
};

enum class FileState { waiting, sending, handed_over, failed };

struct SyncFile {
    std::string name;  ///< of the sealed file, shortened by whoever draws it
    std::uint64_t bytes = 0, sent = 0;
    FileState state = FileState::waiting;
    Message why;  ///< of a failed file: what happened and what to do

    bool operator==(const SyncFile&) const = default;
};

/// A pass so far.
struct SyncTotals {
    int files = 0;                            ///< that waited
    int done = 0;                             ///< of them tried, with whatever end
    int taken = 0;                            ///< of them taken by a store
    std::uint64_t bytes = 0, bytes_sent = 0;  ///< sent is not yet taken

    bool operator==(const SyncTotals&) const = default;
};

/// Nothing in it names a study. While the vault is locked only what a person has asked for there is shown.
struct SyncState {
    bool running = false;
    bool ever_ran = false;  ///< since the program was started
    std::vector<SyncFile> files;
    Message result;  ///< the last run in one sentence; of a failed run: what to do
    bool failed = false;
    bool by_itself = false;  ///< nobody has asked for the last run
    SyncTotals totals;
    /// By the researchers, as the last run has found it: interviews, or files while locked.
    std::optional<int> confirmed;
    bool stopped = false;       ///< a person has asked this run to end
    bool sealed_since = false;  ///< something was sealed since it began, which it may have missed
};

// --- before a vault is open ---

/// The worker is looking whether there is a profile. Only before the first action of the worker.
struct Starting {};

enum class FirstRunStep { choose_package, check_package, choose_passphrase, repeat_passphrase };

/// No vault yet: import a study, check its fingerprint, choose a passphrase, try it, show the enrolment
/// number.
struct FirstRun {
    FirstRunStep step = FirstRunStep::choose_package;
    bool busy = false;  ///< the worker reads the package or makes the vault
    Message why;        ///< what went wrong in this step
    std::string path;
    PackageSummary package;
    Passphrase first;
    bool unlocked = false;  ///< the vault is there and open, and has no study: no passphrase is chosen
};

/// The passphrase is forgotten, and the supervisor whom the study names is asked for the key. Whether it
/// names one nobody can tell while the vault is locked.
struct Recovering {
    enum class Step { ask, wait, chosen, repeated };
    Step step = Step::ask;
    bool busy = false;                 ///< the worker is at it
    Message why;                       ///< it was refused
    std::string file, digits;          ///< of the request, as in RequestWritten
    std::optional<FilePicker> picker;  ///< on the screen, to choose the answer
    Passphrase chosen;
};

/// The vault is damaged, and what can be read of it is wanted.
struct Rescuing {
    enum class Step {
        ask,    ///< for the passphrase
        study,  ///< for the study file, without which the interviews can't be read
        check,  ///< whether its fingerprint is the study's
    };
    Step step = Step::ask;
    bool busy = false;  ///< the worker is at it
    Message why;        ///< it was refused
    std::string path;   ///< of the study file that is chosen
    PackageSummary package;
    std::vector<std::string> studies;  ///< paths of those that were confirmed
};

struct Locked {
    bool busy = false;
    Message why;
    std::string damaged_in;  ///< as in UnlockFailed
    bool by_itself = false;  ///< the idle lock did it
    bool unsaved = false;    ///< answers were on the screen that the vault has refused
    bool sealing = false;    ///< that interview is being sealed, with them: only if that fails are they lost
    DraftId saving;          ///< the draft that was open
    std::uint64_t ticket = 0;        ///< of its last save
    std::uint64_t whole_ticket = 0;  ///< as OpenInterview's
    bool sync_shown = false;
    std::int64_t waits_until_ms = 0;  ///< the tick from which a passphrase may be tried again
    std::optional<Recovering> recovering;
    std::optional<Rescuing> rescuing;
    std::optional<FilePicker> token_picker;  ///< on the screen, to choose a token file
};

/// Whole seconds, rounded up, until a passphrase may be tried; 0: now.
int seconds_to_wait(const Locked& locked, std::int64_t tick_ms);

// --- with an open vault ---

/// enrolled: right after the first run, the number that the researchers need to take this device's batches.
/// study_file: a newer one is chosen and looked at.
/// withdrawal: on the way from the review to the seal the respondent gets a code; then, with no interview
/// open any more, gives the machine back.
/// take_back: a respondent's code is typed.
/// respondents: the start or end screen of an unattended machine.
enum class Place { enrolled, home, interview, review, withdrawal, sync, study_file, take_back, respondents };

/// A newer study file on its way in.
struct StudyUpdate {
    enum class Step { choose, check };
    Step step = Step::choose;
    bool busy = false;   ///< the worker reads it or takes it in
    bool quiet = false;  ///< the program was started with it: home stays until there is something to look at
    Message why;         ///< it was refused
    Message told;        ///< nothing is wrong with it, but there is nothing to take in
    std::string path;
    StudyChanges changes;
};

/// A new passphrase on its way in: in the settings.
struct NewPassphrase {
    enum class Step { current, chosen, repeated, done };
    Step step = Step::current;
    bool busy = false;  ///< the worker writes the vault anew
    Message why;        ///< it was refused
    Passphrase current, chosen;
    ChangePassphrase::Token token = ChangePassphrase::Token::none;
    std::string token_path;
    std::optional<FilePicker> picker;  ///< on the screen, to choose a token file
};

/// A passphrase that destroys on its way in, or out: in the settings. Whether one is set nobody can tell.
struct DestroyPassphrase {
    enum class Step { current, chosen, repeated, done };
    Step step = Step::current;
    bool busy = false;  ///< the worker writes it
    Message why;        ///< it was refused
    Message told;       ///< what was done, at the end
    Passphrase current, chosen;
};

/// A respondent takes an interview back with the code that was noted for it.
struct TakingBack {
    bool busy = false;  ///< the worker seals the code
    Message why;        ///< it was refused
};

/// The soft prompt of a page: asked once, when going on leaves questions without a good answer; counts them
/// as they stand, and goes when there is none left.
struct SkipPrompt {
    int unanswered = 0;
    int unfitting = 0;  ///< answers that break their constraint or can't be read
};

/// The code with which a respondent can take the interview back. It is shown before the interview is sealed,
/// so that none is ever sealed under a code that nobody has seen; and shown once.
struct WithdrawalCode {
    enum class Step {
        none,       ///< not come to yet, or the form gives no codes
        hand_over,  ///< the interviewer turns the machine to the respondent
        asked,      ///< the worker draws it
        shown,
        noted,  ///< the respondent has it: the interview is sealed, again if it could not be
    };
    Step step = Step::none;
    std::string text;  ///< while it is shown; wiped when it was noted
};

/// The interview on the screen: the engine's state and what only the screen needs.
struct OpenInterview {
    OpenInterview(schema::Interview&& interview) : interview(std::move(interview)) {}
    OpenInterview(OpenInterview&&) = default;
    OpenInterview& operator=(OpenInterview&&) = default;
    ~OpenInterview();  ///< wipes what was typed and saved

    DraftId draft;
    bool alone = false;  ///< the respondent fills it in on an unattended machine: nothing of it is saved
    std::string draft_day;
    std::shared_ptr<const schema::CompiledForm> form;  ///< of the version with which the draft began
    schema::Interview interview;
    std::size_t language = 0;  ///< index into Form::languages
    std::uint64_t revision =
        0;                    ///< rises with each change of the interview; what was made of it before is old
    std::vector<Step> steps;  ///< as relevance stands now; steps_of
    StepKey step;             ///< where the person is; one of steps

    /// The question that has the keyboard; drawing moves the focus there when focus_request has risen.
    schema::NodeId focused = schema::no_node;
    std::uint64_t focus_request = 0;

    /// Questions that the person has left or tried to go on from: only these show their messages.
    std::set<schema::NodeId> left;
    /// What stands in fields that count once they are left (typed_answer.h) when it is not (yet) the answer,
    /// and why it can't be one.
    struct Typed {
        std::string text;
        std::optional<schema::AnswerError> error;  ///< set once the field was left
    };
    std::map<schema::NodeId, Typed> typed;
    std::set<schema::NodeId> missing_shown;        ///< questions whose "no answer" choices are unfolded
    std::set<schema::NodeId> guidance_shown;       ///< questions and notes whose guidance is unfolded
    std::map<schema::NodeId, std::string> filter;  ///< what is typed over a long list

    // Photos, recordings and files (attaching.h).
    std::map<std::string, std::uint64_t> files;  ///< in the vault, by name; also some that no answer names
    std::set<std::uint32_t> file_numbers;        ///< in names that were ever given here
    std::map<schema::NodeId, Message> file_refused;  ///< why a question did not take the last one
    std::optional<FilePicker> picker;                ///< on the screen in place of the page
    std::optional<FileCopying> copying;
    std::string last_folder;  ///< where the picker opens again; goes with the interview

    std::optional<SkipPrompt> prompt;
    std::set<StepKey> prompted;  ///< pages whose soft prompt was shown
    bool blocked = false;        ///< going on was refused for a required question
    bool complained = false;     ///< the person has been told that the form can't be worked out

    // Saving: what was last sent out, and how far the vault has confirmed it.
    std::map<std::string, schema::DraftEntry> sent;
    std::uint64_t last_ticket = 0;   ///< of the newest save sent out
    std::uint64_t saved_ticket = 0;  ///< of the newest that came back
    Message save_failed;             ///< not empty: the vault refused, and the next save sends everything
    std::uint64_t whole_ticket =
        0;  ///< of the save that repeats everything after a refusal; 0: none under way
    bool saved() const { return last_ticket == saved_ticket && save_failed.empty(); }

    /// The window is to be closed over it (closing.h).
    enum class Closing {
        no,
        saves,  ///< once the vault has what is here, or it is sealed
        asked,  ///< the vault has refused it, and the person is asked whether to
    };
    Closing closing = Closing::no;

    std::int64_t milliseconds = 0;  ///< spent on it, this session and before
    std::int64_t counted_until_ms = 0;
    std::string submission_id;  ///< drawn at the first try to finalise
    WithdrawalCode code;
    bool sealing = false;  ///< the worker seals it: no more edits
    Message seal_failed;
};

/// The respondent's side of an unattended machine (kiosk.h).
struct Kiosk {
    std::size_t language = 0;  ///< index into Form::languages, chosen on the start screen

    /// Over an open interview: no answer is on the screen.
    struct Cover {
        enum class Why { idle, hidden };
        Why why = Why::idle;
        std::int64_t until_ms = 0;  ///< then the answers are erased
    };
    std::optional<Cover> cover;

    bool sealed = false;  ///< the end screen, before the start screen of the next
    std::int64_t sealed_at_ms = 0;

    /// Over everything: the passphrase is asked for, to leave the respondent's side.
    struct StaffDoor {
        bool busy = false;
        bool closes = false;  ///< it was asked by closing the window
        Message why;          ///< it was refused
    };
    std::optional<StaffDoor> door;
    std::int64_t waits_until_ms = 0;  ///< the tick from which a passphrase may be tried again
};

/// Whole seconds, rounded up, until this tick; 0: it is there.
int seconds_until(std::int64_t then_ms, std::int64_t tick_ms);

struct Session {
    StudySummary study;
    std::shared_ptr<const schema::CompiledForm> form;  ///< of new interviews
    std::vector<DraftSummary> drafts;                  ///< newest first
    Counts counts;
    NewestFile newest;

    Place place = Place::home;
    std::optional<OpenInterview> open;
    /// A draft asked for and not yet here. With an interview open: what waits until that is saved, where an
    /// empty id is a new interview.
    std::optional<DraftId> loading;
    std::optional<DraftId> confirm_delete;  ///< the person is asked whether to delete it
    bool just_finalised = false;            ///< home says thank you
    bool code_of_before = false;            ///< of that: no code was shown, an earlier one counts
    InterfaceLanguage spoken = InterfaceLanguage::english;  ///< in the interview that was sealed last
    Message news;                                           ///< home says so; empty: nothing
    Message found;  ///< the same of what the program had left when it ended the last time
    std::optional<StudyUpdate> update;
    std::optional<TakingBack> taking_back;
    bool needs_token = false;                     ///< the passphrase alone would not have opened the vault
    std::optional<NewPassphrase> changing;        ///< while the settings show it
    std::optional<DestroyPassphrase> destroying;  ///< while the settings show it
    std::optional<Kiosk> kiosk;                   ///< the respondent's side is shown, and nothing else
};

/// What home has said once it need not say again.
void leave_home(Session& session);

/// Nothing more can be done here, but to hand over where that needs no vault; the window shows the sentence.
struct Fatal {
    Message message;
    bool hands_over = false;
    bool sync_shown = false;
};

struct AppState {
    Preferences preferences;
    bool settings_shown = false;
    Message notice;          ///< a sentence over the screen, until dismissed
    std::string token_path;  ///< of the token file chosen since the program was started; empty: none
    SyncState sync;
    SyncSchedule schedule;
    bool passphrase_typed = false;  ///< in its field; drawing wipes what stands there once this is false
    std::variant<Starting, FirstRun, Locked, Session, Fatal> stage;

    std::uint64_t next_ticket = 1;
    std::string utc_day{};           ///< YYYY-MM-DD, of the last action
    std::int64_t now_ms = 0;         ///< the tick of the last action
    std::int64_t last_input_ms = 0;  ///< when a person was last here
};

/// What of a person's answers the program holds. When it sinks, what was drawn, typed or copied is forgotten.
enum class Openness { locked, unlocked, interview };
Openness openness(const AppState& state);

/// The language of buttons and sentences: in an interview that of the form's language in use, when the
/// program speaks it, so that a respondent can read "Next"; otherwise the preferred one.
InterfaceLanguage interface_language(const AppState& state);

}  // namespace fieldfare::app
