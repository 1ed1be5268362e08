#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/store/attachments.h"
#include "client/store/confirmations.h"
#include "client/store/drafts.h"
#include "client/store/error.h"
#include "client/store/rescue.h"
#include "client/store/sealing.h"
#include "client/store/studies.h"
#include "client/store/study_record.h"
#include "client/store/surroundings.h"
#include "crypto/fingerprint.h"
#include "crypto/keyslots.h"
#include "crypto/passphrase_cost.h"
#include "crypto/recovery.h"
#include "crypto/secret.h"
#include "schema/interview.h"
#include "sync/outbox.h"

namespace fieldfare::store {

// A profile is a folder of mode 0700:
//     keyslots     wraps the master key under passphrases (crypto/keyslots.h)
//     vault.db     SQLCipher: studies, drafts with their photos and files, the device's keys, the heads
//                  of its chains of batches
//     vault.db-wal its newest pages, until they are moved into it
//     vault.db.damaged, vault.db.damaged-wal   a database and its log that could not be read as a
//                  whole, until the first interview of what was rescued of them is sealed or deleted
//     outbox/      sealed files (sync/outbox.h); outbox/open/ has the open batches
//     sync.json    what a locked sync needs, in clear (sync/sync_config.h)
//     request.ffrecover   what goes to a supervisor while the passphrase is forgotten (crypto/recovery.h)
//     tries        how many passphrases in a row were wrong (failed_tries.h); missing: none
//     lock         held by the program that has the profile open

// A vault is of one of two kinds (VaultKind), by the first study that it takes in. What is said of drafts
// holds for an interviewer's; an unattended one answers those calls with unattended_vault.

/// What a folder holds, as far as can be told without a passphrase and without changing anything.
struct ProfileState {
    enum class Kind {
        no_vault,  ///< nothing, or a creation that was cut short: create() may be called
        locked,    ///< unlock() may be called
        damaged,   ///< `fault` says what; create() and unlock() refuse
    };
    Kind kind = Kind::no_vault;
    std::optional<Error> fault;

    bool operator==(const ProfileState&) const = default;
};
ProfileState profile_state(const std::filesystem::path& folder);

std::filesystem::path outbox_folder(const std::filesystem::path& profile);
std::filesystem::path sync_file(const std::filesystem::path& profile);

/// What has become of the files that a crash has left in outbox/open.
struct Adopted {
    std::size_t files = 0;       ///< moved
    std::optional<Error> fault;  ///< the first one; what could not be moved stays as it is

    bool operator==(const Adopted&) const = default;
};
/// Moves them to their final place, as they stand: call it at the start of the program, whether or not
/// anybody knows the passphrase. in_use: a running program has the profile open, so nothing is left over.
Adopted adopt_leftovers(const std::filesystem::path& folder);

/// A request to the supervisor whom the profile's study names, for the case that the passphrase is forgotten.
/// Of a profile that names nobody it can be made, too, and nobody can answer it: no one can tell. in_use,
/// keyslots_damaged, newer_program, out_of_memory.
Result<crypto::RecoveryRequest> begin_recovery(const std::filesystem::path& folder);

/// Whether the master key from an answer opens the profile: wrong_answer when it does not. Nothing is
/// changed. Otherwise as Vault::unlock().
Result<void> try_recovered(const std::filesystem::path& folder, const crypto::MasterKey& master);

struct RescuedVault;

/// What unlock() has found of a run that came to no proper end.
struct Found {
    std::size_t batches = 0;  ///< that it had left open, and that became final
    std::optional<Interrupted> interrupted;

    bool operator==(const Found&) const = default;
};

/// The unlocked database of a device. Holds the keys of studies and open batches in guarded memory until
/// lock() or the end of the object (which ends the batches as they stand, complete). A process of its own at
/// a time (in_use), one thread at a time; it may move between threads.
///
/// Whatever changes is durable when the call returns. No call blocks for long except create, unlock and
/// change_passphrase (Argon2id). Errors beside those named: disk_full, not_writable, disk_failed,
/// database_damaged, out_of_memory; and locked, after lock().
class Vault {
  public:
    /// Makes the profile, and the folder (not its parents). Two runs of Argon2id. already_a_vault; or what
    /// profile_state says. After a failure there is no vault, and create() may be called again. `first` is a
    /// study that the vault has from its first instant on: a crash leaves a vault with it, or none (errors as
    /// of import_study).
    static Result<Vault> create(const std::filesystem::path& folder, const crypto::Credentials& credentials,
                                const crypto::PassphraseCost& cost, const Surroundings& surroundings,
                                const StudyRecord* first = nullptr);

