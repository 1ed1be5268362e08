// What was announced and can't be looked for: sealing.h says what becomes of it.
#include <algorithm>
#include <utility>

#include "client/store/sealing.h"
#include "crypto/bytes.h"

namespace fieldfare::store {

Result<void> Sealing::clear_way() {
    if (!settle()) {
        if (auto passed = pass_over(); !passed) return passed;
        if (auto settled = settle(); !settled) return settled;
    }
    const auto drafts = to_be_sealed_again();
    if (!drafts) return tl::unexpected(drafts.error());
    for (const DraftId& draft : *drafts) (void)seal_again(draft);  // or the next time
    return {};
}

/// All that is announced and can't be looked for. But what a version before this program's has announced of
/// a draft holds everything up: of what it sealed nothing is known that could be sealed once more.
Result<void> Sealing::pass_over() {
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    const std::string unknown =
        *kept ? " WHERE draft IS NULL OR draft NOT IN (SELECT id FROM draft WHERE payload IS NULL)" : "";
    std::vector<StudyId> announced;
    {
        Statement rows = database_->prepare("SELECT study, file_hash, open_name FROM pending" + unknown +
                                            " ORDER BY study");
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            if (outbox_->holds(std::string(rows.text(1)), rows.text(2))) continue;  // settle() decides it
            StudyId& study = announced.emplace_back();
            std::ranges::copy(rows.blob(0).first(study.size()), study.begin());
        }
    }
    for (const StudyId& study : announced)
        if (auto passed = pass_over(study); !passed) return passed;
    return {};
}

/// A batch of which an earlier file stands, or did, stays as that in `batch`: its id is one that researchers
/// who get the later one know as well. Numbers of records are given once, whichever of the files it is.
Result<void> Sealing::pass_over(const StudyId& study) {
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    const crypto::ByteView id(study);
    if (auto noted = database_->run(
            "INSERT INTO passed_over (file_hash, open_name, study, sequence, records, batch_id, last_leaf,"
            " withdrawals, draft) SELECT file_hash, open_name, study, sequence,"
            " records - (draft IS NOT NULL), batch_id, last_leaf, withdrawals, draft FROM pending"
            " WHERE study = ?",
            id);
        !noted) {
        return noted;
    }
    if (auto moved = database_->run(
            "INSERT INTO batch (study, sequence, records, next_record, batch_id, last_leaf, file_hash,"
            " withdrawals) SELECT study, sequence, records - (draft IS NOT NULL), next_record, batch_id,"
            " last_leaf, file_hash, withdrawals FROM pending WHERE study = ? AND sequence <> ?"
            " ON CONFLICT (study, sequence) DO UPDATE SET next_record = excluded.next_record",
            id, of_another_device);
        !moved) {
        return moved;
    }
    if (auto gone = database_->run("DELETE FROM pending WHERE study = ?", id); !gone) return gone;
    return transaction->commit();
}

Result<std::vector<DraftId>> Sealing::to_be_sealed_again() {
    std::vector<DraftId> drafts;
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept) return drafts;
    Statement rows = database_->prepare(
        "SELECT id FROM draft WHERE payload IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.draft = draft.id) ORDER BY id");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return drafts;
        drafts.emplace_back(rows.text(0));
    }
}

Result<bool> Sealing::waits_to_be_sealed_again(const DraftId& draft) {
    const auto drafts = to_be_sealed_again();
    if (!drafts) return tl::unexpected(drafts.error());
    return std::ranges::find(*drafts, draft) != drafts->end();
}

/// Whether the disk gives back all that was sealed of its media.
Result<bool> Sealing::parts_stand(const DraftId& draft) {
    Statement rows = database_->prepare(
        "SELECT file_hash FROM draft_part JOIN attachment ON attachment.id = draft_part.attachment"
        " WHERE attachment.draft = ? ORDER BY file_hash");
    rows.bind(1, std::string_view(draft));
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return true;
        const auto there = outbox_->holds(std::string(rows.text(0)));
        if (!there || !*there) return false;
    }
}

