#include "client/researcher/salvaged_batch.h"

#include <algorithm>
#include <utility>

namespace fieldfare::researcher {
namespace {

/// Whether it has given any. The signature of the longer version covers what the shorter one has.
bool give_records(crypto::SalvagedBatch& from, crypto::SalvagedBatch& to) {
    const std::uint64_t end = from.batch.close.first_record_sequence + from.batch.close.count;
    const std::size_t lost_before = to.lost.size();
    std::erase_if(to.lost, [&](const crypto::LostRecord& lost) {
        if (lost.sequence >= end) return false;
        const auto found =
            std::ranges::find(from.batch.records, lost.sequence, &crypto::BatchRecord::sequence);
        if (found == from.batch.records.end()) return false;
        to.batch.records.push_back(std::move(*found));
        from.batch.records.erase(found);
        return true;
    });
    std::ranges::sort(to.batch.records, {}, &crypto::BatchRecord::sequence);
    return to.lost.size() < lost_before;
}

}  // namespace

DamagedFile::DamagedFile(std::string its_name, Reason its_reason, crypto::SalvagedBatch its_rest)
    : name(std::move(its_name)), reason(std::move(its_reason)), rest(std::move(its_rest)) {
    for (const crypto::BatchRecord& record : rest.batch.records) holders[record.sequence] = {name};
}

bool only_redacted(const crypto::SalvagedBatch& batch) {
    return !batch.lost.empty() && std::ranges::all_of(batch.lost, [](const crypto::LostRecord& lost) {
        return lost.why == crypto::Loss::redacted;
    });
}

Merged merge(DamagedFile& into, DamagedFile& other) {
    switch (crypto::compare(other.rest.batch, into.rest.batch)) {
        case crypto::Succession::newer:
            std::swap(into, other);
            break;
        case crypto::Succession::same:
        case crypto::Succession::older:
            break;
        case crypto::Succession::branched:
        case crypto::Succession::unrelated:
            return Merged::apart;
    }
    for (auto& [sequence, files] : other.holders) {
        auto& all = into.holders[sequence];
        all.insert(all.end(), files.begin(), files.end());
    }
    if (!give_records(other.rest, into.rest)) return Merged::useless;
    into.others.push_back({other.name, other.reason});
    into.others.insert(into.others.end(), other.others.begin(), other.others.end());
    return Merged::useful;
}

Reason nothing_salvaged(const Reason& damage, const Reason& objection) {
    return {damage.word, damage.sentence + " Nothing was salvaged from it either. " + objection.sentence};
}

std::string number_list(const std::vector<std::uint64_t>& numbers) {
    std::vector<std::string> ranges;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t end = i + 1;
        while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
        ranges.push_back(std::to_string(numbers[i]));
        if (end - i == 2) ranges.push_back(std::to_string(numbers[i + 1]));
        if (end - i > 2) ranges.back() += " to " + std::to_string(numbers[end - 1]);
        i = end;
    }
    std::string text;
    for (std::size_t i = 0; i < ranges.size(); ++i)
        text += (i == 0 ? "" : i + 1 == ranges.size() ? " and " : ", ") + ranges[i];
    return text;
}

}  // namespace fieldfare::researcher
