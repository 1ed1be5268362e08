#include "sync/pass_stores.h"

#include <algorithm>
#include <array>

#include "crypto/random.h"
#include "sync/open_store.h"

namespace fieldfare::sync {

namespace {

std::size_t system_pick(std::size_t below) {
    std::array<std::uint8_t, 8> random{};
    if (!crypto::fill_random(random)) return 0;  // the order of stores is worth no failure
    std::uint64_t number = 0;
    for (const auto byte : random) number = number << 8 | byte;
    return static_cast<std::size_t>(number % below);
}

// A store that is full or write-protected, or lets nobody put, may give receipts all the same.
bool stops_puts_only(Fault fault) {
    return fault == Fault::no_space || fault == Fault::read_only || fault == Fault::not_permitted;
}

// Whoever puts would meet it as well as whoever reads. A server may take files, and deny receipts, send
// whoever reads elsewhere, or know no folder of them: so whether it is down then, only a put says.
bool stops_reads_and_puts(const Store& store, Fault fault) {
    if (fault == Fault::no_store) return folder_of(store.address).has_value();  // the medium is not there
    return fault == Fault::unreachable || fault == Fault::busy || fault == Fault::wrong_clock ||
           fault == Fault::bad_name;
}

}  // namespace

PassStores::PassStores(const Outbox& outbox, const SyncConfig& config, const SyncOptions& options,
                       std::vector<SyncFinding>& findings)
    : config_(config), options_(options), findings_(findings), media_(KnownMedia::of(outbox)) {
    for (const StudySync& study : config_.studies)
        for (const Store& store : study.stores)
            if (options_.resting.contains({study.study_tag, store.address})) resting_.insert(&store);
}

Transport* PassStores::transport_of(const Store& store) {
    if (resting_.contains(&store)) return nullptr;
    if (broken_.contains(&store)) return nullptr;
    const auto found = transports_.find(store);
    if (found != transports_.end()) return found->second.get();
    auto opened = options_.open ? options_.open(store)
                                : open_store(store, options_.proxy, media_.mounts_of(store.address));
    if (!opened) {
        give_up(store, opened.error());
        return nullptr;
    }
    return (transports_[store] = std::move(*opened)).get();
}

Transport* PassStores::transport_for_files(const Store& store) {
    return takes_nothing_.contains(&store) ? nullptr : transport_of(store);
}

std::vector<const Store*> PassStores::in_random_order(const StudySync& study) const {
    std::vector<const Store*> stores;
    for (const Store& store : study.stores) stores.push_back(&store);
    for (std::size_t i = stores.size(); i > 1; --i) {
        const std::size_t picked = options_.pick ? options_.pick(i) : system_pick(i);
        std::swap(stores[i - 1], stores[std::min(picked, i - 1)]);
    }
    return stores;
}

void PassStores::has_answered(const Store& store) {
    media_.note(store.address);
    // What a store gives that takes no file is no sign that it is well again.
    if (!takes_nothing_.contains(&store)) answered_.insert(&store);
}

void PassStores::has_taken(const Store& store) {
    has_answered(store);
    took_.insert(&store);
}

void PassStores::put_failed(const FileHash& file, const Store& store, const TransportError& error) {
    if (error.fault == Fault::cancelled) return;
    if (stops_puts_only(error.fault)) return takes_nothing(store, error);
    if (is_about_the_store(error.fault)) return give_up(store, error);
    findings_.push_back({SyncFinding::Kind::file, file, store.address, error});
}

void PassStores::get_failed(const Store& store, const TransportError& error) {
    if (error.fault == Fault::cancelled) return;
    if (stops_reads_and_puts(store, error.fault)) return give_up(store, error);
    // Where it takes no file for the same reason, that was said of the files.
    if (const auto told = problems_.find(&store);
        told != problems_.end() && told->second.fault == error.fault)
        return;
    findings_.push_back({SyncFinding::Kind::receipt, "", store.address, error});
}

// One that thinks long over each file, and takes none, would hold up all others for hours.
bool PassStores::may_go_on(const Store& store, std::chrono::nanoseconds in_vain) {
    if ((wasted_[store] += in_vain) <= options_.longest_refusing) return true;
    takes_nothing(store, {Fault::failed, store.address, "it takes too long over files that it does not take",
                          std::nullopt});
    return false;
}

std::vector<const Store*> PassStores::meant_by(const Store& store, const TransportError& error) const {
    // Whoever shares the store has a folder of his own there, and rights of his own in it.
    if (error.fault == Fault::no_store || error.fault == Fault::not_permitted) return {&store};
    std::vector<const Store*> all;
    for (const StudySync& study : config_.studies)
        for (const Store& each : study.stores)
            if (each == store) all.push_back(&each);
    return all;
}

void PassStores::takes_nothing(const Store& store, const TransportError& error) {
    for (const Store* each : meant_by(store, error)) {
        takes_nothing_.insert(each);
        if (!took_.contains(each)) answered_.erase(each);
    }
    tell_instead(store, error);
}

void PassStores::give_up(const Store& store, const TransportError& error) {
    for (const Store* each : meant_by(store, error)) broken_.insert(each);
    tell(store, error);
}

bool PassStores::is_told(const Store& store, const TransportError& error) const {
    return std::ranges::any_of(problems_,
                               [&](const auto& one) { return *one.first == store && one.second == error; });
}

void PassStores::tell(const Store& store, const TransportError& error) {
    const bool was_told = is_told(store, error);  // of another study's folder there
    bool is_new = false;
    for (const Store* each : meant_by(store, error)) is_new = problems_.emplace(each, error).second || is_new;
    if (is_new && !was_told) findings_.push_back({SyncFinding::Kind::store, "", store.address, error});
}

// That a store is full matters more than that its list was slow: but where another study there has met no
// worse than that, it stays told.
void PassStores::tell_instead(const Store& store, const TransportError& error) {
    for (const Store* each : meant_by(store, error)) {
        const auto before = problems_.extract(each);
        if (!before || is_told(store, before.mapped())) continue;
        const auto told = std::ranges::find_if(findings_, [&](const SyncFinding& finding) {
            const auto* problem = std::get_if<TransportError>(&finding.problem);
            return finding.kind == SyncFinding::Kind::store && problem && *problem == before.mapped();
        });
        if (told != findings_.end()) findings_.erase(told);
    }
    tell(store, error);
}

std::vector<StoreNews> PassStores::news() const {
    std::vector<StoreNews> all;
    for (const StudySync& study : config_.studies) {
        for (const Store& store : study.stores) {
            StoreNews news{{study.study_tag, store.address}, answered_.contains(&store), std::nullopt};
            if (const auto problem = problems_.find(&store); problem != problems_.end())
                news.problem = problem->second;
            all.push_back(std::move(news));
        }
    }
    std::ranges::sort(all, {}, &StoreNews::store);
    return all;
}

}  // namespace fieldfare::sync
