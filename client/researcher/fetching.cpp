#include "client/researcher/fetching.h"

#include <algorithm>

#include "client/researcher/inbox.h"
#include "client/researcher/store_sentences.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

using Kind = FetchOutcome::Kind;

constexpr std::size_t most_told = 200;
constexpr std::size_t most_at_a_time = 256;  // each with a descriptor; those before may still have theirs

}  // namespace

void Troubles::add(std::string sentence) {
    if (told_ < most_told) {
        ++told_;
        kept_.push_back(std::move(sentence));
    } else {
        ++left_out_;
    }
}

void Troubles::add_of_store(std::string sentence) {
    if (std::ranges::find(kept_, sentence) == kept_.end()) kept_.push_back(std::move(sentence));
}

void Troubles::next_store() {
    kept_ = sentences();
    told_ = left_out_ = 0;
}

std::vector<std::string> Troubles::sentences() const {
    auto all = kept_;
    if (left_out_ > 0)
        all.push_back("There is more of the kind, " + std::to_string(left_out_) +
                      " times; see to what is told above first.");
    return all;
}

Result<Fetching> Fetching::into(fs::path inbox, std::string study_tag, std::stop_token stop) {
    const auto names = sealed_files(inbox);
    if (!names) return tl::unexpected(names.error());
    Fetching fetching(std::move(inbox), std::move(study_tag), std::move(stop));
    for (const std::string& name : *names)
        if (std::string hash = promised_hash(name); !hash.empty()) fetching.have_.insert(std::move(hash));
    return fetching;
}

/// By its hash under any name, or by its name: a link to another disk stands for what it leads to.
bool Fetching::has(const ListedBatch& listed) const {
    std::error_code error;
    return have_.contains(listed.hash) || fs::exists(fs::symlink_status(inbox_ / listed.file_name(), error));
}

Result<Looked> Fetching::from(std::vector<sync::Transport*> connections, const std::string& after,
                              const Console& console, ListingBounds bounds, const std::string& newest) {
    sync::Transport& first = *connections.front();  // lists while no thread uses it
    fetched_.troubles.next_store();
    FetchCrew crew(std::move(connections), inbox_, stop_);
    Progress progress(console, "Fetching from " + first.address());
    std::size_t listed = 0;
    Looked looked{.all_here = true};
    const auto go_through = [&](StoreListing& listing) -> Result<void> {
        while (auto page = listing.next()) {
            const std::size_t before = listed;
            listed += page->size();
            const auto here = take(crew, std::move(*page), first.address(), [&](std::size_t done) {
                progress.at(before + done, listed, crew.bytes());
            });
            if (!here) return tl::unexpected(here.error());
            looked.all_here = looked.all_here && *here;
            if (stop_.stop_requested() || crew.left_for()) break;
        }
        if (!listing.trouble().empty()) fetched_.troubles.add_of_store(listing.trouble());
        return {};
    };
    StoreListing all(first, study_tag_, after, stop_, bounds);
    if (auto done = go_through(all); !done) return tl::unexpected(done.error());
    const bool lost = !all.complete() && !crew.left_for() && !stop_.stop_requested();
    StoreListing newer(first, study_tag_, std::max(newest, all.listed_to()), stop_, bounds);
    if (lost && all.listed_to() < newest)
        if (auto done = go_through(newer); !done) return tl::unexpected(done.error());
    if (auto named = crew.settle(); !named) return tl::unexpected(named.error());
    fetched_.stopped = stop_.stop_requested();
    if (crew.left_for()) fetched_.troubles.add_of_store(sentence_for(*crew.left_for()));
    looked.to_the_end = all.complete() && !crew.left_for() && !fetched_.stopped;
    looked.begun = listed > 0 || all.complete();
    looked.all_here = looked.all_here && looked.to_the_end;
    return looked;
}

/// Puts a page of the listing into the inbox. True when all of it is there.
Result<bool> Fetching::take(FetchCrew& crew, std::vector<ListedBatch> page, const std::string& store,
                            const std::function<void(std::size_t)>& done) {
    bool all_here = true;
    std::size_t settled = 0;
    while (!page.empty() && !stop_.stop_requested() && !crew.left_for()) {
        // Two names of one content ("-1": sent again, where a store had cut the first) come one after the
        // other: the second only when the first was damaged.
        std::vector<ListedBatch> wanted, later;
        std::unordered_set<sync::FileHash> asked;
        for (ListedBatch& listed : page) {
            if (wanted.size() == most_at_a_time) {
                later.push_back(std::move(listed));
            } else if (has(listed)) {
                crew.store_has(listed.name);
                ++fetched_.had;
                ++settled;
            } else if (asked.insert(listed.hash).second) {
                wanted.push_back(std::move(listed));
            } else {
                later.push_back(std::move(listed));
            }
        }
        const auto outcomes = crew.get(wanted, [&](std::size_t n) { done(settled + n); });
        if (!outcomes) return tl::unexpected(outcomes.error());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const FetchOutcome& outcome = (*outcomes)[i];
            if (outcome.kind == Kind::got) {
                ++fetched_.got;
                have_.insert(wanted[i].hash);
                continue;
            }
            if (outcome.kind == Kind::there) {
                ++fetched_.had;
                have_.insert(wanted[i].hash);
                continue;
            }
            all_here = false;
            // Told once, of the store.
            const bool of_the_store = outcome.kind == Kind::failed && crew.left_for() &&
                                      crew.left_for()->fault == outcome.why.fault;
            if (!of_the_store) tell(wanted[i], outcome, store);
        }
        settled += wanted.size();
        page = std::move(later);
    }
    return all_here && page.empty();
}

void Fetching::tell(const ListedBatch& listed, const FetchOutcome& outcome, const std::string& store) {
    switch (outcome.kind) {
        case Kind::not_tried:
        case Kind::got:
        case Kind::there:
            return;
        case Kind::failed:
            if (outcome.why.fault == sync::Fault::too_large)
                return fetched_.troubles.add(listed.file_name() + " did not come. The store " + store +
                                             " has it, and it is larger than any sealed file can be; no "
                                             "device of ours made it.");
            return fetched_.troubles.add(listed.file_name() + " did not come. " + sentence_for(outcome.why));
        case Kind::damaged:
            ++fetched_.damaged;
            return fetched_.troubles.add(
                "The store " + store + " gave " + listed.file_name() +
                " with other content than its name promises (damaged, or altered there); it was not kept. "
                "Do not delete it: move it out of the study's folder in the store, so that a device that "
                "still has "
                "it hands it over again: with its next sync where devices may list the store, and elsewhere "
                "some "
                "time after you have confirmed files that it handed over more than a week after this one. If "
                "it "
                "does not come, put the file that you moved into the inbox, and open with --salvage.");
    }
}

}  // namespace fieldfare::researcher
