#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sync/pass_stores.h"
#include "sync/receipt_book.h"

namespace fieldfare::sync {

enum class Copy {
    there,     ///< as far as anybody can tell
    missing,   ///< the store does not list it
    cut,       ///< the store lists it in another size
    doubtful,  ///< researchers, who have looked since, say nothing of it
};

/// Whether a store still has what it said to have taken. It may let no device look, list what it does not
/// have, or be gone. Each store is asked once a pass for the list of a study. For files that are not
/// confirmed yet. What it is made with must outlive it.
class CopyCheck {
  public:
    CopyCheck(PassStores& stores, const SyncOptions& options) : stores_(stores), options_(options) {}

    Copy look(const HandOver& had, const SealedFile& file, const StudySync& study, const ReceiptBook& book);

  private:
    using Names = std::map<std::string, std::optional<std::uint64_t>>;  // and their sizes, if told

    bool stopped() const { return options_.stop.stop_requested(); }
    const Names* listed(const Store& store, const std::string& study_tag);
    bool is_doubtful(const HandOver& had, const SealedFile& file, const ReceiptBook& book) const;

    PassStores& stores_;
    const SyncOptions& options_;
    std::map<std::pair<std::string, std::string>, std::optional<Names>> listed_;  // by address and study tag
};

}  // namespace fieldfare::sync