/// Its media have been sealed before the first time. Where a part of them does not stand there any more, the
/// vault's copy is the only one, and what was announced names it as it was sealed then: the copy stays, with
/// the draft.
Result<void> Sealing::seal_again(const DraftId& draft) {
    if (lacks_parts_.contains(draft)) return tl::unexpected(Error::being_sealed);
    const auto stand = parts_stand(draft);
    if (!stand) return tl::unexpected(stand.error());
    if (!*stand) {
        lacks_parts_.insert(draft);
        return tl::unexpected(Error::being_sealed);
    }
    const auto as = sealed_as(draft);
    if (!as) return tl::unexpected(as.error());
    if (!*as) return tl::unexpected(Error::database_damaged);  // noted with the payload
    StudyId study{};
    std::uint32_t version = 0;
    crypto::Bytes payload;
    {
        Statement found = database_->prepare("SELECT study, version, payload FROM draft WHERE id = ?");
        const auto row = found.bind(1, std::string_view(draft)).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return tl::unexpected(Error::unknown_draft);
        std::ranges::copy(found.blob(0).first(study.size()), study.begin());
        version = static_cast<std::uint32_t>(found.integer(1));
        const crypto::ByteView bytes = found.blob(2);
        payload.assign(bytes.begin(), bytes.end());
    }
    Result<void> sealed;
    if (const auto batch = batch_for(study, version))
        sealed = seal(*batch, {crypto::RecordType::data, **as, payload, &draft});
    else
        sealed = tl::unexpected(batch.error());
    crypto::wipe(payload);
    if (sealed) decided_ = Interrupted{draft, true};
    return sealed;
}

/// It may change again, unless it may be sealed in yet another file.
Result<void> Sealing::free_draft(const DraftId& draft) {
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept || draft.empty()) return {};
    return database_->run(
        "UPDATE draft SET payload = NULL WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM passed_over WHERE passed_over.draft = draft.id)",
        draft);
}

Result<std::vector<Sealing::PassedOver>> Sealing::passed_over() {
    std::vector<PassedOver> found;
    Statement rows =
        database_->prepare("SELECT file_hash, open_name, study, draft FROM passed_over ORDER BY file_hash");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return found;
        PassedOver one{std::string(rows.text(0)), std::string(rows.text(1)), {}, DraftId(rows.text(3))};
        std::ranges::copy(rows.blob(2).first(one.study.size()), one.study.begin());
        found.push_back(std::move(one));
    }
}

void Sealing::look_again() {
    lacks_parts_.clear();
    const auto found = passed_over();
    if (!found) return;
    for (const PassedOver& one : *found)
        if (const auto there = outbox_->holds(one.file, one.open_name))
            (void)(*there ? found_there(one) : found_missing(one));
}

Result<void> Sealing::found_there(const PassedOver& one) {
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto counted = database_->run(
            "UPDATE batch SET records = one.records + (one.draft IS NOT NULL), batch_id = one.batch_id,"
            " last_leaf = one.last_leaf, file_hash = one.file_hash, withdrawals = one.withdrawals"
            " FROM passed_over AS one WHERE one.file_hash = ? AND batch.study = one.study"
            " AND batch.sequence = one.sequence",
            one.file);
        !counted) {
        return counted;
    }
    if (auto gone = database_->run("DELETE FROM passed_over WHERE file_hash = ?", one.file); !gone)
        return gone;
    std::vector<sync::FileHash> released;
    if (!one.draft.empty()) {
        auto parts = forget_draft(one.study, one.draft);
        if (!parts) return tl::unexpected(parts.error());
        released = std::move(*parts);
    }
    if (auto committed = transaction->commit(); !committed) return committed;
    if (one.draft.empty()) return {};
    after_sealing(one.draft, released);
    decided_ = Interrupted{one.draft, true};
    return {};
}

/// Its batch keeps its place, since others may follow it.
Result<void> Sealing::found_missing(const PassedOver& one) {
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    for (const char* sql : {"UPDATE batch SET records = 0, withdrawals = 0 WHERE file_hash = ?",
                            "DELETE FROM passed_over WHERE file_hash = ?"})
        if (auto done = database_->run(sql, one.file); !done) return done;
    if (auto freed = free_draft(one.draft); !freed) return freed;
    if (auto committed = transaction->commit(); !committed) return committed;
    if (!one.draft.empty()) decided_ = Interrupted{one.draft, false};
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
    if (bytes.empty()) return std::nullopt;
    SealedAs as;
    if (bytes.size() != as.uuid.size() + as.withdrawal.size()) return tl::unexpected(Error::database_damaged);
    std::ranges::copy(bytes.first(as.uuid.size()), as.uuid.begin());
    std::ranges::copy(bytes.last(as.withdrawal.size()), as.withdrawal.begin());
    return as;
}

}  // namespace fieldfare::store
