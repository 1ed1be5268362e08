#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/box_key.h"
#include "crypto/bytes.h"
#include "crypto/signing.h"
#include "crypto/study_material.h"
#include "sync/sync_config.h"

namespace fieldfare::store {

using StudyId = crypto::Id;

/// Decided by the first study that a vault takes in, for good.
enum class VaultKind {
    interviewer,  ///< one person's: keeps drafts
    unattended,   ///< of a shared machine: has no place for a draft, and a batch for each respondent
};

/// One version of a study, as plain values out of a package that client/study has verified. The vault trusts
/// them: whoever fills this in has checked the signature, and the person has compared the fingerprint.
struct StudyRecord {
    StudyId study{};
    crypto::VerifyKey root;             ///< by which the package is signed
    std::uint32_t package_version = 0;  ///< from 1
    crypto::Digest package_digest{};
    crypto::Bytes
        package;  ///< the whole signed file, kept as it is: verified and parsed again at each unlock

    VaultKind kind = VaultKind::interviewer;  ///< for which kind the study is

    // For sealing.
    std::string form_version;  ///< for people
    crypto::Digest form_hash{};
    crypto::Digest policy_digest{};
    std::uint32_t policy_version = 0;
    std::vector<crypto::BoxKey> recipients;     ///< 1 to crypto::max_recipients, unique
    std::uint8_t opening_quorum = 0;            ///< of them; 0: each opens a batch alone
    crypto::Bytes dictionary;                   ///< for compression; empty for none
    crypto::SharedPreSharedKey pre_shared_key;  ///< null for none

    // For the keyslots: to whom the master key is sealed besides (crypto/recovery.h).
    std::optional<crypto::BoxKey> supervisor;

    // For sync.json; see sync::StudySync.
    std::string tag;                                 ///< the same in every version of a study
    std::vector<crypto::Digest> earlier_policies;    ///< of predecessors whose receipts still count
    std::vector<crypto::VerifyKey> receipt_signers;  ///< sorted, unique
    std::uint8_t quorum = 1;
    std::uint16_t hold_days = 30;
    std::uint8_t copies = 1;
    std::vector<sync::Store> stores;
};

}  // namespace fieldfare::store
