#include "client/store/sealing.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "client/store/faults.h"
#include "client/store/vault_kind.h"
#include "crypto/bytes.h"

namespace fieldfare::store {
namespace {

/// The setting that holds the day (since 1970) of a study's newest batch.
std::string last_sealed(const StudyId& study) {
    return "last sealed " + crypto::to_hex(study);
}

}  // namespace

Sealing::Sealing(Database& database, sync::Outbox& outbox, const Surroundings& surroundings,
                 const crypto::Id& incarnation)
    : database_(&database), outbox_(&outbox), surroundings_(surroundings), incarnation_(incarnation) {}

void Sealing::reached(Step step) const {
    surroundings_.reached(step);
}

std::chrono::sys_days Sealing::today() const {
    return std::chrono::floor<std::chrono::days>(surroundings_.now());
}

// --- a batch's life ---------------------------------------------------------------------------------

Result<Sealing::OpenBatch> Sealing::begin(const StudyId& study, std::uint32_t form_version) {
    Studies studies(*database_);
    auto terms = studies.sealing_terms(study, form_version);
    if (!terms) return tl::unexpected(terms.error());
    auto keys = studies.device_keys(study);
    if (!keys) return tl::unexpected(keys.error());
    const auto newest = head(study);
    if (!newest) return tl::unexpected(newest.error());

    crypto::BatchContext context;
    context.routing_tag = sync::routing_tag(terms->tag);  // finds the study of a file whose note is lost
    context.dictionary = std::move(terms->dictionary);
    context.open.study = study;
    context.open.device_key = keys->signing.verify_key();
    context.open.incarnation = incarnation_;
    context.open.form_hash = terms->form_hash;
    context.open.policy_digest = terms->policy_digest;
    context.open.policy_version = terms->policy_version;
    context.open.recipients = std::move(terms->recipients);
    context.open.quorum = terms->opening_quorum;
    context.pre_shared = terms->pre_shared_key;
    context.open.program_version = surroundings_.program_version;
    if (*newest) {
        context.open.batch_sequence = (*newest)->sequence + 1;
        context.open.previous_batch = (*newest)->batch;
        context.open.first_record_sequence = (*newest)->next_record;
    }
    const auto sequence = context.open.batch_sequence;
    auto writer = crypto::BatchWriter::begin(std::move(context), keys->signing, keys->receipt);
    if (!writer) return tl::unexpected(from_crypto(writer.error()));
    const auto rest = crypto::to_hex(crypto::ByteView(writer->header_tag()).first<8>());
    return OpenBatch{study,
                     form_version,
                     terms->newest_version,
                     sequence,
                     sync::Outbox::open_name(terms->tag, rest),
                     surroundings_.now(),
                     std::move(keys->signing),
                     std::move(*writer)};
}

Result<Sealing::Batches::iterator> Sealing::batch_for(const StudyId& study, std::uint32_t form_version) {
    const auto newest = Studies(*database_).newest_version(study);
    if (!newest) return tl::unexpected(newest.error());
    auto found = std::ranges::find(open_, study, &OpenBatch::study);
    if (found != open_.end() && found->form_version == form_version && found->rules == *newest) return found;
    if (found != open_.end()) {
        // Each batch names the one before it, so the one before it must be final.
        if (auto finished = finish(found); !finished) return tl::unexpected(finished.error());
    }
    auto begun = begin(study, form_version);
    if (!begun) return tl::unexpected(begun.error());
    open_.push_back(std::move(*begun));
    return std::prev(open_.end());
}

Result<void> Sealing::finish(Batches::iterator batch) {
    if (batch->writer.count() == 0) {  // never written
        open_.erase(batch);
        return {};
    }
    const auto study = batch->study;
    const auto sealed = batch->writer.finish(batch->device);
    if (!sealed) return abandon(batch);
    if (!announce(*batch, *sealed, nullptr)) return abandon(batch);
    const auto moved = outbox_->finish_open(batch->name, sealed->file, today());
    if (!moved) return abandon(batch);
    reached(Step::written);
    open_.erase(batch);
    return record(study);
}

/// Its keys go at once; its file is complete as it stands.
Result<void> Sealing::abandon(Batches::iterator batch) {
    const auto name = std::move(batch->name);
    open_.erase(batch);
    unsettled_ = true;
    const auto moved = outbox_->finish_open(name);
    if (!moved && moved.error().kind != sync::OutboxError::Kind::missing) {
        return tl::unexpected(from_outbox(moved.error()));
    }
    return settle();
}

Result<void> Sealing::finish_all() {
    Result<void> outcome;
    while (!open_.empty()) {
        auto finished = finish(std::prev(open_.end()));
        if (!finished && outcome) outcome = finished;
    }
    // A file that could not be moved before may be now.
    if (const auto adopted = outbox_->adopt_leftovers(); !adopted && outcome) {
        outcome = tl::unexpected(from_outbox(adopted.error()));
    }
    auto settled = settle();
    if (!settled && pass_over()) settled = settle();
    (void)release_parts();  // at the latest before the next sync
    return outcome ? settled : outcome;
}

Result<void> Sealing::release_parts() {
    Statement rows = database_->prepare("SELECT file_hash FROM media_part ORDER BY file_hash");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return {};
        if (const auto released = outbox_->release(std::string(rows.text(0))); !released)
            return tl::unexpected(from_outbox(released.error()));
    }
}

