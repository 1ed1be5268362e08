#include "sync/confirmed_files.h"

#include <algorithm>

namespace fieldfare::sync {

ConfirmedFiles::ConfirmedFiles(const Outbox& outbox, const SyncConfig& config) {
    for (const StudySync& study : config.studies)
        if (auto book = ReceiptBook::load(outbox, study)) books_.push_back(std::move(*book));
}

bool ConfirmedFiles::contains(const FileHash& file) const {
    return std::ranges::any_of(
        books_, [&](const ReceiptBook& book) { return book.confirmation(file).enough_since.has_value(); });
}

}  // namespace fieldfare::sync
