#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto::batch {

// The bytes of a batch, as BATCH_FORMAT.md lays them out: sizes, keys, and the fields of OPEN and CLOSE.
// Inside this folder only.

inline constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'B', 0x0d, 0x0a, 0x1a, 0x0a};
inline constexpr std::uint8_t format = 1;
inline constexpr std::uint8_t suite = 1;
inline constexpr std::uint8_t cell_log2_records = 10;
inline constexpr std::uint8_t cell_log2_media = 16;

inline constexpr std::size_t prologue_size = 64;  ///< the header before the slots
inline constexpr std::size_t slot_plaintext_size = 64;
inline constexpr std::size_t sealed_slot_size = 112;
inline constexpr std::size_t share_tag_size = 16;
inline constexpr std::size_t slot_size = sealed_slot_size + share_tag_size;
inline constexpr std::size_t header_tag_size = 32;

constexpr std::size_t header_size(std::size_t slots) {
    return prologue_size + slot_size * slots + header_tag_size;
}

/// The smallest allowed number of slots that holds so many recipients (1…16).
constexpr std::size_t slots_for(std::size_t recipients) {
    return recipients <= 4 ? 4 : recipients <= 8 ? 8 : 16;
}

inline constexpr std::size_t min_cells = 16;

/// Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
/// 2019): rounds up so that O(log log) bits of the length remain visible, at 12 % at the very most.
std::size_t padme(std::size_t cells);

/// The cells of a batch of answers, padding included.
std::size_t padded_cells(std::size_t cells);

// --- Keys
// -----------------------------------------------------------------------------------------------------

using ContentKey = Secret<32, struct ContentKeyTag>;  ///< one for each batch; everything follows from it
using ChainKey = Secret<32, struct ChainKeyTag>;      ///< of one record and all later ones
using RecordKey = Secret<32, struct RecordKeyTag>;
using CloseKey = Secret<32, struct CloseKeyTag>;
using PadKey = Secret<32, struct PadKeyTag>;
using RedactKey = Secret<32, struct RedactKeyTag>;

using KeyBytes = std::span<const std::uint8_t, 32>;

/// The content key of a study with a pre-shared key, from what is sealed to the recipients: everything
/// follows from it in place of that.
Result<ContentKey> mixed(KeyBytes content_key, const PreSharedKey& key);

Digest header_tag_for(KeyBytes content_key, ByteView header_before_tag);
Result<ChainKey> first_chain_key(KeyBytes content_key, const Digest& header_tag);
Result<CloseKey> close_key(KeyBytes content_key, const Digest& header_tag);
Result<PadKey> pad_key(KeyBytes content_key, const Digest& header_tag);
Result<RedactKey> redact_key(KeyBytes content_key, const Digest& header_tag);

/// The key of the record whose chain key this is; and the chain key becomes that of the record after it.
void derive_record_key(RecordKey& record, const ChainKey& chain);
void advance(ChainKey& chain);

/// Goes from the key of one record to that of the next and never back.
class Ratchet {
  public:
    static Result<Ratchet> start(ChainKey&& chain);

    KeyBytes record_key() const { return record_.expose(); }  ///< of the record that the ratchet stands at
    void advance();

  private:
    Ratchet(ChainKey&& next, RecordKey&& record) : next_(std::move(next)), record_(std::move(record)) {}
    ChainKey next_;  ///< of the record after this one
    RecordKey record_;
};

/// Ties a slot to its file, study and policy, so that it can't be moved under another header.
std::array<std::uint8_t, 24> slot_context(ByteView prologue, const Id& study, const Digest& policy_digest);

Digest leaf_hash(std::uint32_t index, ByteView cells);
BatchId batch_id(const Digest& header_tag, ByteView close_body);

/// The padding: keystream of the pad key, started anew for each version of a batch by its id.
Bytes padding(const PadKey& key, const BatchId& id, std::size_t size);

/// What stands in place of a record's cells once somebody has cut it out of an archive.
Bytes redaction(const RedactKey& key, std::uint32_t index, const Digest& leaf, std::size_t size);

// --- OPEN and CLOSE
// -------------------------------------------------------------------------------------------

/// The receipt key follows the fields of `open`; wipe the bytes after sealing.
Bytes encode_open(const BatchOpen& open, const ReceiptKey& receipt_key);

struct DecodedOpen {
    BatchOpen open;
    ReceiptKey receipt_key;
};

/// `unsupported` for another version of the record, `forged` for fields that no device of ours writes,
/// `weak_key` and `not_canonical` for keys.
Result<DecodedOpen> decode_open(ByteView bytes);

/// What the signature covers; the signature follows it in the record.
Bytes encode_close(const BatchClose& close);

struct DecodedClose {
    BatchClose close;
    ByteView body;  ///< the part of the bytes that was signed
    std::array<std::uint8_t, 64> signature;
};
Result<DecodedClose> decode_close(ByteView bytes);

/// The values of both that must agree, and what holds for any OPEN that we begin or accept.
bool consistent(const BatchOpen& open);
bool agree(const BatchOpen& open, const BatchClose& close);

}  // namespace fieldfare::crypto::batch