Result<void> Sealing::finish_old() {
    const auto now = surroundings_.now();
    for (auto batch = open_.begin(); batch != open_.end();) {
        const bool old = now < batch->begun || now - batch->begun >= age_to_finish;
        if (!old) {
            ++batch;
            continue;
        }
        if (auto finished = finish(batch); !finished) return finished;
        batch = open_.begin();
    }
    return {};
}

// --- what the vault knows of it ---------------------------------------------------------------------

Result<void> Sealing::announce(const OpenBatch& batch, const crypto::SealedBatch& sealed,
                               const DraftId* draft, const Record* record) {
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    if (record != nullptr) {
        crypto::Bytes as(record->as.uuid.begin(), record->as.uuid.end());
        as.insert(as.end(), record->as.withdrawal.begin(), record->as.withdrawal.end());
        if (auto noted = database_->run("UPDATE draft SET sealed_as = ?, payload = ? WHERE id = ?",
                                        crypto::ByteView(as), record->payload, *draft);
            !noted) {
            return noted;
        }
    }
    Statement put = database_->prepare(
        "INSERT INTO pending (study, sequence, records, next_record, batch_id, last_leaf, file_hash, draft,"
        " withdrawals, open_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const auto hash = crypto::to_hex(sealed.sha256);
    put.bind(1, crypto::ByteView(batch.study))
        .bind(2, static_cast<std::int64_t>(batch.sequence))
        .bind(3, std::int64_t{sealed.count})
        .bind(4, static_cast<std::int64_t>(sealed.next_record_sequence))
        .bind(5, crypto::ByteView(sealed.id))
        .bind(6, crypto::ByteView(sealed.last_leaf))
        .bind(7, std::string_view(hash))
        .bind(9, std::int64_t{batch.withdrawals})
        .bind(10, std::string_view(batch.name));
    if (draft != nullptr) {
        put.bind(8, std::string_view(*draft));
    } else {
        put.bind_null(8);
    }
    if (const auto row = put.step(); !row) return tl::unexpected(row.error());
    if (auto committed = transaction->commit(); !committed) return committed;
    reached(Step::announced);
    return {};
}

Result<void> Sealing::record(const StudyId& study) {
    const bool others = std::exchange(unsettled_, true);  // this one until the commit
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    const crypto::ByteView id(study);
    if (auto moved = database_->run(
            "INSERT INTO batch (study, sequence, records, next_record, batch_id, last_leaf, file_hash,"
            " withdrawals)"
            " SELECT study, sequence, records, next_record, batch_id, last_leaf, file_hash, withdrawals"
            " FROM pending WHERE study = ? AND sequence <> ? ON CONFLICT (study, sequence) DO UPDATE SET"
            " records = excluded.records, next_record = excluded.next_record, batch_id = excluded.batch_id,"
            " last_leaf = excluded.last_leaf, file_hash = excluded.file_hash,"
            " withdrawals = excluded.withdrawals",
            id, of_another_device);
        !moved) {
        return moved;
    }
    DraftId draft;
    {
        Statement named = database_->prepare("SELECT draft FROM pending WHERE study = ?");
        const auto row = named.bind(1, id).step();
        if (!row) return tl::unexpected(row.error());
        if (*row) draft = named.text(0);
    }
    if (auto noted = database_->run(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = "
            "excluded.value",
            std::string_view(last_sealed(study)),
            std::string_view(std::to_string(today().time_since_epoch().count())));
        !noted) {
        return noted;
    }
    if (auto gone = database_->run("DELETE FROM pending WHERE study = ?", id); !gone) return gone;
    const auto parts = forget_draft(study, draft);
    if (!parts) return tl::unexpected(parts.error());
    if (auto done = database_->overwrite_scratch(); !done) return done;
    if (auto committed = transaction->commit(); !committed) return committed;
    unsettled_ = others;
    reached(Step::recorded);
    after_sealing(draft, *parts);
    return {};
}

void Sealing::after_sealing(const DraftId& draft, const std::vector<sync::FileHash>& parts) {
    if (!draft.empty()) sealed_.insert(draft);
    for (const sync::FileHash& part : parts) (void)outbox_->release(part);  // else release_parts() does
    // What was attached is overwritten, and the answers' older pages go from the log. Should it fail, they go
    // with the next of either, or when the vault is locked, which says so, or unlocked.
    (void)Attachments(*database_, *outbox_).sweep();
    if (database_->checkpoint()) reached(Step::checkpointed);
}

Result<bool> Sealing::keeps_drafts() const {
    const auto kind = vault_kind(*database_);
    if (!kind) return tl::unexpected(kind.error());
    return *kind == VaultKind::interviewer;
}

/// Answers the parts of its media, which may go out now.
Result<std::vector<sync::FileHash>> Sealing::forget_draft(const StudyId& study, const DraftId& draft) {
    if (auto gone = database_->run("UPDATE passed_over SET draft = NULL WHERE draft = ?", draft); !gone)
        return tl::unexpected(gone.error());
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept) return std::vector<sync::FileHash>{};
    auto parts = keep_parts(study, draft);
    if (!parts) return parts;
    if (auto gone = database_->run("DELETE FROM draft WHERE id = ?", draft); !gone)
        return tl::unexpected(gone.error());
    return parts;
}

