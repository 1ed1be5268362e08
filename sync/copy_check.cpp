#include "sync/copy_check.h"

#include <algorithm>

#include "sync/deadline.h"

namespace fieldfare::sync {

Copy CopyCheck::look(const HandOver& had, const SealedFile& file, const StudySync& study,
                     const ReceiptBook& book) {
    if (stopped()) return Copy::there;
    const auto& stores = study.stores;
    const auto store = std::ranges::find(stores, had.store, &Store::address);
    const Names* names = store == stores.end() ? nullptr : listed(*store, study.study_tag);
    if (names != nullptr) {
        const auto there = names->find(had.name);
        if (there == names->end()) return Copy::missing;
        if (there->second && *there->second != file.size) return Copy::cut;
    }
    return is_doubtful(had, file, book) ? Copy::doubtful : Copy::there;
}

// Null where the store can't or won't tell (a device may be let in to put only).
const CopyCheck::Names* CopyCheck::listed(const Store& store, const std::string& study_tag) {
    const auto [place, fresh] = listed_.try_emplace({store.address, study_tag});
    if (!fresh) return place->second ? &*place->second : nullptr;
    Transport* transport = stores_.transport_of(store);
    if (transport == nullptr) return nullptr;
    Names names;
    const Deadline deadline(options_.longest_reading, options_.stop);
    for (std::string after;;) {
        if (stopped()) return nullptr;
        auto listing = transport->list(study_tag + "/", after, 1000, deadline.token());
        if (!listing) {
            // A long list on a slow line is no reason to keep files and receipts back for ever.
            if (deadline.is_over())
                stores_.tell(store, {Fault::unreachable, store.address, "its list of files takes too long",
                                     std::nullopt});
            else if (listing.error().fault == Fault::unreachable)
                stores_.give_up(store, listing.error());
            return nullptr;
        }
        stores_.has_answered(store);
        for (const ListedFile& file : listing->files)
            names[file.name] = file.has_size ? std::optional(file.size) : std::nullopt;
        if (!listing->more || listing->files.empty() || listing->files.back().name <= after) break;
        after = listing->files.back().name;
    }
    place->second = std::move(names);
    return &*place->second;
}

// Somebody has accepted what was handed over more than a week later, and of this nobody says anything. A
// week, since a bucket is looked through as a whole once a week. Whoever looks into some stores only, or
// has to refuse a file without a word, makes us wrong: then it goes there once more for nothing. So we
// wait twice as long after each time, and longer where a signer has it who is not enough.
bool CopyCheck::is_doubtful(const HandOver& had, const SealedFile& file, const ReceiptBook& book) const {
    const auto confirmed_of = book.confirmed_of(options_.today);
    if (!confirmed_of) return false;
    std::uint64_t times = book.knows(file.hash) ? 2 : 0;
    for (const HandOver& each : file.handed_over)
        if (each.store == had.store) times += each.times;
    const std::chrono::days patience(8 << (std::clamp<std::uint64_t>(times, 1, 5) - 1));
    // What a clock said that was ahead is worth nothing.
    auto since = had.day.value_or(file.day);
    if (since > options_.today) since = {};
    return *confirmed_of >= since + patience;
}

}  // namespace fieldfare::sync
