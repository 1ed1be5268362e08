#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "client/app/file_picker.h"
#include "client/app/message.h"
#include "client/app/passphrase.h"
#include "client/app/store_news.h"
#include "schema/compiled_form.h"
#include "schema/interview.h"
#include "schema/submission.h"

namespace fieldfare::app {

// What the outside must do, in the order in which update returned it. The worker runs effects one after the
// other on its own thread and answers each with the action named beside it (action.h). An effect is moved,
// not copied: some carry passphrases.

/// A UUID, version 4, made by update; the vault's name for a draft.
using DraftId = std::string;

enum class TextSize { normal, large, larger };

/// When sealed files are handed over. By itself only where a person has said so: what goes over a network
/// shows that there is somebody who sends.
enum class HandingOver { when_asked, by_itself };

/// Kept outside the vault, since it is needed before the passphrase; tells nothing of a study.
struct Preferences {
    InterfaceLanguage language = InterfaceLanguage::english;
    TextSize text_size = TextSize::normal;
    HandingOver handing_over = HandingOver::when_asked;

    bool operator==(const Preferences&) const = default;
};

/// Read a study package and check its signature; nothing is kept yet. -> PackageRead | PackageRefused
struct ReadPackage {
    std::string path;  ///< as typed or dropped; UTF-8
    enum class For {
        beginning,  ///< a device that has no study; refused once its time is over
        rescue,     ///< interviews that began with it
    };
    For what = For::beginning;
};

/// Read a study package that may take the place of the open study's. -> UpdateRead | UpdateRefused
struct ReadUpdate {
    std::string path;  ///< as in ReadPackage
};

/// Take in the package that was read last; new interviews begin with it. -> StudyUpdated | UpdateRefused
struct TakeUpdate {
    std::string path;
};

/// Make the vault with the package that was read last, wrap its key under `first`, close it, and open it with
/// `again`: the test unlock. Leaves no half-made profile behind. -> ProfileCreated | ProfileRefused
struct CreateProfile {
    std::string package_path;
    Passphrase first, again;
};

/// -> Unlocked | UnlockedEmpty | UnlockFailed. With the passphrase that destroys everything is gone when
/// UnlockedEmpty comes.
struct Unlock {
    Passphrase passphrase;
    std::string token_path{};  ///< of the person's token file; empty: none
};

/// Whether this passphrase opens the vault, which is open and stays so: staff leave the respondent's side of
/// an unattended machine. -> PassphraseFits | UnlockFailed. With the passphrase that destroys everything is
/// gone when UnlockedEmpty comes.
struct CheckPassphrase {
    Passphrase passphrase;
};

/// Take the package that was read last into the open vault, which has no study. -> ProfileCreated |
/// ProfileRefused
struct TakeFirstStudy {
    std::string package_path;
};

/// Have the open vault opened by another passphrase, and with this token file or without, from now on.
/// -> PassphraseChanged | PassphraseRefused
struct ChangePassphrase {
    Passphrase current, chosen;
    enum class Token {
        none,
        same,     ///< the one with which the vault was opened
        of_file,  ///< that of `token_path`
    };
    Token token = Token::none;
    std::string token_path;
};

/// Set a passphrase that destroys, in the place of any that is set. -> DestroyPassphraseSet |
/// DestroyPassphraseRefused
struct SetDestroyPassphrase {
    Passphrase current, destroying;
};

/// Have none, whether or not one is set. -> DestroyPassphraseSet | DestroyPassphraseRefused
struct DropDestroyPassphrase {
    Passphrase current;
};

/// Write a request to the supervisor whom the study names, in the place of any earlier one. -> RequestWritten
/// | RecoveryRefused
struct WriteRequest {};

/// Read the answer to the request that was written last, and try what is in it. -> AnswerFits |
/// RecoveryRefused
struct ReadAnswer {
    std::string path;  ///< of the person's file
};

/// Open the vault with the answer that fitted; from then on this passphrase opens it and no other does.
/// -> Unlocked | RecoveryRefused
struct Recover {
    Passphrase passphrase;
};

/// Forget the request and its answer. No answer is expected.
struct DropRequest {};

/// Close the open batch, forget all keys, close the vault. Comes after everything that must still be saved.
/// No answer is expected.
struct LockVault {};

/// Open the damaged vault with what can be read of it. -> Rescued | UnlockedEmpty | RescueRefused. With the
/// passphrase that destroys as Unlock.
struct RescueVault {
    Passphrase passphrase;
    std::vector<std::string> study_paths;  ///< of packages that were read for it and confirmed
    std::string token_path{};              ///< as Unlock's
};

/// Insert a new draft. -> AnswerSaved with the ticket | SaveFailed
struct CreateDraft {
    DraftId draft;
    std::string day;  ///< local day, YYYY-MM-DD
    std::vector<schema::DraftEntry> entries;
    std::size_t language = 0;  ///< index into Form::languages
    std::uint64_t ticket = 0;
    std::shared_ptr<const schema::CompiledForm> form = nullptr;  ///< with which it begins and goes on
};

enum class Extent { changes, whole };

/// Write answers of a draft in one transaction. -> AnswerSaved with the ticket | SaveFailed
/// The worker may merge waiting saves of one draft and answer with the highest ticket.
struct SaveAnswers {
    DraftId draft;
    std::string day;  ///< of its start, should a whole save have to insert the draft
    Extent extent =
        Extent::changes;  ///< whole: these entries replace all that the draft had; insert it if need be
    std::vector<schema::DraftEntry> entries;
    std::vector<std::string>
        removed;               ///< paths that the draft no longer has (a shrunken repeat, a cleared answer)
    int minutes = 0;           ///< whole minutes spent on this interview so far
    std::size_t language = 0;  ///< index into Form::languages: where a resumed interview goes on
    std::uint64_t ticket = 0;
    std::shared_ptr<const schema::CompiledForm> form =
        nullptr;  ///< with which it began, should a whole save have to insert the draft
};

/// -> DraftLoaded | Failed
struct LoadDraft {
    DraftId draft;
};

/// -> DraftsChanged | Failed. Asked for only after the person has confirmed.
struct DeleteDraft {
    DraftId draft;
};

/// Read a folder of the person's, for the picker. -> FolderListed | FolderRefused
struct ListFolder {
    std::string path;                ///< empty: the home folder
    std::vector<std::string> kinds;  ///< extensions of the files to be listed, without a point, those of
                                     ///< media as schema::media_extension has them; empty: all
};

/// Copy a file of the person's into the vault, to the draft, where the answer `name` will be saved; of a JPEG
/// without what it tells beside its picture. Saves come between. One at a time.
/// -> FileProgress…, FileAttached | FileRefused
struct AttachFile {
    DraftId draft;
    std::string name;  ///< schema::media_name
    std::string path;  ///< of the person's file, which is only read
};

/// Stop copying and drop what was copied. -> FileRefused without a reason, unless it was done already
struct StopAttaching {};

/// Draw the code with which this interview can be withdrawn; only its hash is kept, in memory, for
/// SealInterview. A later one takes its place. -> CodeDrawn | CodeFailed | CodeStands, where an earlier try
/// may have sealed the interview, and drew it one | Finalised, when it turns out that it has
struct DrawCode {
    DraftId draft;
};

/// Seal the interview and its files to the researchers, durably, then delete the draft. On an unattended
/// machine there is none, and the interview is a batch of its own. -> Finalised | FinaliseFailed
struct SealInterview {
    DraftId draft;
    schema::Submission submission;  ///< the same id when it is tried again, which the worker sees to where a
                                    ///< start lies between; it adds `withdrawal` and the hashes of `media`
    std::shared_ptr<const schema::CompiledForm> form;
};

/// Seal a respondent's code, durably, for the researchers to leave that interview out; wipe it.
/// -> TakenBack | TakeBackRefused
struct SealWithdrawal {
    std::string code;  ///< as typed
};

/// Hand sealed files over to the study's stores. Works locked too. -> SyncProgress…, SyncDone | SyncFailed
struct StartSync {
    std::vector<StoreName> resting{};  ///< these are left alone
};

/// Stop, also in the middle of a file: it goes again from its start. -> SyncDone | SyncFailed
struct StopSync {};

struct SavePreferences {
    Preferences preferences;
};

/// Close the window. Everything else was asked for before it.
struct Quit {};

/// One of these; a type of its own for the reason that Action is.
struct Effect
    : std::variant<ReadPackage, ReadUpdate, TakeUpdate, CreateProfile, Unlock, CheckPassphrase,
                   TakeFirstStudy, ChangePassphrase, SetDestroyPassphrase, DropDestroyPassphrase,
                   WriteRequest, ReadAnswer, Recover, RescueVault, DropRequest, LockVault, CreateDraft,
                   SaveAnswers, LoadDraft, DeleteDraft, ListFolder, AttachFile, StopAttaching, DrawCode,
                   SealInterview, SealWithdrawal, StartSync, StopSync, SavePreferences, Quit> {
    using variant::variant;
    Effect(Effect&&) noexcept;
    Effect& operator=(Effect&&) noexcept;
    ~Effect();
};
using Effects = std::vector<Effect>;

}  // namespace fieldfare::app
