#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/batch_reader.h"

namespace fieldfare::researcher {

/// What of a verified batch is kept once its records are written: about 300 bytes.
struct BatchFacts {
    crypto::Id device{};
    std::uint64_t sequence = 0;
    crypto::BatchId id{}, previous{};
    std::vector<crypto::BatchId> earlier_ids;  ///< of its shorter, provisional versions (provisional_ids)
    std::uint64_t first_record = 0;            ///< in the device's count of records
    std::uint64_t records = 0;
    bool last = false, provisional = false;
    bool refused = false;             ///< authentic, so it is not missing, but not exported
    bool salvaged = false;            ///< its file is damaged
    std::uint64_t no_interviews = 0;  ///< of the records: lost in that damage, or withdrawals
};

BatchFacts facts_of(const crypto::OpenedBatch& batch);

/// Batches that must exist and are not here. Ranges are closed: both ends are missing.
struct Gap {
    std::uint64_t first_batch = 0, last_batch = 0;
    std::optional<std::uint64_t> records;  ///< missing records, where the neighbours tell: interviews, and
                                           ///< withdrawals of some
    bool other_branch = false;  ///< a batch of that number is here, but not the one that the next continues

    bool operator==(const Gap&) const = default;
};

/// What is known of one device's sequence. What the store withholds at its end can't be seen here: only the
/// next batch, or the head that the device shows, tells of it.
struct DeviceReport {
    crypto::Id device{};
    std::uint64_t batches = 0, records = 0;  ///< exported
    std::uint64_t refused = 0;               ///< batches that are here and were not exported
    std::uint64_t salvaged = 0;              ///< of the batches exported: from damaged files
    std::uint64_t copies = 0;  ///< files that say again what another one here says; the caller counts them
    std::uint64_t newest_batch = 0;           ///< highest sequence that is here
    std::vector<crypto::BatchId> newest_ids;  ///< of the batches with that number: several after a parting
    std::vector<Gap> gaps;                    ///< by first_batch
    std::vector<std::uint64_t> branches;  ///< first sequence of each parting: a vault was restored or cloned;
                                          ///< both sides are kept, and nobody is accused
    bool finished = false;                ///< the newest batch says that the device will send no more
    bool provisional = false;  ///< the newest batch was not closed for good: there may be a longer one

    bool operator==(const DeviceReport&) const = default;
};

/// One report a device, by device id. The same batch twice counts once. Order of the facts does not matter.
std::vector<DeviceReport> report_gaps(std::vector<BatchFacts> facts);

/// "batches 3 to 5 are missing (12 interviews or withdrawals)": for people, without the device.
std::string sentence_for(const Gap& gap);

}  // namespace fieldfare::researcher
