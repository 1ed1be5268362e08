#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sync/object_name.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

/// A batch of the study as a store lists it.
struct ListedBatch {
    std::string name;     ///< "<study tag>/<file name>"
    sync::FileHash hash;  ///< that its name promises

    std::string file_name() const { return name.substr(name.find('/') + 1); }
};

/// How much a store may list before it is no longer believed.
struct ListingBounds {
    std::size_t page = 1000;
    std::size_t files = 1'000'000;
    std::size_t strangers = 100'000;  ///< names that are no batches of the study
};

/// The batches of a study in one store, a page at a time, so that memory does not grow with the store. What
/// "store doctor" puts is passed over. One thread at a time, which is the store's as well.
class StoreListing {
  public:
    /// From the names on that follow `after` ("<study tag>/…"; empty: all).
    StoreListing(sync::Transport& store, std::string study_tag, std::string after, std::stop_token stop,
                 ListingBounds bounds = {});

    /// The next batches, by name; never an empty page. Nothing at the end, or where the listing broke off:
    /// what was listed before that has been given.
    std::optional<std::vector<ListedBatch>> next();

    /// After the end: that it was one, and not a fault of the store or a stop.
    bool complete() const { return ended_ && trouble_.empty() && !stopped_; }
    bool stopped() const { return stopped_; }
    /// The last name that was listed, or where it was to begin.
    const std::string& listed_to() const { return after_; }
    /// Why it broke off: a sentence; empty when it did not.
    const std::string& trouble() const { return trouble_; }

  private:
    std::vector<ListedBatch> read_page();
    void break_off(const std::string& why);

    sync::Transport& store_;
    std::string study_tag_, after_;
    std::stop_token stop_;
    ListingBounds bounds_;
    std::size_t files_ = 0, strangers_ = 0;
    bool ended_ = false, stopped_ = false;
    std::string trouble_;
};

}  // namespace fieldfare::researcher
