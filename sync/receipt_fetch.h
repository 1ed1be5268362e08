#pragma once

#include <vector>

#include "sync/pass_stores.h"
#include "sync/receipt_book.h"

namespace fieldfare::sync {

/// Reads what is new among a study's receipts in its stores, by name, takes it into the book, and remembers
/// how far each store has been read. Answers how many receipts were new; what does not count, or could not be
/// read or written, is among the findings.
std::size_t fetch_receipts(const StudySync& study, ReceiptBook& book, PassStores& stores,
                           const SyncOptions& options, std::vector<SyncFinding>& findings);

}  // namespace fieldfare::sync
