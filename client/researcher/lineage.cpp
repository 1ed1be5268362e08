#include "client/researcher/lineage.h"

#include <algorithm>

#include "client/researcher/batch_wraps.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

std::map<crypto::Id, std::vector<LinkedBatch>> linked_batches(const std::filesystem::path& inbox,
                                                              const std::vector<std::string>& names,
                                                              const std::set<crypto::Id>& devices,
                                                              std::span<const crypto::Identity> identities,
                                                              const Shares& shares,
                                                              const crypto::StudyMaterial& material) {
    std::map<crypto::Id, std::vector<LinkedBatch>> found;
    if (devices.empty()) return found;
    for (const std::string& name : names) {
        const auto bytes = read_file(inbox / name, crypto::max_batch_file);
        if (!bytes) continue;
        const crypto::ByteView file = crypto::bytes_of(*bytes);
        const auto given = shares.of_file(file);
        auto batch = inspect_here(inbox / name, file, identities, material, given);
        // What the device signed of a damaged batch links as well.
        if (!batch && batch.error() == crypto::Error::damaged)
            batch = inspect_damaged_here(inbox / name, file, identities, material, given)
                        .map([](crypto::SalvagedBatch&& rest) { return std::move(rest.batch); });
        if (!batch || !devices.contains(batch->close.device)) continue;
        found[batch->close.device].push_back({batch->id, batch->close.previous_batch,
                                              crypto::provisional_ids(*batch), batch->close.batch_sequence,
                                              batch->close.count});
    }
    return found;
}

bool Lineage::has(const crypto::BatchId& id, std::span<const crypto::BatchId> versions) const {
    if (ids.empty()) return false;
    if (id == ids.front() || shorter.contains(id)) return true;
    return std::ranges::any_of(std::span(ids).subspan(1), [&](const crypto::BatchId& ancestor) {
        return ancestor == id || std::ranges::find(versions, ancestor) != versions.end();
    });
}

Lineage lineage_of(const crypto::BatchId& id, std::span<const LinkedBatch> batches) {
    std::map<crypto::BatchId, const LinkedBatch*> by_id;
    for (const LinkedBatch& batch : batches)
        for (const crypto::BatchId& version : batch.versions) by_id.emplace(version, &batch);
    for (const LinkedBatch& batch : batches) by_id[batch.id] = &batch;

    Lineage lineage;
    const auto itself = std::ranges::find(batches, id, &LinkedBatch::id);
    if (itself == batches.end()) return lineage;
    const LinkedBatch* at = &*itself;
    for (crypto::BatchId next = id;; at = by_id.at(next)) {
        lineage.ids.push_back(next);
        lineage.shorter.insert(at->versions.begin(), at->versions.end());
        ++lineage.batches;
        lineage.records += at->records;
        next = at->previous;
        if (at->sequence == 0) return lineage;
        if (!by_id.contains(next) || lineage.batches > batches.size()) break;
    }
    lineage.missing = at->sequence - 1;
    return lineage;
}

}  // namespace fieldfare::researcher
