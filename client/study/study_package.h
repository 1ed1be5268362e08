#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "client/study/policy.h"
#include "crypto/bytes.h"
#include "crypto/identity.h"
#include "schema/form.h"
#include "schema/problem.h"

namespace fieldfare::study {

// A study package (.ffstudy), version 1. Integers little-endian.
//
//   off  len
//     0    8   magic 89 46 46 53 0D 0A 1A 0A ("FFS" as a batch has "FFB")
//     8    4   version = 1
//    12   32   root public key (Ed25519)
//    44   64   signature by it over "FFS1 package sig" || bytes 0…43 || bytes 108…end
//   108    …   nine parts, each u32 length and bytes, in this order and nothing after them:
//              package (version, days, predecessors), policy, recipients, receipt keys, stores, languages,
//              form, dictionary, media. STUDY_PACKAGE.md has their bytes.
//
// Nothing after byte 108 is looked at before the signature over the stored bytes has been verified. Who
// opened a package knows that the holder of the root key wrote it; whether that is the right root only the
// fingerprint tells, which the person compares (or a program passes as `expected_root`).

/// Why a package, or an update to one, is refused. sentence() in wordings.h says it to a person.
enum class PackageError {
    not_a_package,    ///< other magic: some other file
    too_large,        ///< more than 256 MiB
    unknown_version,  ///< made by a later Fieldfare, or by one from before version 1
    truncated,        ///< cut while copying; known only before the signature could be checked
    bad_signature,    ///< altered after it was signed, or damaged
    other_root,       ///< signed well, but not by the root that was expected
    // Below: the signature is right, so its maker's program is wrong (or newer).
    trailing_bytes,
    malformed_package,
    malformed_policy,
    malformed_recipients,  ///< not canonical, not unique, not sorted, a weak key
    no_recipients,         ///< nobody could ever open the answers
    malformed_receipt_keys,
    malformed_stores,
    malformed_languages,
    malformed_form,
    malformed_dictionary,  ///< too long, or not one that records can be packed with
    unsupported_media,     ///< a part that version 1 keeps empty
    unknown_rule,          ///< the policy has a rule of a later Fieldfare
    // check_update
    other_study,      ///< another study id or root than the device's
    older_version,    ///< lower than what the device has: somebody offers yesterday's rules
    forked_version,   ///< two packages, or two policies, were signed under one number
    not_a_successor,  ///< newer, but does not name the device's package among its predecessors
};

template <typename T>
using PackageResult = tl::expected<T, PackageError>;

/// A package whose signature was verified, and its parts. Immutable.
class StudyPackage {
  public:
    /// Verifies, then reads. `expected_root`: refuse any other (other_root).
    static PackageResult<StudyPackage> open(
        crypto::ByteView bytes, const std::optional<crypto::VerifyKey>& expected_root = std::nullopt);

    const crypto::VerifyKey& root() const { return root_; }
    const Policy& policy() const { return policy_; }
    const std::vector<RecipientEntry>& recipients() const { return recipients_; }  ///< sorted by key, 1 to 16
    const std::vector<ReceiptKeyEntry>& receipt_keys() const {
        return receipt_keys_;
    }                                                                         ///< sorted by key, 1 to 32
    const std::vector<StoreEntry>& stores() const { return stores_; }         ///< may be empty
    const std::vector<std::string>& languages() const { return languages_; }  ///< Language::name, as offered
    const schema::Form& form() const { return form_; }
    const std::string& form_json() const { return form_json_; }      ///< the stored bytes
    const crypto::Bytes& dictionary() const { return dictionary_; }  ///< for records of batches; empty: none

    /// Of the stored form JSON (label "FFS1 form hash  "): the form hash of OPEN.
    const crypto::Digest& form_hash() const { return form_hash_; }
    /// Over the stored policy, recipients and receipt keys; what batches and receipts name.
    const crypto::Digest& policy_digest() const { return policy_digest_; }
    /// Over the whole stored package but the signature.
    const crypto::Digest& digest() const { return digest_; }

    /// Of the root key: the same digits as `key show` prints for the root, in every package of the study.
    crypto::Fingerprint fingerprint() const;

    /// Past its expiry day: warn, never stop.
    bool expired(std::chrono::sys_days today) const;

  private:
    StudyPackage() = default;

    crypto::VerifyKey root_;
    Policy policy_;
    std::vector<RecipientEntry> recipients_;
    std::vector<ReceiptKeyEntry> receipt_keys_;
    std::vector<StoreEntry> stores_;
    std::vector<std::string> languages_;
    schema::Form form_;
    std::string form_json_;
    crypto::Bytes dictionary_;
    crypto::Digest form_hash_{}, policy_digest_{}, digest_{};
};

/// Of one of the package's recipients: the digits that `key show` prints for that person's key. They cover
/// the key that signs receipts, too, which a package lists apart, under labels that anyone chooses. So they
/// are known only where the receipt keys bear the recipients' labels and no others, and this one stands there
/// once: not where analysts sign instead of custodians, nor where two are called the same.
std::optional<crypto::Fingerprint> fingerprint_of(const RecipientEntry& recipient,
                                                  const StudyPackage& package);

enum class Update {
    newer,  ///< may replace the device's package
    same,   ///< the very package that the device has
};

/// Whether `offered` may take the place of `current` on a device.
PackageResult<Update> check_update(const StudyPackage& current, const StudyPackage& offered);

/// What a package is made of. build_package fills in nothing except what is said here.
struct PackageContents {
    Policy policy;
    std::vector<RecipientEntry> recipients;     ///< any order; the package has them sorted
    std::vector<ReceiptKeyEntry> receipt_keys;  ///< any order
    std::vector<StoreEntry> stores;
    schema::Form form;
    std::vector<std::string> languages;  ///< empty: all of the form's
    crypto::Bytes dictionary;            ///< made from the form (crypto/dictionary.h); empty for none
};

/// Default receipt quorum: the smaller of 2 and the number of researchers who sign receipts (DECISIONS, Keys
/// 11).
std::uint8_t default_quorum(std::size_t receipt_keys);

/// A fresh study tag, from the system's randomness (a fresh study id is crypto::random_id()).
crypto::Result<std::string> new_study_tag();

/// Signs a package with a root identity. The error is the one with which open() would refuse the result (e.g.
/// no_recipients); what this returns, open() opens.
PackageResult<crypto::Bytes> build_package(const PackageContents& contents, const crypto::Identity& root);

}  // namespace fieldfare::study
