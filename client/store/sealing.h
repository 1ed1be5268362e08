#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/store/database.h"
#include "client/store/drafts.h"
#include "client/store/media_sealing.h"
#include "client/store/studies.h"
#include "client/store/surroundings.h"
#include "crypto/batch_writer.h"
#include "crypto/random.h"
#include "crypto/withdrawal.h"
#include "sync/outbox.h"

namespace fieldfare::store {

// When an open batch gets its final CLOSE (DECISIONS, Keys 1), beside lock and sync.
inline constexpr std::uint32_t records_to_finish = 25;
inline constexpr std::size_t bytes_to_finish = 256 * 1024;
inline constexpr std::chrono::hours age_to_finish{6};

/// After so long without a batch the next sync takes an empty one along.
inline constexpr std::chrono::days silence_to_break{7};

/// Instead of the sequence of a batch that was being written when the device lost its keys (rescue.h): its
/// file decides what becomes of the interview in it, and is no part of the chain that begins anew.
inline constexpr std::int64_t of_another_device = -1;

/// Where a study's chain of batches stands: what the device shows, so that a researcher can tell whether the
/// newest batches have arrived.
struct Head {
    std::uint64_t sequence = 0;  ///< of the newest batch
    crypto::BatchId batch{};
    std::uint32_t records = 0;  ///< in it
    std::uint64_t next_record = 0;
    crypto::Digest last_leaf{};

    bool operator==(const Head&) const = default;
};

/// Under what a draft was sealed, or was about to be.
struct SealedAs {
    crypto::Id uuid{};            ///< of the submission
    crypto::Digest withdrawal{};  ///< as SubmissionMedia has it

    bool operator==(const SealedAs&) const = default;
};

/// Makes the record's payload, schema::to_json of the submission, once its media are sealed. The vault wipes
/// it.
using Payload = std::function<std::string(const std::vector<schema::MediaFile>& media)>;

/// An interview whose sealing was cut short, and what has become of it.
struct Interrupted {
    DraftId draft;
    bool sealed = false;  ///< else it is as it was before: a draft, or in an unattended vault gone

    bool operator==(const Interrupted&) const = default;
};

/// Turns drafts into records of sealed files, in the order that makes each finalised interview stand exactly
/// once (DECISIONS, Keys 2): the vault announces the hash of the file to be; the file is written durably; the
/// vault deletes the draft and moves the head. What was cut short in between is decided by looking for that
/// hash. A file that can't be looked for, since the disk does not give it back, is passed over: the chain of
/// batches goes on behind it, so that researchers find a gap at worst, and its interview is sealed once more,
/// as the very bytes that were announced, so that researchers who get both know them for one. Until that has
/// come about, for lack of room say, it is a draft that can't be changed. So it stays, too, where a sealed
/// part of its media is not given back, either, since the vault has the only copy then: until the disk gives
/// back the part, or says that the interview's own file is not there, and all of it is sealed anew. What
/// turns out to stand there after all is counted from then on.
///
/// An unattended vault has no drafts, and never an open batch with an interview in it: seal_at_once().
///
/// At most one batch a study is open; its keys are in guarded memory only, in this object. After any fault
/// its writer is thrown away and its file, complete as it stands, becomes final. A batch holds interviews of
/// one form version; whenever one begins, it is sealed to the recipients of the newest package. Used through
/// Vault.
class Sealing {
  public:
    Sealing(Database& database, sync::Outbox& outbox, const Surroundings& surroundings,
            const crypto::Id& incarnation);

    /// Seals the media that the submission `uuid` has, then the payload, which names their hashes. Success
    /// also when an earlier try had sealed this draft and was cut short: then as it was at that time. After
    /// an error the draft is still there: either untouched, or marked `finalising`, which whatever is sealed
    /// next decides. internal: an earlier try has sealed it as something else, see sealed_as().
    Result<void> finalise(const DraftId& draft, const crypto::Id& uuid, const SubmissionMedia& media,
                          const Payload& payload);

    /// In an unattended vault, the whole way of an interview: one that was never a draft becomes a batch of
    /// its own, final at once. `interview` tells a second try after an error that the first has sealed it.
    /// Nothing of it stands anywhere before. interviewer_vault in one that keeps drafts.
    Result<void> seal_at_once(const StudyId& study, std::uint32_t package_version, const DraftId& interview,
                              const crypto::Id& uuid, const Payload& payload);

    /// A record that takes an interview back: its code, as the respondent has it. After an error it may be
    /// sealed all the same, and then is sealed twice when it is tried again, which says no more than once.
    Result<void> withdraw(const StudyId& study, const crypto::WithdrawalCode& code);

    /// Whether this draft has been sealed since unlock: nobody may begin it anew.
    bool has_sealed(const DraftId& draft) const { return sealed_.contains(draft); }

    /// As what an earlier try has sealed this draft, whether or not its file ever stood there: another try
    /// takes the same. Nothing where there was none. unknown_draft.
    Result<std::optional<SealedAs>> sealed_as(const DraftId& draft);

