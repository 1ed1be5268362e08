#include "client/store/confirmations.h"

#include "client/store/faults.h"
#include "client/store/studies.h"
#include "sync/receipt_book.h"

namespace fieldfare::store {

namespace {

Result<sync::SyncConfig> config_of(Database& database, const std::string& tag) {
    auto config = Studies(database).sync_config();
    if (config && config->find(tag) == nullptr) return tl::unexpected(Error::unknown_study);
    return config;
}

}  // namespace

Result<Counts> count_interviews(Database& database, const sync::Outbox& outbox, const StudyId& study) {
    Counts counts;
    std::string tag;
    {
        Statement found = database.prepare(
            "SELECT tag, (SELECT count(*) FROM draft WHERE draft.study = study.id) FROM study WHERE id = ?");
        const auto row = found.bind(1, crypto::ByteView(study)).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return tl::unexpected(Error::unknown_study);
        tag = found.text(0);
        counts.drafts = static_cast<int>(found.integer(1));
    }
    const auto config = config_of(database, tag);
    if (!config) return tl::unexpected(config.error());
    const auto book = sync::ReceiptBook::load(outbox, *config->find(tag));
    if (!book) return tl::unexpected(from_outbox(book.error()));

    Statement batches =
        database.prepare("SELECT records, file_hash FROM batch WHERE study = ? ORDER BY sequence");
    batches.bind(1, crypto::ByteView(study));
    for (;;) {
        const auto row = batches.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return counts;
        const auto records = static_cast<int>(batches.integer(0));
        const std::string hash(batches.text(1));
        const auto file = outbox.find(hash);
        if (book->confirmation(hash).enough_since) {
            counts.confirmed += records;
        } else if (file && !file->handed_over.empty()) {
            counts.handed_over += records;
        } else {
            counts.sealed += records;
        }
    }
}

Result<bool> may_forget(Database& database, const sync::Outbox& outbox, const sync::SealedFile& file,
                        std::chrono::sys_days today) {
    Statement known = database.prepare(
        "SELECT study.tag FROM batch JOIN study ON study.id = batch.study WHERE batch.file_hash = ?");
    const auto row = known.bind(1, std::string_view(file.hash)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return false;
    const std::string tag(known.text(0));
    const auto config = config_of(database, tag);
    if (!config) return tl::unexpected(config.error());
    const auto book = sync::ReceiptBook::load(outbox, *config->find(tag));
    if (!book) return tl::unexpected(from_outbox(book.error()));
    return book->may_forget(file, today);
}

}  // namespace fieldfare::store
