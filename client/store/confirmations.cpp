#include "client/store/confirmations.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "client/store/faults.h"
#include "client/store/own_days.h"
#include "client/store/studies.h"
#include "client/store/vault_kind.h"
#include "sync/file_copies.h"
#include "sync/receipt_book.h"

namespace fieldfare::store {

namespace {

Result<sync::SyncConfig> config_of(Database& database, const std::string& tag) {
    auto config = Studies(database).sync_config();
    if (config && config->find(tag) == nullptr) return tl::unexpected(Error::unknown_study);
    return config;
}

/// A batch, or part of a media file.
struct KnownFile {
    std::string tag;
    crypto::Digest id{};                    ///< as receipts name it
    std::optional<std::int64_t> confirmed;  ///< in the vault's own days
};

crypto::Digest digest(crypto::ByteView bytes) {
    crypto::Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

Result<std::optional<KnownFile>> known_file(Database& database, const sync::FileHash& hash) {
    Statement found = database.prepare(
        "SELECT study.tag, file.id, file.confirmed FROM"
        " (SELECT study, file_hash, batch_id AS id, confirmed FROM batch UNION ALL"
        " SELECT study, file_hash, media_id, confirmed FROM media_part) AS file"
        " JOIN study ON study.id = file.study WHERE file.file_hash = ?");
    const auto row = found.bind(1, std::string_view(hash)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return std::nullopt;
    KnownFile file{std::string(found.text(0)), digest(found.blob(1)), std::nullopt};
    if (!found.null(2)) file.confirmed = found.integer(2);
    return file;
}

/// Where nobody can say, it is there.
bool is_final(const sync::Outbox& outbox, const sync::FileHash& hash) {
    std::error_code unreadable;
    return std::filesystem::symlink_status(outbox.path_of(hash), unreadable).type() !=
           std::filesystem::file_type::not_found;
}

/// Final or in open/. Where nobody can say, it is.
bool is_in_outbox(const sync::Outbox& outbox, const sync::FileHash& hash) {
    if (is_final(outbox, hash)) return true;
    const auto open = outbox.holds(hash);
    return open ? *open : open.error().kind != sync::OutboxError::Kind::missing;
}

/// Whether a file that had enough receipts has been let go: its hold was over, and it is not there. One that
/// is gone sooner has been lost. What has receipts was handed over, so it was not in open/ any more.
bool was_let_go(const sync::Outbox& outbox, const sync::FileHash& hash, std::int64_t days_held,
                const sync::StudySync& study) {
    return days_held >= study.hold_days && !is_final(outbox, hash);
}

/// Parts of media files that are neither in the outbox nor confirmed.
Result<int> count_missing_parts(Database& database, const sync::Outbox& outbox, const StudyId& study,
                                const sync::ReceiptBook& book) {
    int missing = 0;
    Statement parts = database.prepare(
        "SELECT file_hash FROM media_part WHERE study = ? AND confirmed IS NULL ORDER BY file_hash");
    parts.bind(1, crypto::ByteView(study));
    for (;;) {
        const auto row = parts.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return missing;
        const std::string hash(parts.text(0));
        if (!book.confirmation(hash).enough_since && !is_in_outbox(outbox, hash)) ++missing;
    }
}

}  // namespace

Result<Counts> count_interviews(Database& database, const sync::Outbox& outbox, const StudyId& study) {
    Counts counts;
    std::string tag;
    {
        const auto kind = vault_kind(database);
        if (!kind) return tl::unexpected(kind.error());
        Statement found = database.prepare(*kind == VaultKind::unattended
                                               ? "SELECT tag, 0 FROM study WHERE id = ?"
                                               : "SELECT tag, (SELECT count(*) FROM draft WHERE draft.study "
                                                 "= study.id) FROM study WHERE id = ?");
        const auto row = found.bind(1, crypto::ByteView(study)).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return tl::unexpected(Error::unknown_study);
        tag = found.text(0);
        counts.drafts = static_cast<int>(found.integer(1));
    }
    const auto config = config_of(database, tag);
    if (!config) return tl::unexpected(config.error());
    // Where receipts can't be read, nothing is known to be confirmed; all else counts.
    const sync::StudySync& own = *config->find(tag);
    const auto book = sync::ReceiptBook::load(outbox, own).value_or(sync::ReceiptBook::empty(outbox, own));

    const auto missing_parts = count_missing_parts(database, outbox, study, book);
    if (!missing_parts) return tl::unexpected(missing_parts.error());
    counts.missing_files = *missing_parts;

    // A file that is announced, or that could not be looked for (Sealing), may yet take the place of a
    // batch's, or have taken it.
    Statement batches = database.prepare(
        "SELECT records - withdrawals, file_hash, confirmed IS NOT NULL, records > 0"
        " AND NOT EXISTS (SELECT 1 FROM pending AS one WHERE one.study = batch.study"
        " AND one.sequence = batch.sequence)"
        " AND NOT EXISTS (SELECT 1 FROM passed_over AS one WHERE one.study = batch.study"
        " AND one.sequence = batch.sequence)"
        " FROM batch WHERE study = ? ORDER BY sequence");
    batches.bind(1, crypto::ByteView(study));
    for (;;) {
        const auto row = batches.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return counts;
        const auto records = static_cast<int>(batches.integer(0));
        const std::string hash(batches.text(1));
        const bool was_confirmed = batches.integer(2) != 0, must_be_there = batches.integer(3) != 0;
        const auto file = outbox.find(hash);
        const bool gone = !file && must_be_there;
        if (book.confirmation(hash).enough_since || (gone && was_confirmed)) {
            counts.confirmed += records;
        } else if (file && sync::is_handed_over(*file, *config)) {
            counts.handed_over += records;
        } else if (gone && !is_in_outbox(outbox, hash)) {  // which reads all open batches
            counts.missing += records;
            ++counts.missing_files;
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
    std::vector<sync::FileHash> newly, no_more;
    {
        Statement files = database.prepare(
            "SELECT study.tag, file.file_hash, file.id, file.confirmed FROM"
            " (SELECT study, file_hash, batch_id AS id, confirmed FROM batch UNION ALL"
            " SELECT study, file_hash, media_id, confirmed FROM media_part) AS file"
            " JOIN study ON study.id = file.study ORDER BY file.file_hash");
        for (;;) {
            const auto row = files.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            const auto book = books.find(std::string(files.text(0)));
            if (book == books.end()) return tl::unexpected(Error::database_damaged);
            const sync::FileHash hash(files.text(1));
            const bool enough =
                book->second.confirmation(hash, digest(files.blob(2))).enough_since.has_value();
            if (enough == !files.null(3)) continue;
            if (enough)
                newly.push_back(hash);
            else if (!was_let_go(outbox, hash, *now - files.integer(3),
                                 *config->find(std::string(files.text(0)))))
                no_more.push_back(hash);
        }
    }
    if (newly.empty() && no_more.empty()) return {};
    auto transaction = database.begin();
    if (!transaction) return tl::unexpected(transaction.error());
    for (const char* table : {"batch", "media_part"}) {
        const std::string update = std::string("UPDATE ") + table + " SET confirmed = ";
        for (const sync::FileHash& file : newly) {
            if (auto done = database.run(update + "? WHERE file_hash = ?", *now, file); !done) return done;
        }
        for (const sync::FileHash& file : no_more) {
            if (auto done = database.run(update + "NULL WHERE file_hash = ?", file); !done) return done;
        }
    }
    return transaction->commit();
}

Result<bool> may_forget(Database& database, const sync::Outbox& outbox, const sync::SealedFile& file,
                        std::chrono::sys_days today) {
    auto known = known_file(database, file.hash);
    if (known && *known && !(*known)->confirmed) {  // its receipts have come in this very sync
        if (auto noted = note_confirmations(database, outbox, today); !noted)
            return tl::unexpected(noted.error());
        known = known_file(database, file.hash);
    }
    if (!known) return tl::unexpected(known.error());
    if (!*known || !(*known)->confirmed) return false;
    const KnownFile& batch = **known;
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