    /// Opens the profile with its user's passphrase, and with the token where it has one, brings its tables
    /// up to date and decides what a crash has left: leftovers of the outbox become final, an interrupted
    /// finalise or change of passphrase is brought to its end. no_vault, wrong_passphrase, out_of_memory (the
    /// passphrase was not tried), in_use, newer_program, keyslots_damaged, database_missing, plain_database,
    /// foreign_database, database_damaged: nothing was overwritten.
    ///
    /// With the passphrase that destroys: everything that the vault held is destroyed, and what comes back is
    /// the open vault of an empty profile, of which this passphrase is the user's from now on. The master key
    /// goes first; killed anywhere after it, the same passphrase goes on to the end, and no other opens
    /// anything. An error means that it can't be gone on with now, never that the old vault came back. Sealed
    /// files stay in the outbox or go, as set_destroy_passphrase was told.
    static Result<Vault> unlock(const std::filesystem::path& folder, const crypto::Credentials& credentials,
                                const Surroundings& surroundings);

    /// Opens a profile whose database is damaged, with what can be read of it: that is copied into a new
    /// database, which takes the old one's place (rescue.h). study_unreadable: try again with one more study
    /// file in `studies.again`; other_root, changed_package and unusable_package are about those.
    /// database_damaged: nothing can be read. Otherwise as unlock(), to which it comes down when nothing is
    /// damaged. The damaged file is kept as vault.db.damaged, its log beside it, and both are overwritten
    /// before the first interview is sealed or deleted and when the passphrase is changed. Cut short, the
    /// next unlock() or rescue() goes on.
    static Result<RescuedVault> rescue(const std::filesystem::path& folder,
                                       const crypto::Credentials& credentials,
                                       const Surroundings& surroundings, const StudyFiles& studies);

    /// Opens the profile with the master key that a supervisor has given back (crypto/recovery.h), and gives
    /// it a new passphrase and a new master key at once. wrong_answer when it is not this vault's: nothing
    /// has changed. A passphrase that destroys is gone, as after change_passphrase. Otherwise as unlock() and
    /// change_passphrase(). change_unfinished: the new passphrase counts, and an unlock with it goes on to
    /// the end, as after a crash; change_undecided: perhaps.
    static Result<Vault> recover(const std::filesystem::path& folder, const crypto::MasterKey& master,
                                 const crypto::Credentials& new_ones, const crypto::PassphraseCost& cost,
                                 const Surroundings& surroundings);

    Vault(Vault&&) noexcept;
    Vault& operator=(Vault&&) noexcept;
    ~Vault();

    /// Finishes the open batches, wipes all keys and closes. Afterwards it is locked whatever is returned; an
    /// error means only that something was left for the next unlock.
    Result<void> lock();
    bool is_locked() const { return state_ == nullptr; }

    /// Nothing when locked.
    Found found() const;

    /// Whether the passphrase alone would not have opened it. False when locked.
    bool needs_token() const;

    /// A new passphrase, from now on with this token or with none, a new master key and the database written
    /// anew under it. A passphrase that destroys is gone with the old one: whoever had one sets it again.
    /// Open batches are finished first. wrong_passphrase for the old ones; disk_full, where the database
    /// would not fit a second time; change_unfinished, where the last change has not come to its end: nothing
    /// has changed. change_undecided: the old ones or the new ones count, which nobody can tell before the
    /// next unlock. After an error that leaves the vault locked the new ones count, and the next unlock goes
    /// on.
    Result<void> change_passphrase(const crypto::Credentials& old_ones, const crypto::Credentials& new_ones,
                                   const crypto::PassphraseCost& cost);

    /// Sets a second passphrase, at which unlock() destroys this vault; one that was set before is replaced.
    /// Nobody can find out whether one is set, this program with the vault open included. Two runs of
    /// Argon2id. `sealed`: what becomes of the outbox then; the study's rules say it. wrong_passphrase,
    /// same_passphrase, change_unfinished, out_of_memory, not_writable: nothing has changed.
    /// destroying_undecided: it is set or as it was before, which nobody can tell before the next unlock.
    Result<void> set_destroy_passphrase(const crypto::Credentials& users,
                                        const crypto::SecretText& destroying, crypto::SealedFiles sealed);
    /// After it none is set, whether or not one was. Errors as above.
    Result<void> remove_destroy_passphrase(const crypto::Credentials& users);

    /// Whether the passphrase opens this vault, asked while it is open: on an unattended machine it lets
    /// staff past the respondent's side. Counted as a try of unlock() is (failed_tries.h). wrong_passphrase,
    /// out_of_memory, keyslots_damaged. Nothing is changed: where it destroys, that is for unlock() to do.
    enum class Opens { this_vault, nothing_but_destroys };
    Result<Opens> try_passphrase(const crypto::Credentials& credentials);

    // --- studies ---

    /// Keeps a verified package; a new study gets its device keys. With a new version the open batch ends:
    /// whatever is sealed from now on is sealed by the new rules. sync.json follows, where there is no room
    /// for it now at the next finish_batches() or unlock(). After an error (other_root, older_package,
    /// changed_package, unusable_package, interviewer_vault, unattended_vault, no_randomness among them)
    /// nothing was changed.
    Result<ImportOutcome> import_study(const StudyRecord& record);
    Result<std::vector<StudySummary>> studies();
    /// The signed bytes as they were imported. They come out of the vault, but are verified again all the
    /// same.
    Result<crypto::Bytes> package(const StudyId& study, std::uint32_t version);

