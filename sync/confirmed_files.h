#pragma once

#include <vector>

#include "sync/outbox.h"
#include "sync/receipt_book.h"
#include "sync/sync_config.h"

namespace fieldfare::sync {

/// Which files enough researchers have confirmed, by the receipts that lie on the device now: for whoever
/// shows files without a pass of its own. A study whose receipts can't be read confirms none.
class ConfirmedFiles {
  public:
    /// `config` must outlive it.
    ConfirmedFiles(const Outbox& outbox, const SyncConfig& config);

    /// Also of a file whose note is lost: a receipt names the file itself.
    bool contains(const FileHash& file) const;

  private:
    std::vector<ReceiptBook> books_;
};

}  // namespace fieldfare::sync
