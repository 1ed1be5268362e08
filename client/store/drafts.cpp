#include "client/store/drafts.h"

#include <algorithm>

#include "client/store/vault_kind.h"

namespace fieldfare::store {

namespace {

constexpr std::string_view select_drafts =
    "SELECT draft.id, draft.study, draft.version, package.form_version, draft.started_day, draft.changed_day,"
    // What the program has filled in was seen by nobody.
    " (SELECT count(*) FROM entry WHERE entry.draft = draft.id AND (entry.value <> '' OR entry.missing IS "
    "NOT NULL) AND entry.seen = 1),"
    " draft.minutes, draft.language,"
    " draft.payload IS NOT NULL OR EXISTS (SELECT 1 FROM pending WHERE pending.draft = draft.id)"
    " FROM draft JOIN package ON package.study = draft.study AND package.version = draft.version ";

DraftSummary summary_of(const Statement& row) {
    DraftSummary summary;
    summary.id = row.text(0);
    std::ranges::copy(row.blob(1).first(summary.study.size()), summary.study.begin());  // CHECKed to be 16
    summary.package_version = static_cast<std::uint32_t>(row.integer(2));
    summary.form_version = row.text(3);
    summary.started_day = row.text(4);
    summary.changed_day = row.text(5);
    summary.answered = static_cast<int>(row.integer(6));
    summary.minutes = static_cast<int>(row.integer(7));
    summary.language = static_cast<std::size_t>(row.integer(8));
    summary.finalising = row.integer(9) != 0;
    return summary;
}

}  // namespace

Result<void> Drafts::can_be() const {
    const auto kind = vault_kind(*database_);
    if (!kind) return tl::unexpected(kind.error());
    if (*kind == VaultKind::unattended) return tl::unexpected(Error::unattended_vault);
    return {};
}

Result<void> Drafts::can_change(const DraftId& id) const {
    if (auto can = can_be(); !can) return can;
    Statement found = database_->prepare("SELECT 1 FROM draft WHERE id = ? AND payload IS NOT NULL");
    const auto row = found.bind(1, std::string_view(id)).step();
    if (!row) return tl::unexpected(row.error());
    return *row ? tl::unexpected(Error::being_sealed) : Result<void>();
}

Result<void> Drafts::start(const DraftId& id, const StudyId& study, std::uint32_t package_version,
                           const DraftChange& first) {
    if (auto can = can_be(); !can) return can;
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    Statement known = database_->prepare("SELECT 1 FROM package WHERE study = ? AND version = ?");
    const auto row = known.bind(1, crypto::ByteView(study)).bind(2, std::int64_t{package_version}).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_study);
    if (auto added = database_->run(
            "INSERT INTO draft (id, study, version, started_day, changed_day, minutes, language)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            id, crypto::ByteView(study), package_version, first.day, first.day, first.minutes,
            first.language);
        !added) {
        return added;
    }
    if (auto written = write(id, first); !written) return written;
    return transaction->commit();
}

Result<void> Drafts::save(const DraftId& id, const DraftChange& change) {
    if (auto can = can_change(id); !can) return can;
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto touched =
            database_->run("UPDATE draft SET changed_day = ?, minutes = ?, language = ? WHERE id = ?",
                           change.day, change.minutes, change.language, id);
        !touched) {
        return touched;
    }
    if (database_->changed() == 0) return tl::unexpected(Error::unknown_draft);
    if (auto written = write(id, change); !written) return written;
    if (auto heeded = heed_names(id); !heeded) return heeded;
    return transaction->commit();
}

/// A file comes before its answer is saved, so only one that has been an answer can have stopped being it.
Result<void> Drafts::heed_names(const DraftId& id) {
    if (auto done = database_->run("UPDATE attachment SET named = 1 WHERE draft = ?1 AND named = 0"
                                   " AND name IN (SELECT value FROM entry WHERE entry.draft = ?1)",
                                   id);
        !done) {
        return done;
    }
    return database_->run(
        "UPDATE attachment SET draft = NULL WHERE draft = ?1 AND named = 1"
        " AND name NOT IN (SELECT value FROM entry WHERE entry.draft = ?1)",
        id);
}

Result<void> Drafts::write(const DraftId& id, const DraftChange& change) {
    if (change.extent == DraftChange::Extent::whole) {
        if (auto gone = database_->run("DELETE FROM entry WHERE draft = ?", id); !gone) return gone;
    }
    for (const std::string& path : change.removed) {
        if (auto gone = database_->run("DELETE FROM entry WHERE draft = ? AND path = ?", id, path); !gone)
            return gone;
    }
    for (const schema::DraftEntry& entry : change.entries) {
        Statement put = database_->prepare(
            "INSERT INTO entry (draft, path, value, missing, seen) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (draft, path) DO UPDATE"
            " SET value = excluded.value, missing = excluded.missing, seen = excluded.seen");
        put.bind(1, std::string_view(id))
            .bind(2, std::string_view(entry.path))
            .bind(3, std::string_view(entry.value));
        if (entry.missing) {
            put.bind(4, std::int64_t{static_cast<int>(*entry.missing)});
        } else {
            put.bind_null(4);
        }
        const auto row = put.bind(5, std::int64_t{entry.seen ? 1 : 0}).step();
        if (!row) return tl::unexpected(row.error());
    }
    return {};
}

Result<LoadedDraft> Drafts::load(const DraftId& id) {
    if (auto can = can_be(); !can) return tl::unexpected(can.error());
    LoadedDraft draft;
    {
        Statement found = database_->prepare(std::string(select_drafts) + "WHERE draft.id = ?");
        const auto row = found.bind(1, std::string_view(id)).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return tl::unexpected(Error::unknown_draft);
        draft.summary = summary_of(found);
    }
    Statement entries =
        database_->prepare("SELECT path, value, missing, seen FROM entry WHERE draft = ? ORDER BY id");
    entries.bind(1, std::string_view(id));
    for (;;) {
        const auto row = entries.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return draft;
        schema::DraftEntry entry{std::string(entries.text(0)), std::string(entries.text(1)), std::nullopt,
                                 entries.integer(3) != 0};
        if (!entries.null(2)) {
            entry.missing = schema::missing_from_code(static_cast<int>(entries.integer(2)));
            if (!entry.missing) return tl::unexpected(Error::database_damaged);
        }
        draft.entries.push_back(std::move(entry));
    }
}

Result<std::vector<DraftSummary>> Drafts::list(const StudyId& study) {
    if (auto can = can_be(); !can) {
        if (can.error() == Error::unattended_vault) return std::vector<DraftSummary>{};
        return tl::unexpected(can.error());
    }
    Statement found = database_->prepare(std::string(select_drafts) +
                                         "WHERE draft.study = ? ORDER BY draft.started_day, draft.id");
    found.bind(1, crypto::ByteView(study));
    std::vector<DraftSummary> drafts;
    for (;;) {
        const auto row = found.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return drafts;
        drafts.push_back(summary_of(found));
    }
}

Result<void> Drafts::remove(const DraftId& id) {
    if (auto can = can_change(id); !can) return can;
    auto transaction = database_->begin();
    if (!transaction) return tl::unexpected(transaction.error());
    if (auto gone = database_->run("DELETE FROM draft WHERE id = ?", id); !gone) return gone;
    if (database_->changed() == 0) return tl::unexpected(Error::unknown_draft);
    if (auto done = database_->overwrite_scratch(); !done) return done;
    if (auto committed = transaction->commit(); !committed) return committed;
    return database_->checkpoint();  // the deleted answers' older pages go from the log at once
}

}  // namespace fieldfare::store