/// From now on the parts are held until enough researchers have them. Nothing says any more whose they are.
Result<std::vector<sync::FileHash>> Sealing::keep_parts(const StudyId& study, const DraftId& draft) {
    std::vector<sync::FileHash> parts;
    {
        Statement kept = database_->prepare(
            "INSERT INTO media_part (file_hash, study, media_id) SELECT file_hash, ?1, media_id"
            " FROM draft_part JOIN attachment ON attachment.id = draft_part.attachment"
            " WHERE attachment.draft = ?2 ORDER BY file_hash RETURNING file_hash");
        kept.bind(1, crypto::ByteView(study)).bind(2, std::string_view(draft));
        for (;;) {
            const auto row = kept.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            parts.emplace_back(kept.text(0));
        }
    }
    if (auto gone = database_->run(
            "DELETE FROM draft_part WHERE attachment IN (SELECT id FROM attachment WHERE draft = ?)", draft);
        !gone) {
        return tl::unexpected(gone.error());
    }
    return parts;
}

Result<void> Sealing::settle() {
    if (!unsettled_) return {};
    struct Announced {
        StudyId study;
        sync::FileHash file;
        std::string open_name;
        DraftId draft;  ///< empty: no interview came into it
    };
    std::vector<Announced> announced;
    {
        Statement rows =
            database_->prepare("SELECT study, file_hash, open_name, draft FROM pending ORDER BY study");
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            Announced one{{}, std::string(rows.text(1)), std::string(rows.text(2)), DraftId(rows.text(3))};
            std::ranges::copy(rows.blob(0).first(one.study.size()), one.study.begin());
            announced.push_back(std::move(one));
        }
    }
    Result<void> outcome;
    for (const auto& [study, file, open_name, draft] : announced) {
        const auto there = outbox_->holds(file, open_name);
        Result<void> decided;
        if (!there)
            decided = tl::unexpected(from_outbox(there.error()));
        else if (*there)
            decided = record(study);
        else
            decided = call_off(study, draft);
        if (!decided && outcome) outcome = decided;  // the others are decided all the same
        if (decided && !draft.empty()) decided_ = Interrupted{draft, *there};
    }
    unsettled_ = !outcome.has_value();
    return outcome;
}