    /// Settles, passes over what can't be looked for now, and seals once more what was in it. An error means
    /// that nothing can be sealed.
    Result<void> clear_way();
    /// For what was passed over, and for parts of media. It may take the disk long to say once more that it
    /// can't be read: at unlock and before each sync, and not with each interview.
    void look_again();

    /// Decides every announced file: the draft goes if the file is there, the announcement goes if it is not.
    /// The first error; whatever could not be decided is tried again.
    Result<void> settle();
    /// The same for who works on this draft: an error only where it may be sealed already.
    Result<void> settle(const DraftId& draft);

    /// The interview of which it was found out last.
    const std::optional<Interrupted>& decided() const { return decided_; }

    /// Gives every open batch its final CLOSE and moves it to the outbox. A batch that can't be closed for
    /// lack of room moves as it stands, which is no error. The first error otherwise; the others are finished
    /// all the same.
    Result<void> finish_all();

    /// The same for batches that were begun age_to_finish ago or more.
    Result<void> finish_old();

    /// Parts of media files go out once their interview is sealed, and never before: where a crash came
    /// between, this lets them go. finish_all() does it, too.
    Result<void> release_parts();

    /// For each study of which nothing was sealed in silence_to_break, or ever, an empty final batch: "I am
    /// here, and that was all until now". So a store can't keep back the newest interviews unnoticed for
    /// longer, and researchers can rehearse opening before the first interview. A clock that was set back or
    /// forth says it once too often. The first error; studies after it wait for the next sync.
    Result<void> say_here();

    /// Nothing before the study's first batch.
    Result<std::optional<Head>> head(const StudyId& study);

  private:
    struct OpenBatch {
        StudyId study{};
        std::uint32_t form_version = 0;  ///< the package version whose form the interviews in it have
        std::uint32_t rules = 0;         ///< the one to whose recipients it is sealed
        std::uint64_t sequence = 0;
        std::string name;  ///< in the outbox
        std::chrono::sys_seconds begun;
        crypto::SigningKey device;
        crypto::BatchWriter writer;
        std::uint32_t withdrawals = 0;  ///< of its records
    };
    using Batches = std::vector<OpenBatch>;

    Result<Batches::iterator> batch_for(const StudyId& study, std::uint32_t form_version);
    Result<OpenBatch> begin(const StudyId& study, std::uint32_t form_version);
    struct Record {
        crypto::RecordType type{};
        SealedAs as;
        crypto::ByteView payload;
        const DraftId* draft = nullptr;  ///< that becomes it
    };
    Result<void> finalise_now(const DraftId& draft, const crypto::Id& uuid, const SubmissionMedia& media,
                              const Payload& payload);
    Result<void> seal(Batches::iterator batch, const Record& record);
    Result<bool> waits_to_be_sealed_again(const DraftId& draft);
    Result<void> write_final(const OpenBatch& batch, const crypto::SealedBatch& sealed, const DraftId* draft);
    Result<bool> keeps_drafts() const;
    Result<void> finish(Batches::iterator batch);
    Result<void> abandon(Batches::iterator batch);

    Result<void> announce(const OpenBatch& batch, const crypto::SealedBatch& sealed, const DraftId* draft,
                          const Record* record = nullptr);
    Result<void> record(const StudyId& study);
    Result<void> call_off(const StudyId& study, const DraftId& draft);
    void after_sealing(const DraftId& draft, const std::vector<sync::FileHash>& parts);
    Result<void> pass_over();
    Result<void> pass_over(const StudyId& study);
    Result<std::vector<DraftId>> to_be_sealed_again();
    Result<bool> parts_stand(const DraftId& draft);
    Result<void> seal_again(const DraftId& draft);
    Result<void> free_draft(const DraftId& draft);
    struct PassedOver {
        sync::FileHash file;
        std::string open_name;
        StudyId study{};
        DraftId draft;  ///< that waits to be sealed again; empty: none
    };
    Result<std::vector<PassedOver>> passed_over();
    Result<void> found_there(const PassedOver& one);
    Result<void> found_missing(const PassedOver& one);
    Result<std::vector<sync::FileHash>> forget_draft(const StudyId& study, const DraftId& draft);
    Result<std::vector<sync::FileHash>> keep_parts(const StudyId& study, const DraftId& draft);
    Result<std::vector<schema::MediaFile>> seal_media(const DraftId& draft, const StudyId& study,
                                                      std::uint32_t form_version, const crypto::Id& uuid,
                                                      const SubmissionMedia& media);
    Result<bool> is_silent(const StudyId& study);
    void reached(Step step) const;
    std::chrono::sys_days today() const;

    Database* database_;
    sync::Outbox* outbox_;
    Surroundings surroundings_;
    crypto::Id incarnation_;
    Batches open_;
    std::set<DraftId> sealed_;       ///< since unlock; a later try of the same draft is told that it is done
    std::set<DraftId> lacks_parts_;  ///< of those to be sealed again, since it was last looked for them
    std::optional<Interrupted> decided_;
    bool unsettled_ = true;  ///< an announced file may or may not stand in the outbox
};

}  // namespace fieldfare::store
