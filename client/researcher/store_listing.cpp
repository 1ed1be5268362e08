#include "client/researcher/store_listing.h"

#include "client/researcher/store_sentences.h"
#include "sync/probe_name.h"

namespace fieldfare::researcher {

StoreListing::StoreListing(sync::Transport& store, std::string study_tag, std::string after,
                           std::stop_token stop, ListingBounds bounds)
    : store_(store),
      study_tag_(std::move(study_tag)),
      after_(std::move(after)),
      stop_(std::move(stop)),
      bounds_(bounds) {}

std::optional<std::vector<ListedBatch>> StoreListing::next() {
    while (!ended_) {
        auto page = read_page();
        if (!page.empty()) return page;
    }
    return std::nullopt;
}

void StoreListing::break_off(const std::string& why) {
    ended_ = true;
    trouble_ =
        "The store " + store_.address() + " " + why +
        "; what it listed before was fetched, and the rest was not looked at. Have whoever runs it look "
        "into the study's folder.";
}

std::vector<ListedBatch> StoreListing::read_page() {
    auto listing = store_.list(study_tag_ + "/", after_, bounds_.page, stop_);
    if (!listing) {
        ended_ = true;
        stopped_ = stop_.stop_requested();
        if (!stopped_) trouble_ = sentence_for(listing.error());
        return {};
    }
    ended_ = !listing->more;
    if (listing->more && listing->files.empty())
        break_off("says that it has more files and does not name them");
    std::vector<ListedBatch> page;
    for (sync::ListedFile& listed : listing->files) {
        if (listed.name <= after_) {
            break_off("lists its files in circles");
            break;
        }
        after_ = listed.name;
        const auto name = sync::parse_batch_name(listed.name);
        if (!name || name->study_tag != study_tag_ || sync::is_probe_name(listed.name)) {
            if (++strangers_ <= bounds_.strangers) continue;
            break_off("lists more than " + std::to_string(bounds_.strangers) +
                      " names that are no batches of the study");
            break;
        }
        if (++files_ > bounds_.files) {
            break_off("lists more than " + std::to_string(bounds_.files) + " batches");
            break;
        }
        page.push_back({std::move(listed.name), name->hash});
    }
    return page;
}

}  // namespace fieldfare::researcher