/// It never came about: a draft may change again, unless it may stand in a file that was passed over.
Result<void> Sealing::call_off(const StudyId& study, const DraftId& draft) {
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto freed = free_draft(draft); !freed) return freed;
    if (auto gone = database_->run("DELETE FROM pending WHERE study = ?", crypto::ByteView(study)); !gone)
        return gone;
    return transaction->commit();
}

Result<void> Sealing::settle(const DraftId& draft) {
    auto settled = settle();
    if (settled) return settled;
    Statement undecided = database_->prepare("SELECT 1 FROM pending WHERE draft = ?");
    const auto row = undecided.bind(1, std::string_view(draft)).step();
    if (!row) return tl::unexpected(row.error());
    return *row ? settled : Result<void>();
}

// --- "I am here" ------------------------------------------------------------------------------------

Result<bool> Sealing::is_silent(const StudyId& study) {
    Statement found = database_->prepare("SELECT value FROM setting WHERE name = ?");
    const auto row = found.bind(1, std::string_view(last_sealed(study))).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return true;
    std::int64_t day = 0;
    const std::string_view text = found.text(0);
    std::from_chars(text.data(), text.data() + text.size(), day);  // junk is a day long ago
    const auto since = today().time_since_epoch().count() - day;
    return std::abs(since) >= silence_to_break.count();
}

Result<void> Sealing::say_here() {
    look_again();
    if (auto cleared = clear_way(); !cleared) return cleared;
    const auto studies = Studies(*database_).list();
    if (!studies) return tl::unexpected(studies.error());
    for (const StudySummary& known : *studies) {
        if (std::ranges::find(open_, known.study, &OpenBatch::study) != open_.end()) continue;
        const auto silent = is_silent(known.study);
        if (!silent) return tl::unexpected(silent.error());
        if (!*silent) continue;
        auto batch = begin(known.study, known.versions.back());
        if (!batch) return tl::unexpected(batch.error());
        const auto sealed = batch->writer.finish(batch->device);
        if (!sealed) return tl::unexpected(from_crypto(sealed.error()));
        if (auto written = write_final(*batch, *sealed, nullptr); !written) return written;
    }
    return {};
}

/// A batch that is final with its first bytes.
Result<void> Sealing::write_final(const OpenBatch& batch, const crypto::SealedBatch& sealed,
                                  const DraftId* draft) {
    unsettled_ = true;
    if (auto announced = announce(batch, sealed, draft); !announced) return announced;
    if (const auto written = outbox_->finish_open(batch.name, sealed.file, today()); !written) {
        // It may stand there in spite of the error, or complete in open/.
        (void)outbox_->finish_open(batch.name);
        (void)settle();
        const auto there = outbox_->holds(crypto::to_hex(sealed.sha256), batch.name);
        if (draft == nullptr || !there || !*there) return tl::unexpected(from_outbox(written.error()));
        sealed_.insert(*draft);
        return {};
    }
    reached(Step::written);
    auto recorded = record(batch.study);
    if (draft == nullptr) return recorded;
    // It is sealed, noted or not: who is told otherwise changes answers that are never sealed again. What was
    // announced lets settle() note it before the next one.
    sealed_.insert(*draft);
    return {};
}

