#include "client/store/confirmations.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/store/faults.h"
#include "client/store/own_days.h"
#include "client/store/studies.h"
#include "sync/receipt_book.h"

namespace fieldfare::store {

namespace {

Result<sync::SyncConfig> config_of(Database& database, const std::string& tag) {
    auto config = Studies(database).sync_config();
    if (config && config->find(tag) == nullptr) return tl::unexpected(Error::unknown_study);
    return config;
}

struct KnownBatch {
    std::string tag;
    crypto::Digest id{};
    std::optional<std::int64_t> confirmed;  ///< in the vault's own days
};

crypto::Digest digest(crypto::ByteView bytes) {
    crypto::Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

Result<std::optional<KnownBatch>> known_batch(Database& database, const sync::FileHash& hash) {
    Statement found = database.prepare(
        "SELECT study.tag, batch_id, confirmed FROM batch JOIN study ON study.id = batch.study"
        " WHERE batch.file_hash = ?");
    const auto row = found.bind(1, std::string_view(hash)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return std::nullopt;
    KnownBatch batch{std::string(found.text(0)), digest(found.blob(1)), std::nullopt};
    if (!found.null(2)) batch.confirmed = found.integer(2);
    return batch;
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

Result<void> note_confirmations(Database& database, const sync::Outbox& outbox, std::chrono::sys_days today) {
    const auto now = own_day(database, today);
    if (!now) return tl::unexpected(now.error());
    const auto config = Studies(database).sync_config();
    if (!config) return tl::unexpected(config.error());
    std::map<std::string, sync::ReceiptBook> books;
    for (const sync::StudySync& study : config->studies) {
        auto book = sync::ReceiptBook::load(outbox, study);
        if (!book) return tl::unexpected(from_outbox(book.error()));
        books.emplace(study.study_tag, std::move(*book));
    }
    std::vector<std::int64_t> newly, no_more;  // rows of batch
    {
        Statement batches = database.prepare(
            "SELECT batch.rowid, study.tag, file_hash, batch_id, confirmed FROM batch"
            " JOIN study ON study.id = batch.study ORDER BY batch.rowid");
        for (;;) {
            const auto row = batches.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            const auto book = books.find(std::string(batches.text(1)));
            if (book == books.end()) return tl::unexpected(Error::database_damaged);
            const bool enough =
                book->second.confirmation(std::string(batches.text(2)), digest(batches.blob(3)))
                    .enough_since.has_value();
            if (enough == !batches.null(4)) continue;
            (enough ? newly : no_more).push_back(batches.integer(0));
        }
    }
    if (newly.empty() && no_more.empty()) return {};
    auto transaction = database.begin();
    if (!transaction) return tl::unexpected(transaction.error());
    for (const auto row : newly) {
        if (auto done = database.run("UPDATE batch SET confirmed = ? WHERE rowid = ?", *now, row); !done) {
            return done;
        }
    }
    for (const auto row : no_more) {
        if (auto done = database.run("UPDATE batch SET confirmed = NULL WHERE rowid = ?", row); !done)
            return done;
    }
    return transaction->commit();
}

Result<bool> may_forget(Database& database, const sync::Outbox& outbox, const sync::SealedFile& file,
                        std::chrono::sys_days today) {
    auto known = known_batch(database, file.hash);
    if (known && *known && !(*known)->confirmed) {  // its receipts have come in this very sync
        if (auto noted = note_confirmations(database, outbox, today); !noted)
            return tl::unexpected(noted.error());
        known = known_batch(database, file.hash);
    }
    if (!known) return tl::unexpected(known.error());
    if (!*known || !(*known)->confirmed) return false;
    const KnownBatch& batch = **known;
    const auto config = config_of(database, batch.tag);
    if (!config) return tl::unexpected(config.error());
    const sync::StudySync& study = *config->find(batch.tag);
    const auto now = own_day(database, today);
    if (!now) return tl::unexpected(now.error());
    if (*now - *batch.confirmed < study.hold_days) return false;
    const auto book = sync::ReceiptBook::load(outbox, study);
    if (!book) return tl::unexpected(from_outbox(book.error()));
    return book->confirmation(file.hash, batch.id).enough_since && book->may_forget(file, today);
}

}  // namespace fieldfare::store
