#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "client/researcher/share_files.h"
#include "crypto/batch_reader.h"
#include "crypto/identity.h"

namespace fieldfare::researcher {

/// A verified batch, as far as it matters for what came before it.
struct LinkedBatch {
    crypto::BatchId id{}, previous{};
    std::vector<crypto::BatchId> versions;  ///< crypto::provisional_ids
    std::uint64_t sequence = 0;
    std::uint32_t records = 0;
};

/// The batches of these devices among the named files of an inbox. What can't be opened is passed
/// over; of a damaged batch what the device signed counts.
std::map<crypto::Id, std::vector<LinkedBatch>> linked_batches(const std::filesystem::path& inbox,
                                                              const std::vector<std::string>& names,
                                                              const std::set<crypto::Id>& devices,
                                                              std::span<const crypto::Identity> identities,
                                                              const Shares& shares,
                                                              const crypto::StudyMaterial& material);

/// A batch and its ancestors, as far as they are here. By ids, which nobody can forge: whoever has a seized
/// device can count backwards, but can't become an ancestor of a batch that is there already.
struct Lineage {
    std::vector<crypto::BatchId> ids;        ///< of the batch itself, then the one before it, and so on
    std::uint64_t batches = 0, records = 0;  ///< as CLOSE counts them: interviews and withdrawals
    /// The number of the first ancestor that is missing; nothing when all are here, or not even the batch.
    std::optional<std::uint64_t> missing;

    bool empty() const { return ids.empty(); }

    std::set<crypto::BatchId> shorter;  ///< ids of shorter versions of those batches

    /// The batch itself counts in just the version that was named, and in shorter ones that are its
    /// beginning: a longer one is no ancestor. Of its ancestors any version may have been named by the batch
    /// after them, where the power failed between two writes. `versions`: crypto::provisional_ids.
    bool has(const crypto::BatchId& id, std::span<const crypto::BatchId> versions) const;
};

Lineage lineage_of(const crypto::BatchId& id, std::span<const LinkedBatch> batches);

}  // namespace fieldfare::researcher