Result<std::optional<Head>> Sealing::head(const StudyId& study) {
    Statement newest = database_->prepare(
        "SELECT sequence, batch_id, records, next_record, last_leaf FROM batch WHERE study = ?"
        " ORDER BY sequence DESC LIMIT 1");
    const auto row = newest.bind(1, crypto::ByteView(study)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return std::nullopt;
    Head head;
    head.sequence = static_cast<std::uint64_t>(newest.integer(0));
    std::ranges::copy(newest.blob(1).first(head.batch.size()), head.batch.begin());
    head.records = static_cast<std::uint32_t>(newest.integer(2));
    head.next_record = static_cast<std::uint64_t>(newest.integer(3));
    std::ranges::copy(newest.blob(4).first(head.last_leaf.size()), head.last_leaf.begin());
    return head;
}

// --- finalise ---------------------------------------------------------------------------------------

Result<std::vector<schema::MediaFile>> Sealing::seal_media(const DraftId& draft, const StudyId& study,
                                                           std::uint32_t form_version, const crypto::Id& uuid,
                                                           const SubmissionMedia& media) {
    Studies studies(*database_);
    const auto terms = studies.sealing_terms(study, form_version);
    if (!terms) return tl::unexpected(terms.error());
    const auto keys = studies.device_keys(study);
    if (!keys) return tl::unexpected(keys.error());
    return MediaSealing(*database_, *outbox_)
        .seal(draft, media, {study, uuid, *terms, *keys, today(), [this](Step step) { reached(step); }});
}

Result<void> Sealing::finalise(const DraftId& draft, const crypto::Id& uuid, const SubmissionMedia& media,
                               const Payload& payload) {
    auto sealed = finalise_now(draft, uuid, media, payload);
    if (sealed) return sealed;
    // Where the disk does not say whether it is sealed, it can be elsewhere, at once.
    (void)clear_way();
    return sealed_.contains(draft) ? Result<void>() : sealed;
}

Result<void> Sealing::finalise_now(const DraftId& draft, const crypto::Id& uuid, const SubmissionMedia& media,
                                   const Payload& payload) {
    if (auto old = finish_old(); !old) return old;
    if (auto cleared = clear_way(); !cleared) return cleared;

    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (!*kept) return tl::unexpected(Error::unattended_vault);

    StudyId study{};
    std::uint32_t version = 0;
    {
        Statement found = database_->prepare("SELECT study, version FROM draft WHERE id = ?");
        const auto row = found.bind(1, std::string_view(draft)).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) {
            if (sealed_.contains(draft)) return {};  // an earlier try had got as far as the file
            return tl::unexpected(Error::unknown_draft);
        }
        std::ranges::copy(found.blob(0).first(study.size()), study.begin());
        version = static_cast<std::uint32_t>(found.integer(1));
    }
    const auto waits = waits_to_be_sealed_again(draft);
    if (!waits) return tl::unexpected(waits.error());
    if (*waits) return seal_again(draft);
    const auto before = sealed_as(draft);
    if (!before) return tl::unexpected(before.error());
    const SealedAs as{uuid, media.withdrawal};
    if (*before && **before != as) return tl::unexpected(Error::internal);
    const auto files = seal_media(draft, study, version, uuid, media);
    if (!files) return tl::unexpected(files.error());
    const auto batch = batch_for(study, version);
    if (!batch) return tl::unexpected(batch.error());

    std::string text = payload(*files);
    auto sealed = seal(*batch, {crypto::RecordType::data, as, crypto::bytes_of(text), &draft});
    crypto::wipe(text);
    return sealed;
}

