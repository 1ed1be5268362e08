#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/batch_reader.h"

namespace fieldfare::crypto {

/// Why a record of a damaged batch is not handed out.
enum class Loss {
    rotten,    ///< its cells are not those that the device signed: damaged, altered or moved
    faulty,    ///< they are, and break a rule of the format: the device's program is at fault
    redacted,  ///< somebody who could open the batch cut it out: `redact_records`
};

struct LostRecord {
    std::uint32_t index = 0;     ///< in the batch, from 1: OPEN is 0
    std::uint64_t sequence = 0;  ///< over all records of the device in this study
    Loss why = Loss::rotten;

    bool operator==(const LostRecord&) const = default;
};

/// What is left of a batch: its facts, which the device signed, and those of its records that hold.
struct SalvagedBatch {
    OpenedBatch batch;             ///< `records`: the ones that hold, in their order
    std::vector<LostRecord> lost;  ///< the others, by index; empty: all are here
};

/// Reads a file that `read_batch` calls `damaged`, and any that it opens: see "Salvage" in BATCH_FORMAT.md.
/// OPEN, CLOSE and the header must be as the device left them, with its signature over the batch; each record
/// is handed out only if its cells are those that were signed and it breaks no rule. Cells that rotted cost
/// the records that they belong to and no other; padding may be missing or wrong. Never for results that are
/// not marked as salvaged: that the file was altered is certain, by whom is not.
///
/// Each cell is tried at most twice as the beginning of CLOSE. Fails as `read_batch` does, with `damaged` for
/// a file of which OPEN or CLOSE is not there; nothing is handed out then.
Result<SalvagedBatch> salvage_batch(ByteView file, std::span<const Identity> identities,
                                    const StudyMaterial& material = {},
                                    std::span<const ReleasedShare> shares = {});

/// The same with a content key that was sealed to an archive key (archive.h). `damaged` also for a key of
/// another batch, or of another version of this one.
Result<SalvagedBatch> salvage_batch(ByteView file, const ArchivedKey& key,
                                    const StudyMaterial& material = {});

/// The same without opening a record: `records` is empty, and `lost` has those whose cells are not the ones
/// that the device signed (never `faulty`). Asks for no dictionary.
Result<SalvagedBatch> inspect_damaged_batch(ByteView file, std::span<const Identity> identities,
                                            const StudyMaterial& material = {},
                                            std::span<const ReleasedShare> shares = {});
Result<SalvagedBatch> inspect_damaged_batch(ByteView file, const ArchivedKey& key);

/// The file with the cells of these records (1 … count) overwritten, so that neither they nor their keys give
/// anything any more; no other byte is changed. It is no whole batch then: `read_batch` calls it `damaged`,
/// and `salvage_batch` releases the other records, each as signed as before, and says `redacted` of these.
/// Fails as `salvage_batch` does, and with `bad_argument` for an index that the batch does not have.
Result<Bytes> redact_records(ByteView file, std::span<const std::uint32_t> indexes,
                             std::span<const Identity> identities, const StudyMaterial& material = {},
                             std::span<const ReleasedShare> shares = {});
Result<Bytes> redact_records(ByteView file, std::span<const std::uint32_t> indexes, const ArchivedKey& key);

}  // namespace fieldfare::crypto
