#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// --- the person, anywhere ---
struct SetInterfaceLanguage {
    InterfaceLanguage language;
};
struct SetTextSize {
    TextSize size;
};
struct ShowSettings {};
struct HideSettings {};
struct DismissNotice {};
/// A key, a click, a mouse move: the window says so, and the idle lock starts anew.
struct PersonActive {};
/// Time has passed: the window sends it when wake_up_in says so.
struct Tick {};
/// The window's close button. Saves, and once the vault has the last answers locks and quits; asks first
/// where it refuses them.
struct CloseWindow {};
/// Not to close it after all: it was asked about answers that are not saved.
struct StayOpen {};

// --- first run and unlocking ---
/// A path typed, a file dropped on the window, or one that the program was started with: on the first screen,
/// and at home or the study's own screen for a newer file of the study.
struct ChoosePackage {
    std::string path;
    enum class From { person, command_line };
    From from = From::person;
};
struct ConfirmPackage {};  ///< the fingerprint agrees; or, of a newer file: take it in
struct RejectPackage {};   ///< it does not, or another file is wanted
struct ChoosePassphrase {
    Passphrase passphrase;
};
struct RepeatPassphrase {
    Passphrase passphrase;
};
struct BackToPassphrase {};
struct FinishFirstRun {};  ///< the enrolment number was noted
struct TryPassphrase {
    Passphrase passphrase;
};
struct Lock {};
/// Drawing says whether anything stands in the field for a passphrase, whichever it is; never what.
struct PassphraseTyped {
    bool anything;
};

// --- the passphrase is forgotten; see recovering.h ---
struct ShowRecovery {};
struct AskSupervisor {};  ///< a request is wanted
struct ChooseAnswer {};   ///< opens the picker
struct LeaveRecovery {};  ///< what was asked for is given up

// --- the vault is damaged; see rescuing.h ---
struct ShowRescue {};
struct LeaveRescue {};

// --- a token file: at the lock screen, and with a new passphrase; see token_choice.h, changing.h ---
struct ChooseToken {};  ///< opens the picker
struct DropToken {};    ///< go on without one

// --- settings of an open vault: another passphrase; see changing.h ---
/// The steps after it are TryPassphrase, ChoosePassphrase and RepeatPassphrase, as on the first run.
struct ShowNewPassphrase {};

// --- settings of an open vault: a passphrase that destroys; see destroying.h ---
/// The steps after it are TryPassphrase, ChoosePassphrase and RepeatPassphrase, as on the first run.
struct ShowDestroyPassphrase {};
struct RemoveDestroyPassphrase {};

// --- home ---
struct StartInterview {};
struct ResumeDraft {
    DraftId draft;
};
struct AskDelete {
    DraftId draft;
};
struct ConfirmDelete {};
struct CancelDelete {};
struct ShowSync {};
struct ShowStudyFile {};
struct ShowTakeBack {};
struct TakeBack {
    std::string code;  ///< as typed; update() wipes it
};
struct ShowHome {};  ///< from anywhere with an open vault; an interview stays a draft
struct BeginSync {};
struct CancelSync {};  ///< also one that has begun by itself
struct ChooseHandingOver {
    HandingOver handing_over;
};

// --- interview ---
struct SetFormLanguage {
    std::size_t language;
};
/// The text of a field as it stands after a key. Text is an answer at once; numbers, dates, times and places
/// when left.
struct TypeText {
    schema::NodeId node;
    std::string text;
};
/// A choice by name (a number of a short range, the "OK" of an acknowledge): picks it, or toggles it in a
/// select_multiple or acknowledge.
struct PickChoice {
    schema::NodeId node;
    std::string choice;
};
/// A digit '0' … '9' pressed on such a question: the choice that shows this digit (digit_keys).
struct PickDigit {
    schema::NodeId node;
    char digit;
};
/// A choice of a rank goes to a place, counted from 0.
struct MoveRanked {
    schema::NodeId node;
    std::string choice;
    std::size_t place;
};
struct ConfirmRanking {
    schema::NodeId node;
};  ///< the order shown is right as it is
struct ClearAnswer {
    schema::NodeId node;
};
struct SayMissing {
    schema::NodeId node;
    schema::Missing missing;
};  ///< saying it twice takes it back
struct ToggleMissing {
    schema::NodeId node;
};  ///< unfolds or folds refused / don't know / not applicable
struct ToggleGuidance {
    schema::NodeId node;
};  ///< unfolds or folds the guidance of a question or note
struct FilterChoices {
    schema::NodeId node;
    std::string text;
};
struct AddInstance {
    schema::NodeId repeat;
};
struct RemoveInstance {
    schema::NodeId instance;
};
/// The keyboard focus has come to a question (or gone: no_node). The one before counts as left.
struct FocusQuestion {
    schema::NodeId node;
};
/// The keyboard or mouse has left the field of a question, though perhaps not the question: what was typed
/// there is now its answer, or told not to fit.
struct LeaveField {
    schema::NodeId node;
};
/// Enter on a question: on to the next of the page, from the last to the next page.
struct GoOn {
    schema::NodeId node;
};
struct NextStep {};
struct SkipAnyway {};      ///< past the soft prompt
struct ShowUnanswered {};  ///< from the soft prompt to the first question meant
struct PreviousStep {};
struct JumpTo {
    schema::NodeId node;
};  ///< from the review to a question
struct ShowReview {};
struct ShowQuestions {};  ///< from the review back to the page left last
struct SaveAgain {};
/// Of a form that gives codes, the code comes first.
struct FinaliseInterview {};
struct ShowCode {};   ///< the respondent has the machine
struct CodeNoted {};  ///< the respondent has written the code down: seal it