Result<void> Sealing::seal_at_once(const StudyId& study, std::uint32_t package_version,
                                   const DraftId& interview, const crypto::Id& uuid, const Payload& payload) {
    const auto kept = keeps_drafts();
    if (!kept) return tl::unexpected(kept.error());
    if (*kept) return tl::unexpected(Error::interviewer_vault);
    if (auto cleared = clear_way(); !cleared) return cleared;
    if (auto finished = finish_all(); !finished) return finished;  // of codes that took interviews back
    if (sealed_.contains(interview)) return {};
    auto batch = begin(study, package_version);
    if (!batch) return tl::unexpected(batch.error());

    std::string text = payload({});
    const auto alone =
        batch->writer.append(batch->device, crypto::RecordType::data, uuid, crypto::bytes_of(text));
    crypto::wipe(text);
    if (!alone) return tl::unexpected(from_crypto(alone.error()));
    batch->writer.commit();  // should it not get to the disk, the interview is sealed anew
    const auto sealed = batch->writer.finish(batch->device);
    if (!sealed) return tl::unexpected(from_crypto(sealed.error()));
    return write_final(*batch, *sealed, &interview);
}

Result<void> Sealing::seal(Batches::iterator batch, const Record& record) {
    const auto study = batch->study;
    const auto is_sealed = [&] { return record.draft != nullptr && sealed_.contains(*record.draft); };
    auto sealed = batch->writer.append(batch->device, record.type, record.as.uuid, record.payload);
    if (!sealed) {
        const auto error = from_crypto(sealed.error());
        if (error != Error::payload_too_large) (void)abandon(batch);
        return tl::unexpected(error);
    }
    if (record.type == crypto::RecordType::withdraw) ++batch->withdrawals;
    const Record* const noted = record.draft != nullptr ? &record : nullptr;
    if (auto announced = announce(*batch, *sealed, record.draft, noted); !announced) {
        (void)abandon(batch);
        return announced;
    }
    if (const auto written = outbox_->write_open(batch->name, sealed->file, today()); !written) {
        // What stands there now decides: the old file, or in spite of the error the new one.
        const auto decided = abandon(batch);
        if (decided && is_sealed()) return {};
        return tl::unexpected(from_outbox(written.error()));
    }
    reached(Step::written);
    if (auto recorded = this->record(study); !recorded) {
        (void)abandon(batch);
        if (is_sealed()) return {};
        return recorded;
    }
    batch->writer.commit();

    // The record is safe; whatever happens to its batch now is no concern of the caller's.
    if (batch->writer.count() >= records_to_finish || batch->writer.sealed_bytes() >= bytes_to_finish)
        (void)finish(batch);
    return {};
}

Result<void> Sealing::withdraw(const StudyId& study, const crypto::WithdrawalCode& code) {
    if (auto old = finish_old(); !old) return old;
    if (auto cleared = clear_way(); !cleared) return cleared;
    const auto newest = Studies(*database_).newest_version(study);
    if (!newest) return tl::unexpected(newest.error());
    // Any batch takes it, of whatever form its interviews are.
    const auto open = std::ranges::find(open_, study, &OpenBatch::study);
    const auto batch = batch_for(study, open == open_.end() ? *newest : open->form_version);
    if (!batch) return tl::unexpected(batch.error());
    const auto uuid = crypto::random_id();  // of nothing else: BATCH_FORMAT.md, DATA and WITHDRAW
    if (!uuid) return tl::unexpected(from_crypto(uuid.error()));
    auto sealed = seal(*batch, {crypto::RecordType::withdraw, {*uuid, {}}, code.bytes});
    const auto kept = keeps_drafts();
    if (kept && !*kept) (void)finish_all();  // an unattended machine leaves no batch open
    return sealed;
}

}  // namespace fieldfare::store
