#pragma once

#include <string>
#include <vector>

#include "client/store/database.h"
#include "client/store/study_record.h"
#include "crypto/batch.h"
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

/// What sealing needs of one package version.
struct SealingTerms {
    std::string tag;
    crypto::Digest form_hash{};
    crypto::Digest policy_digest{};
    std::uint32_t policy_version = 0;
    std::vector<crypto::BoxKey> recipients;
    std::uint8_t opening_quorum = 0;
    crypto::Bytes dictionary;
};

enum class ImportOutcome { new_study, new_version, already_there };

/// The studies of a vault and every package version of each. Every change is durable on return. Used through
/// Vault.
class Studies {
  public:
    explicit Studies(Database& database) : database_(&database) {}

    /// Keeps a version and, for a new study, makes the device's keys. other_root, older_package,
    /// changed_package, unusable_package, no_randomness: nothing was changed.
    Result<ImportOutcome> add(const StudyRecord& record);

    Result<std::vector<StudySummary>> list();  ///< in order of first import

    // unknown_study where the study or that version of it is not there
    Result<crypto::Bytes> package(const StudyId& study, std::uint32_t version);
    Result<SealingTerms> sealing_terms(const StudyId& study, std::uint32_t version);
    Result<DeviceKeys> device_keys(const StudyId& study);

    /// What sync.json should say of all studies.
    Result<sync::SyncConfig> sync_config();

  private:
    Result<ImportOutcome> outcome_of(const StudyRecord& record);
    Result<void> add_study(const StudyRecord& record);
    Result<void> add_version(const StudyRecord& record);
    Result<void> keep_sync_settings(const StudyRecord& record);

    Database* database_;
};

}  // namespace fieldfare::store
