#include "client/researcher/gap_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

namespace fieldfare::researcher {
namespace {

using crypto::BatchId;

/// The facts of one device, sorted by sequence and without repetition.
DeviceReport report_device(std::span<const BatchFacts> facts) {
    DeviceReport report;
    report.device = facts.front().device;
    report.newest_batch = facts.back().sequence;

    std::map<BatchId, const BatchFacts*> by_id;
    for (const BatchFacts& batch : facts) {
        by_id.emplace(batch.id, &batch);
        for (const BatchId& earlier : batch.earlier_ids) by_id.emplace(earlier, &batch);
        ++(batch.refused ? report.refused : report.batches);
        report.records += batch.refused ? 0 : batch.records - batch.no_interviews;
        report.salvaged += batch.salvaged && !batch.refused;
    }

    std::map<const BatchFacts*, int> continued;  // by how many batches; nullptr: a device's first batches
    std::set<std::uint64_t> partings;
    std::uint64_t parallel = 0;  // batches whose number another one has
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const BatchFacts& batch = facts[i];
        if (i > 0 && facts[i - 1].sequence == batch.sequence && parallel++ == 0 && partings.empty())
            partings.insert(batch.sequence);
        const auto before = by_id.find(batch.previous);
        const bool continues = before != by_id.end() && before->second->sequence + 1 == batch.sequence;
        if (continues || batch.sequence == 0) {
            if (++continued[continues ? before->second : nullptr] == 2) partings.insert(batch.sequence);
            continue;
        }
        Gap gap;
        gap.last_batch = batch.sequence - 1;
        const BatchFacts* neighbour = nullptr;  // the last one before, of whichever branch
        for (std::size_t j = i; j-- > 0;) {
            if (facts[j].sequence < batch.sequence) {
                neighbour = &facts[j];
                break;
            }
        }
        if (neighbour && neighbour->sequence + 1 == batch.sequence) {
            gap.first_batch = gap.last_batch;
            gap.other_branch = true;
        } else {
            gap.first_batch = neighbour ? neighbour->sequence + 1 : 0;
            const std::uint64_t counted = neighbour ? neighbour->first_record + neighbour->records : 0;
            if (batch.first_record >= counted) gap.records = batch.first_record - counted;
        }
        if (std::ranges::find(report.gaps, gap) == report.gaps.end()) report.gaps.push_back(gap);
    }
    std::ranges::sort(report.gaps, {}, &Gap::first_batch);
    report.branches.assign(partings.begin(), partings.end());
    for (const BatchFacts& batch : facts) {
        if (batch.sequence != report.newest_batch) continue;
        report.newest_ids.push_back(batch.id);
        report.finished = report.finished || batch.last;
        report.provisional = report.provisional || batch.provisional;
    }
    return report;
}

}  // namespace

BatchFacts facts_of(const crypto::OpenedBatch& batch) {
    BatchFacts facts;
    facts.device = batch.close.device;
    facts.sequence = batch.close.batch_sequence;
    facts.id = batch.id;
    facts.previous = batch.close.previous_batch;
    facts.earlier_ids = crypto::provisional_ids(batch);
    facts.first_record = batch.close.first_record_sequence;
    facts.records = batch.close.count;
    facts.last = batch.close.last;
    facts.provisional = batch.close.provisional;
    return facts;
}

std::vector<DeviceReport> report_gaps(std::vector<BatchFacts> facts) {
    const auto key = [](const BatchFacts& batch) { return std::tie(batch.device, batch.sequence, batch.id); };
    std::ranges::sort(facts, {}, key);
    const auto repeated = std::ranges::unique(facts, {}, key);
    facts.erase(repeated.begin(), repeated.end());

    std::vector<DeviceReport> reports;
    for (std::size_t begin = 0; begin < facts.size();) {
        std::size_t end = begin;
        while (end < facts.size() && facts[end].device == facts[begin].device) ++end;
        reports.push_back(report_device(std::span(facts).subspan(begin, end - begin)));
        begin = end;
    }
    return reports;
}

std::string sentence_for(const Gap& gap) {
    const bool one = gap.first_batch == gap.last_batch;
    std::string sentence = one ? "batch " + std::to_string(gap.first_batch) + " is missing"
                               : "batches " + std::to_string(gap.first_batch) + " to " +
                                     std::to_string(gap.last_batch) + " are missing";
    if (gap.records)
        sentence += *gap.records == 1 ? " (1 interview or withdrawal)"
                                      : " (" + std::to_string(*gap.records) + " interviews or withdrawals)";
    if (gap.other_branch)
        sentence += " (another batch of that number is here: the device was restored or cloned)";
    return sentence;
}

}  // namespace fieldfare::researcher
