#include "sync/copy_check.h"

#include <algorithm>

#include "sync/deadline.h"

namespace fieldfare::sync {

namespace {

constexpr std::size_t most_listed = 1'000'000;  // of one store; anybody may have filled it
constexpr std::ptrdiff_t most_cut = 2;          // names of one file in one store

}  // namespace

void CopyCheck::expect(const SealedFile& file) {
    for (const HandOver& one : file.handed_over) expected_.insert(one.name);
}

Copy CopyCheck::look(HandOver& had, const SealedFile& file, const StudySync& study, const ReceiptBook& book) {
    const auto& stores = study.stores;
    const auto store = std::ranges::find(stores, had.store, &Store::address);
    if (store == stores.end()) return Copy::elsewhere;
    if (!stopped()) {
        const Listed& list = listed(*store, study.study_tag);
        if (list.tells_of(had.name)) {
            had.unlisted = !list.names.contains(had.name);
            if (had.unlisted) return Copy::missing;
            // Where even a second name is listed in another size, it is the store that counts otherwise.
            const auto cut = std::ranges::count_if(file.handed_over, [&](const HandOver& one) {
                return one.store == had.store && list.cuts(one.name, file.size);
            });
            had.unlisted = cut < most_cut && list.cuts(had.name, file.size);
            if (had.unlisted) return Copy::cut;
        }
    }
    if (had.unlisted) return Copy::missing;
    return !stopped() && is_doubtful(had, file, book) ? Copy::doubtful : Copy::there;
}

// A file of ours that can't be read now has no size.
bool CopyCheck::Listed::cuts(const std::string& name, std::uint64_t size) const {
    const auto there = names.find(name);
    return size != 0 && there != names.end() && there->second && *there->second != size;
}

const CopyCheck::Listed& CopyCheck::listed(const Store& store, const std::string& study_tag) {
    const auto [place, fresh] = listed_.try_emplace({store.address, study_tag}, Listed{{}, ""});
    if (!fresh) return place->second;
    Transport* transport = stores_.transport_of(store);
    if (transport != nullptr) place->second = read_list(*transport, store, study_tag);
    return place->second;
}

// A store that can't or won't tell (a device may be let in to put only) has broken off at once.
CopyCheck::Listed CopyCheck::read_list(Transport& transport, const Store& store,
                                       const std::string& study_tag) {
    Listed list{{}, ""};
    const Deadline deadline(options_.longest_reading, options_.stop);
    for (std::size_t files = 0; files < most_listed && !stopped();) {
        auto page = transport.list(study_tag + "/", *list.end, 1000, deadline.token());
        if (!page) {
            // A long list on a slow line is no reason to keep files and receipts back for ever.
            if (deadline.is_over())
                stores_.tell(store, {Fault::unreachable, store.address, "its list of files takes too long",
                                     std::nullopt});
            else if (page.error().fault == Fault::unreachable)
                stores_.give_up(store, page.error());
            return list;
        }
        stores_.has_answered(store);
        for (const ListedFile& file : page->files)
            if (expected_.contains(file.name))
                list.names[file.name] = file.has_size ? std::optional(file.size) : std::nullopt;
        if (!page->more) return {std::move(list.names), std::nullopt};
        // More, it says, and goes no further: what it has beyond nobody knows.
        if (page->files.empty() || page->files.back().name <= *list.end) return list;
        list.end = page->files.back().name;
        files += page->files.size();
    }
    return list;
}

// Somebody has accepted what was handed over more than a week later, and of this nobody says anything. A
// week, since a bucket is looked through as a whole once a week. Whoever looks into some stores only, or
// has to refuse a file without a word, makes us wrong: then it goes there once more for nothing. So we
// wait twice as long after each time, and longer where a signer has it who is not enough.
bool CopyCheck::is_doubtful(const HandOver& had, const SealedFile& file, const ReceiptBook& book) const {
    // Of a file of an earlier profile nobody can say anything that is read here.
    if (file.earlier) return false;
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
