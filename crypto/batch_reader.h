#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "crypto/archive.h"
#include "crypto/batch.h"
#include "crypto/bytes.h"
#include "crypto/custody.h"
#include "crypto/error.h"
#include "crypto/identity.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto {

/// One record, as the device sealed it.
struct BatchRecord {
    RecordType type = RecordType::data;
    std::uint64_t sequence = 0;  ///< over all records of the device in this study
    Id uuid{};
    Bytes payload;

    bool operator==(const BatchRecord&) const = default;
};

/// A batch of which everything has been verified: see `read_batch`. That it is the device's word does not
/// mean that the device is one of the study: roster, policy and sequence are the caller's to judge.
struct OpenedBatch {
    Digest header_tag{};
    BatchId id{};
    BatchOpen open;
    BatchClose close;
    ReceiptKey receipt_key;
    std::optional<std::size_t> identity;  ///< index of the identity that opened it; nothing: shares or an
                                          ///< archived key did
    std::vector<BatchRecord> records;     ///< empty from `inspect_batch`
};

/// Opens a batch with whichever of our identities it is sealed to (roots among them are passed over), or with
/// the shares that custodians have released. Every byte of the file is verified before anything is
/// decompressed or handed out; on an error nothing is. `material`: of the study packages that we have.
/// `shares`: of this batch and others, in any order; those that do not fit are passed over.
///
/// `too_large`, `wrong_format`, `unsupported`, `not_openable`, `too_few_shares`, `psk_missing`, `damaged`,
/// `forged`, `unknown_dictionary`, `bad_content`; `weak_key` and `not_canonical` for a key that the device
/// lists; `out_of_memory`, `no_randomness`. A file that is junk behind a good beginning costs one X25519 for
/// each slot and identity.
Result<OpenedBatch> read_batch(ByteView file, std::span<const Identity> identities,
                               const StudyMaterial& material = {},
                               std::span<const ReleasedShare> shares = {});

/// The same verification, without decompressing or handing out a record.
Result<OpenedBatch> inspect_batch(ByteView file, std::span<const Identity> identities,
                                  const StudyMaterial& material = {},
                                  std::span<const ReleasedShare> shares = {});

/// The same two with a content key that was sealed to an archive key (archive.h), which takes the place of
/// the slots: who may open the batch is not looked at, since whoever made the archive has. `damaged` also for
/// a key of another batch, or of another version of this one.
Result<OpenedBatch> read_batch(ByteView file, const ArchivedKey& key, const StudyMaterial& material = {});
Result<OpenedBatch> inspect_batch(ByteView file, const ArchivedKey& key);

/// How two verified files of one device are related: what supersedes what is no fork.
enum class Succession {
    unrelated,  ///< different batches
    same,       ///< the same batch in the same version (the files may differ: someone sealed CLOSE again)
    newer,      ///< the first continues the second: use the first
    older,      ///< the other way round
    branched,   ///< both begin alike and then differ: a restored or cloned vault went on twice; keep both
};
Succession compare(const OpenedBatch& first, const OpenedBatch& second);

/// The ids under which shorter, provisional versions of this batch went (with 0, 1, … records, the whole one
/// included): a next batch or a receipt may name any of them when the power failed between two writes.
std::vector<BatchId> provisional_ids(const OpenedBatch& batch);

}  // namespace fieldfare::crypto
