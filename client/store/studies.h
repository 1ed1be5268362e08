#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/store/database.h"
#include "client/store/study_record.h"
#include "crypto/batch.h"
#include "crypto/recovery.h"
#include "crypto/signing.h"
#include "sync/sync_config.h"

namespace fieldfare::store {

struct StudySummary {
    StudyId study{};
    std::string tag;
    crypto::VerifyKey root;
    crypto::VerifyKey device_key;         ///< public; with the package's digest it makes the enrolment number
    std::vector<std::uint32_t> versions;  ///< ascending, never empty; all that were ever imported

    bool operator==(const StudySummary&) const = default;
};

/// What the device is to one study: keys that it made at the first import.
struct DeviceKeys {
    crypto::SigningKey signing;
    crypto::ReceiptKey receipt;
};

/// What sealing needs of a study's packages. An interview keeps the form with which it began, but who can
/// open it is for the newest package to say: a key that was rotated out since then, perhaps because it was
/// stolen, opens nothing that is sealed from now on.
struct SealingTerms {
    std::string tag;

    // of the version with which the interviews began: how the answers are to be read
    crypto::Digest form_hash{};
    crypto::Bytes dictionary;

    // of the newest version
    std::uint32_t newest_version = 0;
    crypto::SharedPreSharedKey pre_shared_key;  ///< null for none
    crypto::Digest policy_digest{};
    std::uint32_t policy_version = 0;
    std::vector<crypto::BoxKey> recipients;
    std::uint8_t opening_quorum = 0;
};

enum class ImportOutcome { new_study, new_version, already_there };

/// The studies of a vault and every package version of each. Every change is durable on return. Used through
/// Vault.
class Studies {
  public:
    explicit Studies(Database& database) : database_(&database) {}

    /// Keeps a version and, for a new study, makes the device's keys; the first one decides the vault's kind.
    /// other_root, older_package, changed_package, unusable_package, interviewer_vault, unattended_vault,
    /// no_randomness: nothing was changed.
    Result<ImportOutcome> add(const StudyRecord& record);

    /// For a vault that was damaged (rescue.h): brings back what is missing of a version, older ones
    /// included, and makes new keys where those of the study are gone. other_root, changed_package,
    /// unusable_package.
    Result<void> restore(const StudyRecord& record);

    /// Afterwards, with the newest version: what it says of syncs and of a supervisor counts.
    Result<void> settle_on(const StudyRecord& newest);

    Result<std::vector<StudySummary>> list();  ///< in order of first import

    /// To whom the vault's master key is sealed, and what the vault is called there: as the package says that
    /// was taken in last. Nobody, where none names one.
    struct Supervision {
        std::optional<crypto::BoxKey> supervisor;
        crypto::VaultName vault;
    };
    Result<Supervision> supervision();

    // unknown_study where the study or that version of it is not there
    Result<crypto::Bytes> package(const StudyId& study, std::uint32_t version);
    Result<SealingTerms> sealing_terms(const StudyId& study, std::uint32_t form_version);
    Result<std::uint32_t> newest_version(const StudyId& study);
    Result<DeviceKeys> device_keys(const StudyId& study);

    /// What sync.json should say of all studies.
    Result<sync::SyncConfig> sync_config();

    /// Tags of studies whose keys were made here and with which nothing is sealed yet: whatever else of them
    /// stands in the outbox is of other keys. Until forget_begun_anew().
    Result<std::vector<std::string>> begun_anew();
    Result<void> forget_begun_anew(std::string_view tag);

  private:
    Result<ImportOutcome> outcome_of(const StudyRecord& record);
    Result<void> fit_kind(const StudyRecord& record);
    Result<void> add_study(const StudyRecord& record);
    Result<void> add_version(const StudyRecord& record);
    Result<void> add_recipients(const StudyRecord& record);
    Result<void> keep_sync_settings(const StudyRecord& record);
    Result<void> keep_supervisor(const StudyRecord& record);
    Result<void> read_form_terms(const StudyId& study, std::uint32_t version, SealingTerms& terms);
    Result<void> read_rules(const StudyId& study, std::uint32_t version, SealingTerms& terms);

    Database* database_;
};

}  // namespace fieldfare::store
