#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/box_key.h"
#include "crypto/bytes.h"
#include "crypto/secret.h"
#include "crypto/signing.h"

namespace fieldfare::crypto {

/// The sealed batch: a device's submissions, sealed to the researchers of a study. The byte format and its
/// reasons are in BATCH_FORMAT.md; this header has what writer and reader share.

using BatchId = Digest;  ///< of what the device signed: the same however often someone seals it again

/// Under which receipts to a device are sealed: 32 random bytes that the device makes once.
using ReceiptKey = Secret<32, struct ReceiptKeyTag>;

enum class RecordType : std::uint8_t {
    data = 2,      ///< a submission
    withdraw = 4,  ///< a respondent's withdrawal code
};

// Limits of the format; a reader refuses what goes beyond.
inline constexpr std::size_t max_payload = 1024 * 1024 - 256;  ///< bytes of one record, before compression
inline constexpr std::size_t max_batch_payload = 64 * 1024 * 1024;  ///< sum over a batch
inline constexpr std::size_t max_records = 4096;                    ///< DATA and WITHDRAW
inline constexpr std::size_t max_recipients = 16;
inline constexpr std::size_t max_batch_file = 96 * 1024 * 1024;  ///< bytes of a file; check before reading it
inline constexpr std::size_t max_batch_header = 64 + 16 * 128 + 32;  ///< prologue, slots, header tag
inline constexpr std::size_t max_program_version = 32;               ///< bytes, printable ASCII

/// The id of a device: a hash of its public key, so that nobody chooses one.
Id device_id(const VerifyKey& device_key);

/// What compression dictionaries are named by: all zeros for none (an empty dictionary).
Digest dictionary_hash(ByteView dictionary);

/// The first record: under which circumstances a batch was made.
struct BatchOpen {
    Id study{};
    VerifyKey device_key;
    Id incarnation{};  ///< random, new at each unlock: tells a restored or cloned vault from a fork
    Digest form_hash{};
    Digest dictionary_hash{};
    Digest policy_digest{};
    std::uint32_t policy_version = 0;
    std::vector<BoxKey> recipients;  ///< sorted, unique, 1…16
    /// How many of the recipients must release their shares (custody.h) before anyone opens the batch: 2 to
    /// their number; 0: each of them opens it alone.
    std::uint8_t quorum = 0;
    std::uint64_t batch_sequence = 0;  ///< 0 for a device's first batch of a study
    BatchId previous_batch{};          ///< zeros exactly for the first
    std::uint64_t first_record_sequence = 0;
    std::string program_version;

    bool operator==(const BatchOpen&) const = default;
};

/// One record's place in what the device signed.
struct Leaf {
    Digest hash{};                 ///< of the record's sealed cells
    std::uint32_t first_cell = 0;  ///< counted from the first cell of the batch

    bool operator==(const Leaf&) const = default;
};

/// The last record, which the device signs.
struct BatchClose {
    Id study{};
    Id device{};
    std::uint64_t batch_sequence = 0;
    BatchId previous_batch{};
    Digest policy_digest{};
    std::uint64_t first_record_sequence = 0;
    std::uint32_t count = 0;   ///< of records (DATA and WITHDRAW)
    std::uint32_t cells = 0;   ///< before CLOSE
    bool last = false;         ///< the device says that it will send no more for this study
    bool provisional = false;  ///< closed so as to be complete on the disk, while more was expected
    std::vector<Leaf> leaves;  ///< count + 1: OPEN is the first

    bool operator==(const BatchClose&) const = default;
};

/// What anyone can see of a file, without a key: for stores, outboxes and `inspect`.
struct BatchOutline {
    std::size_t slots = 0;
    std::size_t cells = 0;  ///< padding included
    Id routing_tag{};
    Digest header_tag{};  ///< the same in every version of one batch, from provisional to final

    bool operator==(const BatchOutline&) const = default;
};

/// `too_large`, `wrong_format`, `unsupported`, `damaged` (a length that no batch has). Proves nothing else.
Result<BatchOutline> outline_of(ByteView file);

/// The same of a file that may have been cut short behind the header, or have something after its end:
/// `cells` are the whole ones that are there.
Result<BatchOutline> outline_of_damaged(ByteView file);

}  // namespace fieldfare::crypto