// --- an unattended machine; see kiosk.h ---
struct OpenToRespondents {};  ///< staff turn to the respondent's side
struct HideAnswers {};        ///< at once: no answer is on the screen any more
struct ShowAnswers {};        ///< go on with what is covered
struct EraseAnswers {};       ///< of what is covered; the start screen comes
struct NextRespondent {};     ///< from the end screen to the start screen
struct AskForStaff {};        ///< the passphrase is wanted; it comes as TryPassphrase
struct LeaveStaffDoor {};

// --- photos, recordings and files; see attaching.h ---
struct ChooseFile {
    schema::NodeId node;
};  ///< opens the picker
struct OpenFolder {
    std::string path;
};
struct PickFile {
    std::string name;
};  ///< of the folder shown
struct LeavePicker {};
/// Dropped on the window: a file for a question of the page, the answer to a request, else a study file.
struct DropFile {
    std::string path;
};
struct CancelCopying {};

// --- the worker ---
struct ProfileFound {
    int wait_seconds = 0;  ///< before a passphrase may be tried
};                         ///< there is a vault: ask for its passphrase
struct ProfileMissing {};  ///< first run
struct PackageRead {
    PackageSummary package;
};
struct PackageRefused {
    Message why;
};
struct UpdateRead {
    StudyChanges changes;
    std::string path;  ///< that was asked for; another may have been chosen since
};
struct UpdateRefused {
    Message why;
    std::string path;  ///< likewise
};                     ///< nothing was changed
/// What the start has found of a run that came to no proper end.
struct Found {
    enum class Interview { none, sealed, not_sealed };
    int batches = 0;  ///< that were left open, and are final now
    Interview interview = Interview::none;
    DraftId draft;  ///< of that interview: its sealing was cut short

    bool operator==(const Found&) const = default;
};
struct Opened {
    StudySummary study;
    std::shared_ptr<const schema::CompiledForm> form;
    std::vector<DraftSummary> drafts;
    Counts counts;
    bool needs_token = false;  ///< the passphrase alone would not have opened the vault
    NewestFile newest{};
    Found found{};
};
struct ProfileCreated {
    Opened opened;
};  ///< the vault is open after the test unlock
struct ProfileRefused {
    Message why;
};
struct Unlocked {
    Opened opened;
};
struct StudyUpdated {
    Opened opened;
};
struct UnlockedEmpty {};  ///< the vault is open and has no study
struct UnlockFailed {
    Message why;
    int wait_seconds = 0;         ///< before the next try
    std::string damaged_in = {};  ///< the profile's folder, where its vault can be rescued; empty otherwise
    bool closed = false;          ///< no vault is open now, whatever was before
};
struct Rescued {
    Opened opened;
    std::size_t files_lost = 0;  ///< photos and others of unfinished interviews
    bool complete = true;        ///< false: answers may be missing as well
    bool enrolled_anew = false;  ///< the machine has another enrolment number
};
/// Nothing was changed.
struct RescueRefused {
    Message why;
    int wait_seconds = 0;       ///< before the next try
    bool study_wanted = false;  ///< it takes the study file
};
struct PassphraseFits {};  ///< it was typed on the respondent's side, and opens this vault
struct PassphraseChanged {
    bool needs_token = false;  ///< from now on
    std::string token_path{};  ///< of another token than before; empty otherwise
};
struct PassphraseRefused {
    Message why;
    /// It counts all the same, and the vault is locked: encrypting everything anew was cut short.
    std::optional<PassphraseChanged> counts{};
};
struct DestroyPassphraseSet {};  ///< or none is, as was asked
struct DestroyPassphraseRefused {
    Message why;
};  ///< nothing was changed
struct RequestWritten {
    std::string file;    ///< where it lies
    std::string digits;  ///< 30, which the supervisor compares
};
struct AnswerFits {};  ///< it opens this vault; a new passphrase is wanted
struct RecoveryRefused {
    Message why;
};
struct DraftLoaded {
    DraftId draft;
    std::string day;
    std::shared_ptr<const schema::CompiledForm> form;  ///< of the version with which it began
    std::vector<schema::DraftEntry> entries;
    int minutes = 0;
    std::size_t language = 0;
    std::vector<AttachedFile> files{};
};
struct AnswerSaved {
    DraftId draft;
    std::uint64_t ticket;
};
struct SaveFailed {
    DraftId draft;
    std::uint64_t ticket;
    Message why;
};
struct DraftsChanged {
    std::vector<DraftSummary> drafts;
    Counts counts;
};
struct FolderListed {
    FolderContents contents;
};
struct FolderRefused {
    Message why;
};
struct FileProgress {
    DraftId draft;
    std::string name;
    std::uint64_t done = 0, size = 0;  ///< bytes
};
struct FileAttached {
    DraftId draft;
    std::string name;
    std::uint64_t size = 0;  ///< of the copy, in bytes
};
struct FileRefused {
    DraftId draft;
    std::string name;
    Message why;  ///< empty: the person has stopped it
};
struct Finalised {
    DraftId draft;
    std::vector<DraftSummary> drafts;
    Counts counts;
};
struct CodeDrawn {
    DraftId draft;
    std::string code;  ///< as people write it
};
struct CodeStands {
    DraftId draft;  ///< that an earlier try had brought to the seal, under a code that the respondent has
};
struct CodeFailed {
    DraftId draft;
    Message why;
};
struct FinaliseFailed {
    DraftId draft;
    Message why;
};  ///< the interview stays a draft
struct TakenBack {
    Counts counts;
};  ///< the code is sealed, durably
struct TakeBackRefused {
    Message why;
};
struct SyncProgress {
    std::vector<SyncFile> files;
    SyncTotals totals{};
};
struct SyncDone {
    std::vector<SyncFile> files;
    Counts counts;
    Message result;
    SyncTotals totals{};
    PassNews news{};
    NewestFile newest{};
};
struct SyncFailed {
    std::vector<SyncFile> files;
    Counts counts;
    Message why;
    SyncTotals totals{};
    PassNews news{};
    NewestFile newest{};
};
struct Failed {
    Message why;
};  ///< shown as a notice; nothing else changes
struct FailedForGood {
    Message why;
    bool hands_over = false;  ///< what is sealed can be handed over all the same
};                            ///< shown instead of everything, but for the hand-over

