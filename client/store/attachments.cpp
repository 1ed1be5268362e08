#include "client/store/attachments.h"

#include <algorithm>

#include "client/store/faults.h"
#include "client/store/vault_kind.h"
#include "schema/media_file.h"

namespace fieldfare::store {

// Not in the header: there clang 14 believes that it has no default constructor until the class around it
// ends.
Attachments::Incoming::Incoming() = default;

Attachments::Incoming::~Incoming() {
    crypto::wipe(piece);
}

Result<void> Attachments::begin(const DraftId& draft, std::string_view name) {
    drop();
    const auto kind = vault_kind(*database_);
    if (!kind) return tl::unexpected(kind.error());
    if (*kind == VaultKind::unattended) return tl::unexpected(Error::unattended_vault);
    {
        Statement known = database_->prepare("SELECT 1 FROM draft WHERE id = ?");
        const auto row = known.bind(1, std::string_view(draft)).step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return tl::unexpected(Error::unknown_draft);
    }
    Statement put = database_->prepare(
        "INSERT INTO attachment (draft, name, size, whole, named) VALUES (?, ?, 0, 0, 0) RETURNING id");
    const auto row = put.bind(1, std::string_view(draft)).bind(2, name).step();
    if (!row) return tl::unexpected(row.error());
    const std::int64_t id = put.integer(0);
    if (const auto done = put.step(); !done) return tl::unexpected(done.error());  // commits
    incoming_.emplace();
    incoming_->id = id;
    incoming_->piece.reserve(attachment_piece);
    return {};
}

Result<void> Attachments::add(crypto::ByteView bytes) {
    if (!incoming_) return tl::unexpected(Error::internal);
    if (bytes.size() > schema::max_media_bytes - incoming_->size) {
        drop();
        return tl::unexpected(Error::file_too_large);
    }
    incoming_->size += bytes.size();
    while (!bytes.empty()) {
        const auto now = bytes.first(std::min(bytes.size(), attachment_piece - incoming_->piece.size()));
        incoming_->piece.insert(incoming_->piece.end(), now.begin(), now.end());
        bytes = bytes.subspan(now.size());
        if (incoming_->piece.size() < attachment_piece) break;
        if (auto written = write_piece(); !written) {
            drop();
            return written;
        }
    }
    return {};
}

Result<void> Attachments::write_piece() {
    auto written = database_->run("INSERT INTO attachment_piece (attachment, number, bytes) VALUES (?, ?, ?)",
                                  incoming_->id, incoming_->pieces, crypto::ByteView(incoming_->piece));
    ++incoming_->pieces;
    crypto::wipe(incoming_->piece);
    incoming_->piece.clear();
    return written;
}

Result<std::uint64_t> Attachments::end() {
    if (!incoming_) return tl::unexpected(Error::internal);
    const auto ended = [this]() -> Result<void> {
        if (incoming_->size == 0) return tl::unexpected(Error::empty_file);
        if (!incoming_->piece.empty()) {
            if (auto written = write_piece(); !written) return written;
        }
        if (auto whole =
                database_->run("UPDATE attachment SET whole = 1, size = ? WHERE id = ? AND draft IS NOT NULL",
                               incoming_->size, incoming_->id);
            !whole) {
            return whole;
        }
        if (database_->changed() == 0) return tl::unexpected(Error::unknown_draft);  // deleted meanwhile
        return {};
    }();
    if (!ended) {
        drop();
        return tl::unexpected(ended.error());
    }
    const std::uint64_t size = incoming_->size;
    incoming_.reset();
    return size;
}

void Attachments::drop() {
    if (!incoming_) return;
    const std::int64_t id = incoming_->id;
    incoming_.reset();
    // Where there is no room to overwrite now, the next sweep does it.
    if (database_->run("UPDATE attachment SET draft = NULL WHERE id = ?", id)) (void)sweep();
}

Result<std::vector<Attachment>> Attachments::list(const DraftId& draft) {
    Statement rows =
        database_->prepare("SELECT name, size FROM attachment WHERE draft = ? AND whole = 1 ORDER BY id");
    rows.bind(1, std::string_view(draft));
    std::vector<Attachment> files;
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return files;
        files.push_back({std::string(rows.text(0)), static_cast<std::uint64_t>(rows.integer(1))});
    }
}

