// What was announced and can't be looked for: sealing.h says what becomes of it.
#include <algorithm>

#include "client/store/faults.h"
#include "client/store/sealing.h"

namespace fieldfare::store {

Result<void> Sealing::clear_way() {
    if (auto settled = settle(); !settled) {
        const auto passed = pass_over();
        if (!passed || !*passed) return settled;
        if (auto again = settle(); !again) return again;
    }
    return look_again();
}

/// Answers whether there was any.
Result<bool> Sealing::pass_over() {
    std::vector<std::pair<StudyId, sync::FileHash>> announced;
    {
        Statement rows = database_->prepare("SELECT study, file_hash FROM pending ORDER BY study");
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            StudyId study{};
            std::ranges::copy(rows.blob(0).first(study.size()), study.begin());
            announced.emplace_back(study, rows.text(1));
        }
    }
    bool any = false;
    for (const auto& [study, file] : announced) {
        if (outbox_->holds(file)) continue;  // something else holds it up
        if (auto passed = pass_over(study); !passed) return tl::unexpected(passed.error());
        any = true;
    }
    return any;
}

/// The interview that may be in the file is counted as a draft, and not among its records.
Result<void> Sealing::pass_over(const StudyId& study) {
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    const crypto::ByteView id(study);
    if (auto moved = database_->run(
            "INSERT INTO batch (study, sequence, records, next_record, batch_id, last_leaf, file_hash,"
            " withdrawals)"
            " SELECT study, sequence, records - (draft IS NOT NULL), next_record, batch_id, last_leaf,"
            " file_hash, withdrawals"
            " FROM pending WHERE study = ? AND sequence <> ? ON CONFLICT (study, sequence) DO UPDATE SET"
            " records = excluded.records, next_record = excluded.next_record, batch_id = excluded.batch_id,"
            " last_leaf = excluded.last_leaf, file_hash = excluded.file_hash,"
            " withdrawals = excluded.withdrawals",
            id, of_another_device);
        !moved) {
        return moved;
    }
    if (*kept) {
        if (auto noted = database_->run("UPDATE draft SET sealed_in = pending.file_hash FROM pending"
                                        " WHERE pending.study = ? AND pending.draft = draft.id",
                                        id);
            !noted) {
            return noted;
        }
    }
    if (auto gone = database_->run("DELETE FROM pending WHERE study = ?", id); !gone) return gone;
    return transaction->commit();
}

Result<std::vector<Sealing::PassedOver>> Sealing::passed_over() {
    std::vector<PassedOver> found;
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept) return found;
    Statement rows =
        database_->prepare("SELECT id, study, sealed_in FROM draft WHERE sealed_in IS NOT NULL ORDER BY id");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return found;
        PassedOver one{DraftId(rows.text(0)), {}, sync::FileHash(rows.text(2))};
        std::ranges::copy(rows.blob(1).first(one.study.size()), one.study.begin());
        found.push_back(std::move(one));
    }
}

Result<void> Sealing::look_again() {
    const auto found = passed_over();
    if (!found) return tl::unexpected(found.error());
    for (const PassedOver& one : *found) {
        const auto there = outbox_->holds(one.file);
        if (!there) continue;
        auto decided = *there ? found_sealed(one)
                              : database_->run("UPDATE draft SET sealed_in = NULL WHERE id = ?", one.draft);
        if (!decided) return decided;
        decided_ = Interrupted{one.draft, *there};
    }
    return {};
}

Result<void> Sealing::found_sealed(const PassedOver& one) {
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto counted =
            database_->run("UPDATE batch SET records = records + 1 WHERE study = ? AND file_hash = ?",
                           crypto::ByteView(one.study), one.file);
        !counted) {
        return counted;
    }
    const auto parts = forget_draft(one.study, one.draft);
    if (!parts) return tl::unexpected(parts.error());
    if (auto committed = transaction->commit(); !committed) return committed;
    after_sealing(one.draft, *parts);
    return {};
}

Result<std::optional<SealedAs>> Sealing::sealed_as(const DraftId& draft) {
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept) return tl::unexpected(Error::unattended_vault);
    Statement found = database_->prepare("SELECT sealed_as FROM draft WHERE id = ?");
    const auto row = found.bind(1, std::string_view(draft)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_draft);
    const crypto::ByteView bytes = found.blob(0);
    SealedAs as;
    if (bytes.size() != as.uuid.size() + as.withdrawal.size()) return std::nullopt;
    std::ranges::copy(bytes.first(as.uuid.size()), as.uuid.begin());
    std::ranges::copy(bytes.last(as.withdrawal.size()), as.withdrawal.begin());
    return as;
}

}  // namespace fieldfare::store