/// One of these. A type with a name of its own: the names of all its kinds would stand in every symbol that
/// speaks of it, which were nine tenths of an object file. Moved only; std::visit, std::get and the others
/// take it as the variant that it is.
struct Action
    : std::variant<
          SetInterfaceLanguage, SetTextSize, ShowSettings, HideSettings, DismissNotice, PersonActive, Tick,
          CloseWindow, StayOpen, ChoosePackage, ConfirmPackage, RejectPackage, ChoosePassphrase,
          RepeatPassphrase, BackToPassphrase, FinishFirstRun, TryPassphrase, Lock, PassphraseTyped,
          ShowRecovery, AskSupervisor, ChooseAnswer, LeaveRecovery, ShowRescue, LeaveRescue, ChooseToken,
          DropToken, ShowNewPassphrase, ShowDestroyPassphrase, RemoveDestroyPassphrase, StartInterview,
          ResumeDraft, AskDelete, ConfirmDelete, CancelDelete, ShowSync, ShowStudyFile, ShowTakeBack,
          TakeBack, ShowHome, BeginSync, CancelSync, ChooseHandingOver, SetFormLanguage, TypeText, PickChoice,
          PickDigit, MoveRanked, ConfirmRanking, ClearAnswer, SayMissing, ToggleMissing, ToggleGuidance,
          FilterChoices, AddInstance, RemoveInstance, FocusQuestion, LeaveField, GoOn, NextStep, SkipAnyway,
          ShowUnanswered, PreviousStep, JumpTo, ShowReview, ShowQuestions, SaveAgain, FinaliseInterview,
          ShowCode, CodeNoted, OpenToRespondents, HideAnswers, ShowAnswers, EraseAnswers, NextRespondent,
          AskForStaff, LeaveStaffDoor, ChooseFile, OpenFolder, PickFile, LeavePicker, DropFile, CancelCopying,
          ProfileFound, ProfileMissing, PackageRead, PackageRefused, UpdateRead, UpdateRefused, StudyUpdated,
          ProfileCreated, ProfileRefused, Unlocked, UnlockedEmpty, UnlockFailed, PassphraseFits,
          PassphraseChanged, PassphraseRefused, DestroyPassphraseSet, DestroyPassphraseRefused,
          RequestWritten, AnswerFits, RecoveryRefused, Rescued, RescueRefused, DraftLoaded, AnswerSaved,
          SaveFailed, DraftsChanged, FolderListed, FolderRefused, FileProgress, FileAttached, FileRefused,
          Finalised, CodeDrawn, CodeStands, CodeFailed, FinaliseFailed, TakenBack, TakeBackRefused,
          SyncProgress, SyncDone, SyncFailed, Failed, FailedForGood> {
    using variant::variant;
    Action(Action&&) noexcept;
    Action& operator=(Action&&) noexcept;
    ~Action();
};
using Actions = std::vector<Action>;

/// What an action comes from: only a person shows that somebody is there.
enum class Source {
    person,
    program,  ///< time that has passed, and what drawing tells of itself
    worker,
};
Source source_of(const Action& action);

}  // namespace fieldfare::app