    // --- drafts; see Drafts ---

    /// unknown_draft: it has been sealed since unlock, and is not begun again.
    Result<void> start_draft(const DraftId& id, const StudyId& study, std::uint32_t package_version,
                             const DraftChange& first);
    /// being_sealed, as of delete_draft: Drafts::can_change().
    Result<void> save_draft(const DraftId& id, const DraftChange& change);
    /// Attachments that no answer names go: their interview was cut off before the answer was saved.
    Result<LoadedDraft> load_draft(const DraftId& id);
    Result<std::vector<DraftSummary>> drafts(const StudyId& study);
    /// Whether it still is one: false when it was sealed since unlock, perhaps by a try of finalise that said
    /// otherwise. unknown_draft: neither, as when its first save was refused. In an unattended vault, whether
    /// it is still to be sealed.
    Result<bool> is_draft(const DraftId& id);
    /// As what an earlier try of finalise has sealed it, or was about to: the next one takes the same. In an
    /// unattended vault its caller knows (unattended_vault).
    Result<std::optional<SealedAs>> sealed_as(const DraftId& draft);
    Result<void> delete_draft(const DraftId& id);

    // --- photos, recordings and other files of drafts; see Attachments ---

    /// A file begins to come in; one that had been begun and not ended is dropped. Other calls may come
    /// between begin, add and end. `name` is schema::media_name's, new in this draft. unknown_draft.
    Result<void> begin_attachment(const DraftId& draft, std::string_view name);
    /// file_too_large; after any error the file is dropped.
    Result<void> add_to_attachment(crypto::ByteView bytes);
    /// The file is whole; answers its size in bytes. The draft has it from now on, and for good once a
    /// save_draft makes its name an answer. empty_file, unknown_draft; after any error it is dropped.
    Result<std::uint64_t> end_attachment();
    /// Drops what was begun and not ended. lock() does it, too, and a crash.
    void drop_attachment();

    // --- sealing; see Sealing ---

    /// Success means: the interview and its media stand in sealed, durable files and the draft is gone.
    /// `uuid` is the submission's id, the same as sealed_as() when it is tried again; so what was sealed of
    /// its media is not sealed twice where an earlier try got as far as the interview itself. `payload` is
    /// asked once they are, unless an earlier try turns out to have sealed it all, or may have: then it is
    /// sealed as at that try. payload_too_large, no_randomness, disk_full and every other error: it is still
    /// a draft, with its files.
    Result<void> finalise(const DraftId& draft, const crypto::Id& uuid, const SubmissionMedia& media,
                          const Payload& payload);

    /// The same in an unattended vault, of an interview that stood nowhere but in the caller's memory: it
    /// becomes a batch of its own, final on return. After an error it stands nowhere, or sealed: tried again
    /// with the same `interview`, it is sealed once. unknown_study; interviewer_vault in one that keeps
    /// drafts.
    Result<void> seal_at_once(const StudyId& study, std::uint32_t package_version, const DraftId& interview,
                              const crypto::Id& uuid, const Payload& payload);

    /// Seals a respondent's code, for the researchers to leave that interview out, whichever device it is of.
    /// Success means that it stands in a sealed, durable file. Codes are not checked against anything: no
    /// device knows which interviews have them.
    Result<void> withdraw(const StudyId& study, const crypto::WithdrawalCode& code);

    /// Before a sync, so that nothing stays behind in an open batch and sync.json says what the newest
    /// packages say.
    Result<void> finish_batches();

    /// Before a sync, ahead of finish_batches(): an empty batch for a study that has long been silent. See
    /// Sealing.
    Result<void> say_here();

    Result<Counts> counts(const StudyId& study);

    /// After a sync, which may have brought receipts: the hold of what they confirm begins. unlock() does it,
    /// too.
    Result<void> note_receipts();

    /// The vault's own word for sync::SyncOptions::vault_agrees: this vault has recorded the file, and by its
    /// own copy of signers, quorum and hold, and by its own count of days, the receipts suffice.
    Result<bool> may_forget(const sync::SealedFile& file);

    /// Nothing before the first batch. study::head_number is what people compare of it.
    Result<std::optional<Head>> head(const StudyId& study);

    // --- settings: the interface's, by name; never an answer ---

    Result<std::optional<std::string>> setting(std::string_view name);
    Result<void> set_setting(std::string_view name, std::string_view value);

    /// For a sync on the same thread. Lives as long as the vault is unlocked.
    Result<sync::Outbox*> outbox();

  private:
    struct State;
    explicit Vault(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

struct RescuedVault {
    Vault vault;
    Rescued what;
};

}  // namespace fieldfare::store
