#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sync/pass_stores.h"
#include "sync/receipt_book.h"

namespace fieldfare::sync {

enum class Copy {
    there,      ///< as far as anybody can tell
    missing,    ///< the store does not list it
    cut,        ///< the store lists it in another size
    elsewhere,  ///< the study no longer has that store: nobody may look there any more
    doubtful,   ///< researchers, who have looked since, say nothing of it
};

/// Whether a store still has what it said to have taken. It may let no device look, list what it does not
/// have, break off its list, or be gone. Each store is asked once a pass for the list of a study. For files
/// that are not confirmed yet. What it is made with must outlive it.
class CopyCheck {
  public:
    CopyCheck(PassStores& stores, const SyncOptions& options) : stores_(stores), options_(options) {}

    /// Whatever else a store lists is not kept in memory. To be called for every file before the first look.
    void expect(const SealedFile& file);

    /// Brings `had.unlisted` to what the store lists now, where it tells.
    Copy look(HandOver& had, const SealedFile& file, const StudySync& study, const ReceiptBook& book);

  private:
    struct Listed {
        std::map<std::string, std::optional<std::uint64_t>> names;  ///< and their sizes, if told
        std::optional<std::string> end;  ///< where it was broken off: of what follows nothing is known

        bool tells_of(const std::string& name) const { return !end || name <= *end; }
        bool cuts(const std::string& name, std::uint64_t size) const;
    };

    bool stopped() const { return options_.stop.stop_requested(); }
    const Listed& listed(const Store& store, const std::string& study_tag);
    Listed read_list(Transport& transport, const Store& store, const std::string& study_tag);
    bool is_doubtful(const HandOver& had, const SealedFile& file, const ReceiptBook& book) const;

    PassStores& stores_;
    const SyncOptions& options_;
    std::set<std::string> expected_;
    std::map<std::pair<std::string, std::string>, Listed> listed_;  // by address and study tag
};

}  // namespace fieldfare::sync
