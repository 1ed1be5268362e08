#include "crypto/batch_salvage.h"

#include <algorithm>
#include <optional>

#include "crypto/batch_checks.h"
#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "crypto/cells.h"
#include "crypto/compression.h"

namespace fieldfare::crypto {

using batch::cell_size;
using batch::Codec;
using batch::Kind;
using batch::RecordPrefix;

namespace {

/// A record that holds, before decompression.
struct Held {
    std::uint32_t index = 0;
    RecordPrefix prefix;
    Bytes content;

    Held(std::uint32_t at, const RecordPrefix& its_prefix, ByteView its_content)
        : index(at), prefix(its_prefix), content(its_content.begin(), its_content.end()) {}
    Held(Held&&) = default;
    Held& operator=(Held&&) = default;
    ~Held() { wipe(content); }
};

/// The cells of one record, by what CLOSE says.
ByteView cells_of(ByteView cells, const BatchClose& close, std::size_t index) {
    const std::size_t begin = close.leaves[index].first_cell;
    const std::size_t end =
        index + 1 < close.leaves.size() ? close.leaves[index + 1].first_cell : close.cells;
    return cells.subspan(begin * cell_size, (end - begin) * cell_size);
}

bool signed_cells(ByteView cells, const BatchClose& close, std::size_t index) {
    return batch::leaf_hash(static_cast<std::uint32_t>(index), cells_of(cells, close, index)) ==
           close.leaves[index].hash;
}

/// Whether the first cells begin with 0, rise, and end before CLOSE, with no record too long.
bool lists_records(const BatchClose& close) {
    if (close.leaves.front().first_cell != 0) return false;
    for (std::size_t i = 0; i < close.leaves.size(); ++i) {
        const std::uint32_t begin = close.leaves[i].first_cell;
        const std::uint32_t end = i + 1 < close.leaves.size() ? close.leaves[i + 1].first_cell : close.cells;
        if (end <= begin || end - begin > batch::max_record_cells) return false;
    }
    return true;
}

struct FoundClose {
    BatchClose close;
    BatchId id{};
};

/// A record that opened under the close key, as CLOSE of this OPEN at this place.
Result<FoundClose> close_at(std::size_t place, const batch::RecordOpener::Opened& opened, ByteView cells,
                            const BatchOpen& open, std::size_t open_cells, const Digest& header_tag) {
    if (opened.prefix.kind != Kind::close || !batch::plain(opened.prefix))
        return tl::unexpected(Error::forged);
    auto decoded = batch::decode_close(opened.content);
    if (!decoded) return tl::unexpected(decoded.error());
    if (decoded->close.cells != place) return tl::unexpected(Error::damaged);
    if (!verify_checked(open.device_key, "FFB1 close sig 1", {header_tag, decoded->body}, decoded->signature))
        return tl::unexpected(Error::forged);
    if (!batch::agree(open, decoded->close) || !lists_records(decoded->close))
        return tl::unexpected(Error::forged);
    if (cells_of(cells, decoded->close, 0).size() != open_cells * cell_size ||
        !signed_cells(cells, decoded->close, 0))
        return tl::unexpected(Error::damaged);
    const BatchId id = batch::batch_id(header_tag, decoded->body);
    return FoundClose{std::move(decoded->close), id};
}

/// The last CLOSE that stands where it says, since it covers the most records. What opens under the close key
/// is passed as a whole, so each cell is tried at most twice.
Result<FoundClose> find_close(ByteView cells, const BatchOpen& open, std::size_t open_cells,
                              const Digest& header_tag, const batch::CloseKey& key) {
    batch::RecordOpener opener;
    std::optional<FoundClose> found;
    Error refusal = Error::damaged;
    for (std::size_t at = open_cells; at < cells.size() / cell_size;) {
        const auto opened = opener.open(key.expose(), cells.subspan(at * cell_size));
        if (opened) {
            auto close = close_at(at, *opened, cells, open, open_cells, header_tag);
            if (close)
                found = std::move(*close);
            else
                refusal = close.error();
        } else if (opened.error() != Error::not_openable) {
            refusal = opened.error();
        }
        at += std::max<std::size_t>(opener.cells_of_key(), 1);
    }
    if (!found) return tl::unexpected(refusal);
    return std::move(*found);
}

/// What must be as the device left it before a record counts for anything.
struct Frame {
    BatchOutline outline;
    ByteView cells;
    batch::DecodedOpen open;
    FoundClose close;
};

/// A frame that counts, and what its records open with.
struct OpenedFrame {
    Frame frame;
    batch::ContentKey content_key;
    std::optional<std::size_t> identity;  ///< as in OpenedBatch
};

Result<Frame> frame_under(const batch::ContentKey& content_key, ByteView file, const BatchOutline& outline) {
    const ByteView cells = file.subspan(batch::header_size(outline.slots), outline.cells * cell_size);
    auto chain = batch::first_chain_key(content_key.expose(), outline.header_tag);
    const auto close_key = batch::close_key(content_key.expose(), outline.header_tag);
    if (!chain || !close_key) return tl::unexpected(Error::out_of_memory);
    const auto ratchet = batch::Ratchet::start(std::move(*chain));
    if (!ratchet) return tl::unexpected(ratchet.error());

    batch::RecordOpener opener;
    const auto first = opener.open(ratchet->record_key(), cells);
    if (!first) return tl::unexpected(first.error() == Error::not_openable ? Error::damaged : first.error());
    if (first->prefix.kind != Kind::open || !batch::plain(first->prefix))
        return tl::unexpected(Error::forged);
    auto open = batch::decode_open(first->content);
    if (!open) return tl::unexpected(open.error());
    auto close = find_close(cells, open->open, first->cells, outline.header_tag, *close_key);
    if (!close) return tl::unexpected(close.error());
    return Frame{outline, cells, std::move(*open), std::move(*close)};
}

Result<OpenedFrame> opened_frame(ByteView file, std::span<const Identity> identities,
                                 const StudyMaterial& material, std::span<const ReleasedShare> shares) {
    const auto outline = outline_of_damaged(file);
    if (!outline) return tl::unexpected(outline.error());
    auto header = batch::open_header(file, *outline, identities, material, shares);
    if (!header) return tl::unexpected(header.error());
    auto frame = frame_under(header->content_key, file, *outline);
    if (!frame) return tl::unexpected(frame.error());
    const BatchOpen& open = frame->open.open;
    if (auto checked = batch::check_sealed_to(file, *outline, *header, open, identities); !checked)
        return tl::unexpected(checked.error());
    return OpenedFrame{std::move(*frame), std::move(header->content_key), header->identity};
}

Result<OpenedFrame> opened_frame(ByteView file, const ArchivedKey& key) {
    const auto outline = outline_of_damaged(file);
    if (!outline) return tl::unexpected(outline.error());
    auto content_key = batch::archived_content_key(file, *outline, key);
    if (!content_key) return tl::unexpected(content_key.error());
    auto frame = frame_under(*content_key, file, *outline);
    if (!frame) return tl::unexpected(frame.error());
    if (frame->close.id != key.batch) return tl::unexpected(Error::damaged);
    return OpenedFrame{std::move(*frame), std::move(*content_key), std::nullopt};
}

bool is_redacted(const batch::RedactKey& key, ByteView cells, const BatchClose& close, std::size_t index) {
    const ByteView its_cells = cells_of(cells, close, index);
    return equal(
        batch::redaction(key, static_cast<std::uint32_t>(index), close.leaves[index].hash, its_cells.size()),
        its_cells);
}

LostRecord lost(const BatchClose& close, std::size_t index, Loss why) {
    return {static_cast<std::uint32_t>(index), close.first_record_sequence + index - 1, why};
}

/// What the device says of the batch, and of which records the cells are not the ones that it signed.
Result<SalvagedBatch> without_records(OpenedFrame opened) {
    Frame& frame = opened.frame;
    const auto redact_key = batch::redact_key(opened.content_key.expose(), frame.outline.header_tag);
    if (!redact_key) return tl::unexpected(redact_key.error());
    SalvagedBatch salvaged{{frame.outline.header_tag,
                            frame.close.id,
                            std::move(frame.open.open),
                            std::move(frame.close.close),
                            std::move(frame.open.receipt_key),
                            opened.identity,
                            {}},
                           {}};
    const BatchClose& close = salvaged.batch.close;
    for (std::size_t i = 1; i < close.leaves.size(); ++i)
        if (!signed_cells(frame.cells, close, i))
            salvaged.lost.push_back(lost(
                close, i, is_redacted(*redact_key, frame.cells, close, i) ? Loss::redacted : Loss::rotten));
    return salvaged;
}

/// Its records besides.
Result<SalvagedBatch> with_records(OpenedFrame opened, const StudyMaterial& material) {
    const ByteView cells = opened.frame.cells;
    auto chain = batch::first_chain_key(opened.content_key.expose(), opened.frame.outline.header_tag);
    if (!chain) return tl::unexpected(chain.error());
    auto ratchet = batch::Ratchet::start(std::move(*chain));
    if (!ratchet) return tl::unexpected(ratchet.error());
    auto salvaged = without_records(std::move(opened));
    if (!salvaged) return salvaged;

    const BatchClose& close = salvaged->batch.close;
    const std::vector<LostRecord> not_signed = salvaged->lost;
    batch::RecordOpener opener;
    std::vector<Held> held;
    std::size_t payload_total = 0;
    bool compressed = false;
    for (std::size_t i = 1; i < close.leaves.size(); ++i) {
        ratchet->advance();  // no key hangs on the cells before: what rotted stops nothing
        if (std::ranges::binary_search(not_signed, i, {}, &LostRecord::index)) continue;
        const ByteView its_cells = cells_of(cells, close, i);
        const auto opened = opener.open(ratchet->record_key(), its_cells);
        if (!opened || opened->cells * cell_size != its_cells.size() ||
            (opened->prefix.kind != Kind::data && opened->prefix.kind != Kind::withdraw) ||
            opened->prefix.sequence != close.first_record_sequence + i - 1) {
            salvaged->lost.push_back(lost(close, i, Loss::faulty));
            continue;
        }
        payload_total += opened->prefix.payload_size;
        if (payload_total > max_batch_payload) return tl::unexpected(Error::too_large);
        compressed = compressed || opened->prefix.codec == Codec::zstd;
        held.emplace_back(static_cast<std::uint32_t>(i), opened->prefix, opened->content);
    }

    // From here on the bytes are the device's word; only now does anything parse them.
    const auto dictionary = compressed ? batch::dictionary_of(salvaged->batch.open, material)
                                       : Result<const batch::DecodingDictionary*>(nullptr);
    if (!dictionary) return tl::unexpected(dictionary.error());
    auto decompressor = batch::Decompressor::with(*dictionary);
    if (!decompressor) return tl::unexpected(decompressor.error());
    for (const Held& record : held) {
        auto payload = batch::payload_of(*decompressor, record.prefix, record.content);
        if (!payload && payload.error() != Error::bad_content) return tl::unexpected(payload.error());
        if (payload)
            salvaged->batch.records.push_back({static_cast<RecordType>(record.prefix.kind),
                                               record.prefix.sequence, record.prefix.uuid,
                                               std::move(*payload)});
        else
            salvaged->lost.push_back(lost(close, record.index, Loss::faulty));
    }
    std::ranges::sort(salvaged->lost, {}, &LostRecord::index);
    return salvaged;
}

Result<Bytes> redacted_in(const Result<OpenedFrame>& opened, ByteView file,
                          std::span<const std::uint32_t> indexes) {
    if (!opened) return tl::unexpected(opened.error());
    const Frame& frame = opened->frame;
    const auto key = batch::redact_key(opened->content_key.expose(), frame.outline.header_tag);
    if (!key) return tl::unexpected(key.error());
    const BatchClose& close = frame.close.close;
    Bytes redacted(file.begin(), file.end());
    for (const std::uint32_t index : indexes) {
        if (index == 0 || index > close.count) return tl::unexpected(Error::bad_argument);
        const ByteView its_cells = cells_of(frame.cells, close, index);
        const Bytes fill = batch::redaction(*key, index, close.leaves[index].hash, its_cells.size());
        std::ranges::copy(fill, redacted.begin() + (its_cells.data() - file.data()));
    }
    return redacted;
}

}  // namespace

Result<SalvagedBatch> salvage_batch(ByteView file, std::span<const Identity> identities,
                                    const StudyMaterial& material, std::span<const ReleasedShare> shares) {
    auto opened = opened_frame(file, identities, material, shares);
    if (!opened) return tl::unexpected(opened.error());
    return with_records(std::move(*opened), material);
}

Result<SalvagedBatch> salvage_batch(ByteView file, const ArchivedKey& key, const StudyMaterial& material) {
    auto opened = opened_frame(file, key);
    if (!opened) return tl::unexpected(opened.error());
    return with_records(std::move(*opened), material);
}

Result<SalvagedBatch> inspect_damaged_batch(ByteView file, std::span<const Identity> identities,
                                            const StudyMaterial& material,
                                            std::span<const ReleasedShare> shares) {
    return opened_frame(file, identities, material, shares).and_then(without_records);
}

Result<SalvagedBatch> inspect_damaged_batch(ByteView file, const ArchivedKey& key) {
    return opened_frame(file, key).and_then(without_records);
}

Result<Bytes> redact_records(ByteView file, std::span<const std::uint32_t> indexes,
                             std::span<const Identity> identities, const StudyMaterial& material,
                             std::span<const ReleasedShare> shares) {
    return redacted_in(opened_frame(file, identities, material, shares), file, indexes);
}

Result<Bytes> redact_records(ByteView file, std::span<const std::uint32_t> indexes, const ArchivedKey& key) {
    return redacted_in(opened_frame(file, key), file, indexes);
}

}  // namespace fieldfare::crypto
