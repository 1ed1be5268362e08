#include "client/store/media_sealing.h"

#include <algorithm>

#include "client/store/faults.h"
#include "crypto/media_writer.h"
#include "sync/object_name.h"

namespace fieldfare::store {
namespace {

/// Parts sealed under other than this are not this submission's.
crypto::Bytes sealed_under(const SubmissionMedia& media, const MediaSealing::Seals& how) {
    crypto::Bytes under(how.submission.begin(), how.submission.end());
    under.insert(under.end(), media.withdrawal.begin(), media.withdrawal.end());
    for (int shift = 0; shift < 32; shift += 8)
        under.push_back(static_cast<std::uint8_t>(how.terms.newest_version >> shift));
    return under;
}

crypto::MediaContext context_of(const SubmissionMedia& media, const MediaSealing::Seals& how) {
    crypto::MediaContext context;
    context.routing_tag = sync::routing_tag(how.terms.tag);
    context.study = how.study;
    context.policy_digest = how.terms.policy_digest;
    context.policy_version = how.terms.policy_version;
    context.recipients = how.terms.recipients;
    context.quorum = how.terms.opening_quorum;
    context.submission = how.submission;
    context.withdrawal = media.withdrawal;
    context.pre_shared = how.terms.pre_shared_key;
    return context;
}

}  // namespace

Result<std::vector<schema::MediaFile>> MediaSealing::seal(const DraftId& draft, const SubmissionMedia& media,
                                                          const Seals& how) {
    if (auto done = discard_others(draft, media.names); !done) return tl::unexpected(done.error());
    const crypto::Bytes as = sealed_under(media, how);
    std::vector<schema::MediaFile> files;
    for (const std::string& name : media.names) {
        const auto file = find(draft, name);
        if (!file) return tl::unexpected(file.error());
        const auto stands = stands_sealed(*file, as);
        if (!stands) return tl::unexpected(stands.error());
        if (*stands) {
            files.push_back({name, file->size, crypto::to_hex(file->hash)});
            continue;
        }
        if (auto gone = attachments_.discard_parts(file->id); !gone) return tl::unexpected(gone.error());
        const auto hash = seal_file(*file, media, as, how);
        if (!hash) {
            (void)attachments_.discard_parts(file->id);  // else the next try does it
            return tl::unexpected(hash.error());
        }
        files.push_back({name, file->size, crypto::to_hex(*hash)});
    }
    if (!files.empty()) how.reached(Step::media_sealed);
    return files;
}

Result<MediaSealing::Found> MediaSealing::find(const DraftId& draft, const std::string& name) {
    Statement found = database_->prepare(
        "SELECT id, size, sealed_as, hash FROM attachment WHERE draft = ? AND name = ? AND whole = 1");
    const auto row = found.bind(1, std::string_view(draft)).bind(2, std::string_view(name)).step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return tl::unexpected(Error::unknown_attachment);
    const auto copy = [&found](int column) {
        const auto bytes = found.blob(column);
        return crypto::Bytes(bytes.begin(), bytes.end());
    };
    return Found{found.integer(0), static_cast<std::uint64_t>(found.integer(1)), copy(2), copy(3)};
}

/// What an earlier try has sealed of files that are not wanted now must not go along.
Result<void> MediaSealing::discard_others(const DraftId& draft, const std::vector<std::string>& names) {
    std::vector<std::int64_t> others;
    {
        Statement rows = database_->prepare(
            "SELECT id, name FROM attachment WHERE draft = ?"
            " AND EXISTS (SELECT 1 FROM draft_part WHERE draft_part.attachment = attachment.id) ORDER BY id");
        rows.bind(1, std::string_view(draft));
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::unexpected(row.error());
            if (!*row) break;
            if (std::ranges::find(names, rows.text(1)) == names.end()) others.push_back(rows.integer(0));
        }
    }
    for (const std::int64_t id : others) {
        if (auto gone = attachments_.discard_parts(id); !gone) return gone;
    }
    return {};
}

/// The disk may have lost or changed a part since, or not give it back: then it is sealed anew.
Result<bool> MediaSealing::stands_sealed(const Found& file, crypto::ByteView as) {
    if (!std::ranges::equal(file.sealed_as, as)) return false;
    Statement rows =
        database_->prepare("SELECT file_hash FROM draft_part WHERE attachment = ? ORDER BY part");
    rows.bind(1, file.id);
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return true;
        const auto there = outbox_->holds(std::string(rows.text(0)));
        if (!there || !*there) return false;
    }
}

Result<crypto::Digest> MediaSealing::seal_file(const Found& file, const SubmissionMedia& media,
                                               crypto::ByteView as, const Seals& how) {
    AttachedBytes bytes(*database_, file.id, file.size);
    const crypto::ByteSource source = bytes.source();
    const auto fault = [&bytes](crypto::Error error) {
        return tl::unexpected(bytes.fault() ? *bytes.fault() : from_crypto(error));
    };
    const auto writer = crypto::MediaWriter::prepare(context_of(media, how), source);
    if (!writer) return fault(writer.error());
    for (std::uint32_t part = 0; part < writer->parts(); ++part) {
        auto sealed = outbox_->begin_file(how.terms.tag, how.today);
        if (!sealed) return tl::unexpected(from_outbox(sealed.error()));
        std::optional<Error> refused;
        const auto done = writer->seal(part, how.keys.signing, how.keys.receipt, source,
                                       [&](crypto::ByteView more) -> crypto::Result<void> {
                                           const auto written = sealed->write(more);
                                           if (written) return {};
                                           refused = from_outbox(written.error());
                                           return tl::unexpected(crypto::Error::not_writable);
                                       });
        if (!done) return refused ? tl::unexpected(*refused) : fault(done.error());
        const auto hash = crypto::to_hex(done->sha256);
        if (auto announced = announce(file, part, done->id, hash); !announced)
            return tl::unexpected(announced.error());
        how.reached(Step::part_announced);
        if (const auto published = sealed->publish(hash); !published)
            return tl::unexpected(from_outbox(published.error()));
        how.reached(Step::part_written);
    }
    if (auto whole = database_->run("UPDATE attachment SET sealed_as = ?, hash = ? WHERE id = ?", as,
                                    crypto::ByteView(writer->hash()), file.id);
        !whole) {
        return tl::unexpected(whole.error());
    }
    return writer->hash();
}

Result<void> MediaSealing::announce(const Found& file, std::uint32_t part, const crypto::Digest& media_id,
                                    const sync::FileHash& hash) {
    return database_->run(
        "INSERT INTO draft_part (file_hash, attachment, part, media_id) VALUES (?, ?, ?, ?)", hash, file.id,
        part, crypto::ByteView(media_id));
}

}  // namespace fieldfare::store
