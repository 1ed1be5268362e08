#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/identity.h"
#include "sync/sync_config.h"

namespace fieldfare::sync {

enum class Verdict : std::uint8_t {
    accepted = 1,     ///< opened, verified, in the researcher's archive
    quarantined = 2,  ///< arrived, but refused; the device keeps its file
};

/// Parts of media files have no place in the sequence of batches: this stands where batches have theirs.
inline constexpr std::uint64_t media_sequence = UINT64_MAX;

struct ReceiptEntry {
    std::uint64_t batch_sequence = 0;
    crypto::Digest batch_id{};     ///< identity of the batch, or of part of a media file (BATCH_FORMAT)
    crypto::Digest file_sha256{};  ///< of the file as it arrived: by this the locked device knows it
    Verdict verdict = Verdict::quarantined;

    bool operator==(const ReceiptEntry&) const = default;
};

/// A researcher's signed word on batches of one device.
struct Receipt {
    crypto::Id study_id{};
    crypto::Digest policy_digest{};  ///< of the policy that certifies the signer
    crypto::VerifyKey signer;
    std::uint64_t counter =
        0;  ///< of the signer for this device: rises with each receipt, so that none is replayed
    crypto::Id device_id{};
    std::vector<ReceiptEntry> entries;  ///< 1 to 10,000; sorted by sequence, then file; a file stands once

    bool operator==(const Receipt&) const = default;
};

// A receipt file, version 1. Integers little-endian.
//
//   magic 89 46 46 52 0D 0A 1A 0A ("FFR"), version u32 = 1, then crypto::seal() under the device's receipt
//   key, label "FFR1 receipt key", with magic and version as associated data, of:
//     signature 64, study id 16, policy digest 32, signer 32, counter u64, device id 16, count u32,
//     entries of (sequence u64, batch id 32, file sha256 32, verdict u8)
//   The signature is the signer's over "FFR1 receipt sig" || everything after it, as stored.

enum class ReceiptError {
    not_a_receipt,  ///< other magic
    unknown_version,
    not_for_us,  ///< does not unseal under our receipt key: another device's, or damaged
    malformed,   ///< unseals, but is not canonical: trailing bytes, an unknown verdict, unsorted entries
    other_study,
    other_device,
    other_policy,    ///< a policy that this device does not know
    unknown_signer,  ///< a key that the study root has not certified
    bad_signature,
    too_large,  ///< more than 1 MiB or 10,000 entries
    failed,     ///< making: keys or randomness
};

template <typename T>
using ReceiptResult = tl::expected<T, ReceiptError>;

inline constexpr std::size_t max_receipt_file = 1024 * 1024;
inline constexpr std::size_t max_receipt_entries = 10000;

/// "<device tag>" of receipt names: 32 hex digits that only who has the receipt key can tell.
std::string device_tag(const crypto::ReceiptKey& receipt_key);

/// The researcher's side: signs with the identity's signing key and seals to the device. `receipt.signer` is
/// set from it; entries are sorted here. `malformed` for no entries or the same file twice.
ReceiptResult<crypto::Bytes> make_receipt(Receipt receipt, const crypto::SigningKey& signer,
                                          const crypto::ReceiptKey& device_receipt_key);

/// The device's side: unseals, then checks signer, signature, study, device and policy, then reads. What
/// comes back is a certified signer's word; whether enough of them have given theirs is receipt_book.h's to
/// say.
ReceiptResult<Receipt> open_receipt(crypto::ByteView file, const StudySync& study);

}  // namespace fieldfare::sync