Result<void> Attachments::leave_unnamed(const DraftId& draft) {
    return database_->run(
        "UPDATE attachment SET draft = NULL WHERE draft = ?1"
        " AND name NOT IN (SELECT value FROM entry WHERE entry.draft = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.draft = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM draft WHERE id = ?1 AND payload IS NOT NULL)",
        draft);
}

Result<void> Attachments::leave_unfinished() {
    return database_->run("UPDATE attachment SET draft = NULL WHERE whole = 0 AND draft IS NOT NULL");
}

Result<void> Attachments::sweep() {
    std::vector<std::int64_t> left;
    {
        Statement rows = database_->prepare("SELECT id FROM attachment WHERE draft IS NULL ORDER BY id");
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            left.push_back(rows.integer(0));
        }
    }
    if (left.empty()) return {};
    for (const std::int64_t id : left) {
        if (incoming_ && incoming_->id == id) continue;  // its draft has gone; add() and end() will see
        if (auto done = discard_parts(id); !done) return done;
        do {
            if (auto gone = database_->run(
                    "DELETE FROM attachment_piece WHERE rowid ="
                    " (SELECT rowid FROM attachment_piece WHERE attachment = ? ORDER BY number LIMIT 1)",
                    id);
                !gone) {
                return gone;
            }
        } while (database_->changed() != 0);
        if (auto gone = database_->run("DELETE FROM attachment WHERE id = ?", id); !gone) return gone;
    }
    return database_->checkpoint();
}

Result<void> Attachments::discard_parts(std::int64_t attachment) {
    std::vector<sync::FileHash> parts;
    {
        Statement rows =
            database_->prepare("SELECT file_hash FROM draft_part WHERE attachment = ? ORDER BY part");
        rows.bind(1, attachment);
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            parts.emplace_back(rows.text(0));
        }
    }
    // The files first: on a full disk the database has no room before they are gone.
    for (const sync::FileHash& part : parts) {
        if (const auto gone = outbox_->discard(part); !gone) return tl::unexpected(from_outbox(gone.error()));
    }
    if (auto done = database_->run("UPDATE attachment SET sealed_as = NULL WHERE id = ?", attachment); !done)
        return done;
    return database_->run("DELETE FROM draft_part WHERE attachment = ?", attachment);
}

// --- reading back -----------------------------------------------------------------------------------

AttachedBytes::~AttachedBytes() {
    crypto::wipe(piece_);
}

crypto::ByteSource AttachedBytes::source() {
    return {size_, [this](std::uint64_t at, std::span<std::uint8_t> into) { return read(at, into); }};
}

crypto::Result<void> AttachedBytes::read(std::uint64_t at, std::span<std::uint8_t> into) {
    while (!into.empty()) {
        const auto number = static_cast<std::int64_t>(at / attachment_piece);
        const auto from = static_cast<std::size_t>(at % attachment_piece);
        if (fetched_ != number) {
            if (const auto done = fetch(number); !done) {
                fault_ = done.error();
                return tl::unexpected(crypto::Error::not_readable);
            }
        }
        if (from >= piece_.size()) {
            fault_ = Error::database_damaged;
            return tl::unexpected(crypto::Error::not_readable);
        }
        const auto count = std::min(into.size(), piece_.size() - from);
        std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(from), count, into.begin());
        into = into.subspan(count);
        at += count;
    }
    return {};
}

Result<void> AttachedBytes::fetch(std::int64_t number) {
    fetched_.reset();
    Statement found =
        database_->prepare("SELECT bytes FROM attachment_piece WHERE attachment = ? AND number = ?");
    const auto row = found.bind(1, attachment_).bind(2, number).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::database_damaged);
    const crypto::ByteView bytes = found.blob(0);
    crypto::wipe(piece_);
    piece_.assign(bytes.begin(), bytes.end());
    fetched_ = number;
    return {};
}

}  // namespace fieldfare::store
