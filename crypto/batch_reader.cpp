#include "crypto/batch_reader.h"

#include <algorithm>

#include "crypto/batch_checks.h"
#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "crypto/cells.h"
#include "crypto/compression.h"

namespace fieldfare::crypto {

using batch::Codec;
using batch::ContentKey;
using batch::Kind;
using batch::plain;
using batch::RecordPrefix;

namespace {

tl::unexpected<Error> forged() {
    return tl::unexpected(Error::forged);
}

/// A record that has been decrypted and not yet been believed.
struct Decrypted {
    RecordPrefix prefix;
    std::size_t content_at = 0;  ///< in the contents of the batch
    Leaf leaf;
};

/// Everything in the cells before the padding, in the order of the file.
struct Decryption {
    std::vector<Decrypted> records;  ///< OPEN first
    Bytes contents;                  ///< of all records but CLOSE, as they stood in them
    Bytes close;
    std::size_t cells_before_close = 0;
    std::size_t cells_used = 0;

    Decryption() = default;
    Decryption(Decryption&&) = default;
    Decryption& operator=(Decryption&&) = default;
    ~Decryption() { wipe(contents); }

    ByteView content_of(const Decrypted& record) const {
        return ByteView(contents).subspan(record.content_at, record.prefix.stored_size);
    }
};

/// Walks the records under the keys of their places until the one that opens with the key of CLOSE.
Result<Decryption> decrypt(ByteView cells, const ContentKey& content_key, const Digest& header_tag) {
    auto chain = batch::first_chain_key(content_key.expose(), header_tag);
    const auto close_key = batch::close_key(content_key.expose(), header_tag);
    if (!chain || !close_key) return tl::unexpected(Error::out_of_memory);
    auto ratchet = batch::Ratchet::start(std::move(*chain));
    if (!ratchet) return tl::unexpected(ratchet.error());

    Decryption all;
    all.contents.reserve(cells.size());  // so that no copy of it is left behind by growing
    batch::RecordOpener opener;
    std::size_t payload_total = 0;
    while (true) {
        const std::size_t at = all.cells_used;
        const ByteView rest = cells.subspan(at * batch::cell_size);
        auto opened = opener.open(ratchet->record_key(), rest);
        if (!opened && opened.error() == Error::not_openable) {
            opened = opener.open(close_key->expose(), rest);
            if (!opened)
                return tl::unexpected(opened.error() == Error::not_openable ? Error::damaged
                                                                            : opened.error());
            if (all.records.empty()) return tl::unexpected(Error::damaged);  // cells in another order
            if (opened->prefix.kind != Kind::close || !plain(opened->prefix)) return forged();
            all.cells_before_close = at;
            all.cells_used += opened->cells;
            all.close.assign(opened->content.begin(), opened->content.end());
            return all;
        }
        if (!opened) return tl::unexpected(opened.error());
        const bool first = all.records.empty();
        const Kind kind = opened->prefix.kind;
        if (first ? kind != Kind::open || !plain(opened->prefix)
                  : kind != Kind::data && kind != Kind::withdraw)
            return forged();
        if (all.records.size() > max_records) return tl::unexpected(Error::too_large);
        if (!first) payload_total += opened->prefix.payload_size;
        if (payload_total > max_batch_payload) return tl::unexpected(Error::too_large);

        const auto index = static_cast<std::uint32_t>(all.records.size());
        const Digest leaf = batch::leaf_hash(index, rest.first(opened->cells * batch::cell_size));
        all.records.push_back({opened->prefix, all.contents.size(), {leaf, static_cast<std::uint32_t>(at)}});
        all.contents.insert(all.contents.end(), opened->content.begin(), opened->content.end());
        all.cells_used += opened->cells;
        ratchet->advance();
    }
}

/// Whether CLOSE is the device's signed word on exactly these records. Once the signature holds, cells that
/// are not those of CLOSE are someone else's doing: the file is damaged, the device has forged nothing.
Result<void> check_close(const BatchOpen& open, const batch::DecodedClose& decoded, const Decryption& all,
                         const Digest& header_tag) {
    const BatchClose& close = decoded.close;
    if (!verify_checked(open.device_key, "FFB1 close sig 1", {header_tag, decoded.body}, decoded.signature))
        return forged();
    const bool same_leaves = std::ranges::equal(close.leaves, all.records, {}, {}, &Decrypted::leaf);
    if (close.cells != all.cells_before_close || !same_leaves) return tl::unexpected(Error::damaged);
    if (!batch::agree(open, close)) return forged();
    for (std::size_t i = 1; i < all.records.size(); ++i)
        if (all.records[i].prefix.sequence != open.first_record_sequence + i - 1) return forged();
    return {};
}

struct Verified {
    OpenedBatch batch;
    Decryption decryption;
};

/// Everything behind the header. `check_opener` sees OPEN once it is known to be the device's word.
template <class CheckOpener>
Result<Verified> verified_with(const ContentKey& content_key, ByteView file, const BatchOutline& outline,
                               CheckOpener&& check_opener) {
    const ByteView cells = file.subspan(batch::header_size(outline.slots));
    auto all = decrypt(cells, content_key, outline.header_tag);
    if (!all) return tl::unexpected(all.error());

    auto decoded_open = batch::decode_open(all->content_of(all->records.front()));
    if (!decoded_open) return tl::unexpected(decoded_open.error());
    const BatchOpen& open = decoded_open->open;
    auto decoded_close = batch::decode_close(all->close);
    if (!decoded_close) return tl::unexpected(decoded_close.error());
    if (auto checked = check_close(open, *decoded_close, *all, outline.header_tag); !checked)
        return tl::unexpected(checked.error());
    if (Result<void> checked = check_opener(open); !checked) return tl::unexpected(checked.error());

    const BatchId id = batch::batch_id(outline.header_tag, decoded_close->body);
    const auto pad_key = batch::pad_key(content_key.expose(), outline.header_tag);
    if (!pad_key) return tl::unexpected(pad_key.error());
    const ByteView padding = cells.subspan(all->cells_used * batch::cell_size);
    if (outline.cells != batch::padded_cells(all->cells_used) ||
        !equal(batch::padding(*pad_key, id, padding.size()), padding))
        return tl::unexpected(Error::damaged);

    OpenedBatch opened{outline.header_tag,
                       id,
                       std::move(decoded_open->open),
                       std::move(decoded_close->close),
                       std::move(decoded_open->receipt_key),
                       std::nullopt,
                       {}};
    return Verified{std::move(opened), std::move(*all)};
}

Result<Verified> verified(ByteView file, std::span<const Identity> identities, const StudyMaterial& material,
                          std::span<const ReleasedShare> shares) {
    const auto outline = outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    const auto header = batch::open_header(file, *outline, identities, material, shares);
    if (!header) return tl::unexpected(header.error());
    auto whole = verified_with(header->content_key, file, *outline, [&](const BatchOpen& open) {
        return batch::check_sealed_to(file, *outline, *header, open, identities);
    });
    if (whole) whole->batch.identity = header->identity;
    return whole;
}

Result<Verified> verified(ByteView file, const ArchivedKey& key) {
    const auto outline = outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    const auto content_key = batch::archived_content_key(file, *outline, key);
    if (!content_key) return tl::unexpected(content_key.error());
    auto whole = verified_with(*content_key, file, *outline, [](const BatchOpen&) { return Result<void>(); });
    if (whole && whole->batch.id != key.batch) return tl::unexpected(Error::damaged);
    return whole;
}

/// From here on the bytes are the device's word; only now does anything parse them.
Result<std::vector<BatchRecord>> contents_of(const Verified& verified,
                                             const batch::DecodingDictionary* dictionary) {
    auto decompressor = batch::Decompressor::with(dictionary);
    if (!decompressor) return tl::unexpected(decompressor.error());
    std::vector<BatchRecord> records;
    const auto& decrypted = verified.decryption.records;
    records.reserve(decrypted.size() - 1);
    for (std::size_t i = 1; i < decrypted.size(); ++i) {
        const RecordPrefix& prefix = decrypted[i].prefix;
        auto payload = batch::payload_of(*decompressor, prefix, verified.decryption.content_of(decrypted[i]));
        if (!payload) return tl::unexpected(payload.error());
        records.push_back(
            {static_cast<RecordType>(prefix.kind), prefix.sequence, prefix.uuid, std::move(*payload)});
    }
    return records;
}

Result<OpenedBatch> with_contents(Result<Verified> whole, const StudyMaterial& material) {
    if (!whole) return tl::unexpected(whole.error());
    const batch::DecodingDictionary* dictionary = nullptr;
    const bool needed = std::ranges::any_of(
        whole->decryption.records, [](const Decrypted& each) { return each.prefix.codec == Codec::zstd; });
    if (needed) {
        const auto found = batch::dictionary_of(whole->batch.open, material);
        if (!found) return tl::unexpected(found.error());
        dictionary = *found;
    }
    auto records = contents_of(*whole, dictionary);
    if (!records) return tl::unexpected(records.error());
    whole->batch.records = std::move(*records);
    return std::move(whole->batch);
}

}  // namespace

Result<OpenedBatch> inspect_batch(ByteView file, std::span<const Identity> identities,
                                  const StudyMaterial& material, std::span<const ReleasedShare> shares) {
    return verified(file, identities, material, shares).map([](Verified&& whole) {
        return std::move(whole.batch);
    });
}

Result<OpenedBatch> inspect_batch(ByteView file, const ArchivedKey& key) {
    return verified(file, key).map([](Verified&& whole) { return std::move(whole.batch); });
}

Result<OpenedBatch> read_batch(ByteView file, std::span<const Identity> identities,
                               const StudyMaterial& material, std::span<const ReleasedShare> shares) {
    return with_contents(verified(file, identities, material, shares), material);
}

Result<OpenedBatch> read_batch(ByteView file, const ArchivedKey& key, const StudyMaterial& material) {
    return with_contents(verified(file, key), material);
}

Succession compare(const OpenedBatch& first, const OpenedBatch& second) {
    if (first.header_tag != second.header_tag) return Succession::unrelated;
    if (first.id == second.id) return Succession::same;
    const auto& a = first.close.leaves;
    const auto& b = second.close.leaves;
    const std::size_t shared = std::min(a.size(), b.size());
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(shared), b.begin()))
        return Succession::branched;
    if (a.size() != b.size()) {
        // A final version has nothing behind it: two that say otherwise are two branches.
        const bool shorter_is_final =
            a.size() < b.size() ? !first.close.provisional : !second.close.provisional;
        if (shorter_is_final) return Succession::branched;
        return a.size() > b.size() ? Succession::newer : Succession::older;
    }
    if (first.close.provisional == second.close.provisional) return Succession::branched;
    return second.close.provisional ? Succession::newer : Succession::older;
}

std::vector<BatchId> provisional_ids(const OpenedBatch& batch) {
    std::vector<BatchId> ids;
    BatchClose close = batch.close;
    close.last = false;
    close.provisional = true;
    while (!close.leaves.empty()) {
        close.count = static_cast<std::uint32_t>(close.leaves.size()) - 1;
        close.cells = close.leaves.size() < batch.close.leaves.size()
                          ? batch.close.leaves[close.leaves.size()].first_cell
                          : batch.close.cells;
        ids.push_back(batch::batch_id(batch.header_tag, batch::encode_close(close)));
        close.leaves.pop_back();
    }
    std::ranges::reverse(ids);
    return ids;
}

}  // namespace fieldfare::crypto
