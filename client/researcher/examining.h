#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/researcher/lineage.h"
#include "client/researcher/media_inbox.h"
#include "client/researcher/opening.h"
#include "client/researcher/salvaged_batch.h"
#include "crypto/batch_reader.h"
#include "crypto/study_material.h"
#include "schema/submission.h"

namespace fieldfare::researcher {

/// A file that was verified: the same batch may stand in several, in shorter and longer versions.
struct VerifiedFile {
    std::string name;
    crypto::Digest sha256{};
    crypto::OpenedBatch batch;
};

/// What is exported of a batch.
struct Judged {
    const Edition* edition = nullptr;
    struct Record {
        std::size_t at = 0;  ///< in the batch's records
        schema::Submission submission;
    };
    std::vector<Record> records;
};

using Verdict = tl::expected<Judged, Reason>;

/// All that can be said of the files of one batch without the others.
struct Examined {
    struct Kept {
        VerifiedFile file;
        Verdict judged;
    };
    struct Damaged {
        DamagedFile file;
        Verdict judged;
    };
    std::vector<Kept> kept;        ///< more than one only when a cloned machine went on twice
    std::vector<Damaged> damaged;  ///< with Salvage::yes, where no intact version is as long; each batch once
    struct Superseded {
        VerifiedFile file;  ///< without its records
        bool copy = false;  ///< of another one here, not a shorter version
    };
    std::vector<Superseded> superseded;
    std::uint64_t redacted = 0;  ///< records were cut out, no other is lost, and they are of no use here
    std::vector<Refused> refused;
    std::vector<crypto::OpenedBatch> withdrawals;  ///< of files among `refused`: records that withdraw
    std::vector<ForgedShare> forged_shares;
    std::vector<SealedWrongly> sealed_wrongly;
};

/// The part of `open` that looks at batches one by one: verifies, salvages, judges (study, roster, rules,
/// form), and decodes their records. Nothing in it depends on what came before, so several threads may
/// examine at once.
class Examiner {
  public:
    /// The context outlives it. `names`: the files of the inbox.
    Examiner(const OpeningContext& context, const std::vector<std::string>& names);

    /// The files of one batch together, groups in the order of their first names.
    std::vector<std::vector<std::string>> grouped(const std::vector<std::string>& names) const;

    Examined examine(const std::vector<std::string>& versions) const;

    tl::expected<VerifiedPart, MediaRefusal> media_part_of(const std::string& name) const;
    /// What is against a part of a media file, whatever submission it is of.
    std::optional<Reason> objection_to_media(const crypto::MediaHead& head) const;

    /// Why nothing of this device counts, or from this batch on.
    std::optional<Reason> objection_of_roster(const crypto::OpenedBatch& batch) const;

  private:
    /// Of this study and of a device in the roster, revoked or not. Of all others no record is kept.
    bool counts_here(const crypto::OpenedBatch& batch) const;
    std::optional<VerifiedFile> verified(const std::string& name, Examined& examined,
                                         std::vector<DamagedFile>& damaged) const;
    Verdict judge(const crypto::OpenedBatch& batch) const;
    void try_other_keys(const std::string& name, crypto::ByteView file, const crypto::OpenedBatch& batch,
                        Examined& examined) const;
    std::optional<Reason> objection_to_rules(const crypto::Digest& policy, std::uint8_t quorum) const;
    std::optional<Reason> objection_to_revoked(const crypto::OpenedBatch& batch) const;
    void trace_revoked(const std::vector<std::string>& names);

    const OpeningContext& context_;
    const study::StudyPackage& study_;
    crypto::StudyMaterial material_;
    std::map<crypto::Id, Lineage> lineages_;
};

}  // namespace fieldfare::researcher
