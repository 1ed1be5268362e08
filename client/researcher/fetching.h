#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "client/researcher/console.h"
#include "client/researcher/exit_code.h"
#include "client/researcher/fetch_crew.h"
#include "client/researcher/store_listing.h"
#include "sync/transport.h"

namespace fieldfare::researcher {

/// Sentences for people. Of those about files only the first of each store are kept, since a store can have a
/// million; each about a store itself is.
class Troubles {
  public:
    void add(std::string sentence);
    void add_of_store(std::string sentence);
    void next_store();
    bool empty() const { return kept_.empty(); }
    /// In the order in which they came; of a store whose files have more, how many are left out.
    std::vector<std::string> sentences() const;

  private:
    std::vector<std::string> kept_;
    std::size_t told_ = 0, left_out_ = 0;  ///< of the files of this store
};

/// What a fetch has brought so far, from all stores.
struct Fetched {
    std::size_t got = 0;      ///< new in the inbox, whole and durable
    std::size_t had = 0;      ///< listed, and in the inbox by then: before, or from another store or fetch
    std::size_t damaged = 0;  ///< with other content than their names promise; not kept
    bool stopped = false;     ///< a person ended it
    Troubles troubles;        ///< by store, then in the order of the listing
};

/// What one store's list came to.
struct Looked {
    bool all_here = false;    ///< all that it lists is in the inbox
    bool to_the_end = false;  ///< its list was gone through, and each file of it asked for
    bool begun = false;       ///< it listed something, or that it has nothing
};

/// Copies what the inbox lacks from one store after the other, each file checked against its name. What the
/// inbox has is what is not fetched, and nothing else is kept of it: a file that got lost comes again where
/// it is listed, one that was redacted keeps its name and does not. Another fetch into the same inbox at the
/// same time harms neither.
///
/// One store after the other, since what the first has given the next need not give again. Of one store
/// `connections` are used at once, each by a thread, for some hundreds of files of a page of the listing.
/// Memory does not grow with the files' size; it does by 64 characters a file of the inbox, and by the list
/// that a folder, a web server or SFTP gives as a whole. Those hundreds then get their names together,
/// while the next are on their way: a program that is killed has to get both once more.
///
/// A file that does not come stops no other. Where the line breaks or the store is busy, that connection is
/// given up as long as there are others, and the file tried once more: a store may let in fewer than were
/// asked for. A store is left when faults come again and again (fetch_crew.cpp has how often) and it has no
/// answer to a question about itself either.
class Fetching {
  public:
    /// Reads the names of the inbox. Fails when it can't be read.
    static Result<Fetching> into(std::filesystem::path inbox, std::string study_tag, std::stop_token stop);

    /// From the names on that follow `after` (empty: all). Where that list breaks off before `newest` (empty:
    /// never), what follows it is listed as well, so that old or made-up names don't hide new files. What did
    /// not come is told in so_far(). Fails where the inbox can't be written to. `connections`: of one store,
    /// 1 or more; nobody else uses them meanwhile.
    Result<Looked> from(std::vector<sync::Transport*> connections, const std::string& after,
                        const Console& console, ListingBounds bounds = {}, const std::string& newest = {});

    const Fetched& so_far() const { return fetched_; }
    /// How many sealed files the inbox has, of different content.
    std::size_t files() const { return have_.size(); }

  private:
    Fetching(std::filesystem::path inbox, std::string study_tag, std::stop_token stop)
        : inbox_(std::move(inbox)), study_tag_(std::move(study_tag)), stop_(std::move(stop)) {}

    bool has(const ListedBatch& listed) const;
    Result<bool> take(FetchCrew& crew, std::vector<ListedBatch> page, const std::string& store,
                      const std::function<void(std::size_t)>& done);
    void tell(const ListedBatch& listed, const FetchOutcome& outcome, const std::string& store);

    std::filesystem::path inbox_;
    std::string study_tag_;
    std::stop_token stop_;
    std::unordered_set<sync::FileHash> have_;
    Fetched fetched_;
};

}  // namespace fieldfare::researcher
