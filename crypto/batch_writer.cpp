#include "crypto/batch_writer.h"

#include <algorithm>

#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "crypto/cells.h"
#include "crypto/compression.h"

namespace fieldfare::crypto {

using batch::Codec;
using batch::Kind;
using batch::RecordPrefix;

namespace {

/// Wipes plaintext in ordinary memory on every way out.
struct Wiped {
    Bytes bytes;
    explicit Wiped(Bytes&& taken) : bytes(std::move(taken)) {}
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    ~Wiped() { wipe(bytes); }
};

Bytes encode_open_record(const BatchOpen& open, const ReceiptKey& receipt_key) {
    const Wiped content(batch::encode_open(open, receipt_key));
    const auto size = static_cast<std::uint32_t>(content.bytes.size());
    return batch::encode_record({Kind::open, Codec::raw, size, size, 0, {}}, content.bytes);
}

}  // namespace

struct BatchWriter::Keys {
    batch::ChainKey chain;    ///< of the next record: earlier ones do not follow from it
    batch::RecordKey record;  ///< zeros but while a record is sealed
    batch::CloseKey close;    ///< opens CLOSE only
    batch::PadKey pad;
};

struct BatchWriter::Pending {
    Bytes cells;
    Leaf leaf;
    std::size_t payload_size = 0;
};

BatchWriter::BatchWriter(BatchContext context) : context_(std::move(context)) {}
BatchWriter::BatchWriter(BatchWriter&&) noexcept = default;
BatchWriter& BatchWriter::operator=(BatchWriter&&) noexcept = default;
BatchWriter::~BatchWriter() = default;

Result<BatchWriter> BatchWriter::begin(BatchContext context, const SigningKey& device,
                                       const ReceiptKey& receipt_key) {
    BatchOpen& open = context.open;
    std::ranges::sort(open.recipients);
    open.dictionary_hash = crypto::dictionary_hash(context.dictionary);
    if (!batch::consistent(open) || open.device_key != device.verify_key())
        return tl::unexpected(Error::bad_argument);
    for (const BoxKey& recipient : open.recipients)
        if (auto checked = check(recipient); !checked) return tl::unexpected(checked.error());

    auto compressor = batch::Compressor::with(context.dictionary, context.effort);
    if (!compressor) return tl::unexpected(compressor.error());
    BatchWriter writer(std::move(context));
    writer.compressor_ = std::make_unique<batch::Compressor>(std::move(*compressor));
    auto header = batch::seal_header(writer.context_.routing_tag, writer.context_.open,
                                     writer.context_.pre_shared.get());
    if (!header) return tl::unexpected(header.error());
    writer.context_.pre_shared.reset();
    writer.header_ = std::move(header->bytes);
    writer.sha256_.update(writer.header_);
    writer.header_tag_ = header->header_tag;

    const auto content_key = header->content_key.expose();
    auto chain = batch::first_chain_key(content_key, writer.header_tag_);
    auto record_key = batch::RecordKey::zeroed();
    auto close = batch::close_key(content_key, writer.header_tag_);
    auto pad = batch::pad_key(content_key, writer.header_tag_);
    if (!chain || !record_key || !close || !pad) return tl::unexpected(Error::out_of_memory);
    writer.keys_ = std::make_unique<Keys>(
        Keys{std::move(*chain), std::move(*record_key), std::move(*close), std::move(*pad)});

    const Wiped record(encode_open_record(writer.context_.open, receipt_key));
    auto pending = writer.seal_next(record.bytes, 0);
    if (!pending) return tl::unexpected(pending.error());
    writer.take(std::move(*pending));
    return writer;
}

/// Seals a record under the key of its place; `take` moves the writer on.
Result<BatchWriter::Pending> BatchWriter::seal_next(ByteView record, std::size_t payload_size) {
    batch::derive_record_key(keys_->record, keys_->chain);
    auto cells = batch::seal_record(keys_->record.expose(), record);
    keys_->record.wipe();
    if (!cells) return tl::unexpected(cells.error());
    const auto first_cell = static_cast<std::uint32_t>(cells_.size() / batch::cell_size);
    const Leaf leaf{batch::leaf_hash(static_cast<std::uint32_t>(leaves_.size()), *cells), first_cell};
    return Pending{std::move(*cells), leaf, payload_size};
}

/// The record's key goes with its chain key: what is left leads to later records only.
void BatchWriter::take(Pending&& pending) {
    batch::advance(keys_->chain);
    cells_.insert(cells_.end(), pending.cells.begin(), pending.cells.end());
    sha256_.update(pending.cells);
    leaves_.push_back(pending.leaf);
    payload_total_ += pending.payload_size;
}

Result<SealedBatch> BatchWriter::append(const SigningKey& device, RecordType type, const Id& uuid,
                                        ByteView payload) {
    if (!keys_ || pending_) return tl::unexpected(Error::wrong_state);
    if (payload.empty()) return tl::unexpected(Error::bad_argument);
    if (payload.size() > max_payload || payload.size() > max_batch_payload - payload_total_ ||
        count() == max_records)
        return tl::unexpected(Error::too_large);

    auto frame = compressor_->compress(payload);
    if (!frame) return tl::unexpected(frame.error());
    const Wiped compressed(std::move(*frame));
    const bool smaller = !compressed.bytes.empty();
    const ByteView content = smaller ? ByteView(compressed.bytes) : payload;
    RecordPrefix prefix;
    prefix.kind = static_cast<Kind>(type);
    prefix.codec = smaller ? Codec::zstd : Codec::raw;
    prefix.stored_size = static_cast<std::uint32_t>(content.size());
    prefix.payload_size = static_cast<std::uint32_t>(payload.size());
    prefix.sequence = context_.open.first_record_sequence + count();
    prefix.uuid = uuid;
    const Wiped record(batch::encode_record(prefix, content));
    auto pending = seal_next(record.bytes, payload.size());
    if (!pending) return tl::unexpected(pending.error());
    auto sealed = closed(device, &*pending, Last::No, Provisional::Yes);
    if (sealed) pending_ = std::make_unique<Pending>(std::move(*pending));
    return sealed;
}

void BatchWriter::commit() {
    if (!pending_) return;
    take(std::move(*pending_));
    pending_.reset();
}

Result<SealedBatch> BatchWriter::current(const SigningKey& device) const {
    if (!keys_ || pending_) return tl::unexpected(Error::wrong_state);
    return closed(device, nullptr, Last::No, Provisional::Yes);
}

Result<SealedBatch> BatchWriter::finish(const SigningKey& device, Last last) {
    if (!keys_ || pending_) return tl::unexpected(Error::wrong_state);
    auto sealed = closed(device, nullptr, last, Provisional::No);
    if (sealed) keys_.reset();
    return sealed;
}

/// Header, cells, CLOSE and padding, with the pending record when there is one.
Result<SealedBatch> BatchWriter::closed(const SigningKey& device, const Pending* pending, Last last,
                                        Provisional provisional) const {
    const BatchOpen& open = context_.open;
    if (device.verify_key() != open.device_key) return tl::unexpected(Error::bad_argument);
    SealedBatch sealed;
    sealed.file = header_;
    sealed.file.insert(sealed.file.end(), cells_.begin(), cells_.end());
    BatchClose close{open.study,
                     device_id(open.device_key),
                     open.batch_sequence,
                     open.previous_batch,
                     open.policy_digest,
                     open.first_record_sequence,
                     count(),
                     0,
                     last == Last::Yes,
                     provisional == Provisional::Yes,
                     leaves_};
    if (pending) {
        sealed.file.insert(sealed.file.end(), pending->cells.begin(), pending->cells.end());
        close.leaves.push_back(pending->leaf);
        ++close.count;
    }
    close.cells = static_cast<std::uint32_t>((sealed.file.size() - header_.size()) / batch::cell_size);

    Bytes content = batch::encode_close(close);
    sealed.id = batch::batch_id(header_tag_, content);
    const Signature signature = device.sign("FFB1 close sig 1", {header_tag_, content});
    content.insert(content.end(), signature.begin(), signature.end());
    const auto size = static_cast<std::uint32_t>(content.size());
    const auto cells = batch::seal_record(
        keys_->close.expose(), batch::encode_record({Kind::close, Codec::raw, size, size, 0, {}}, content));
    if (!cells) return tl::unexpected(cells.error());
    sealed.file.insert(sealed.file.end(), cells->begin(), cells->end());

    const std::size_t used = (sealed.file.size() - header_.size()) / batch::cell_size;
    const Bytes padding =
        batch::padding(keys_->pad, sealed.id, (batch::padded_cells(used) - used) * batch::cell_size);
    sealed.file.insert(sealed.file.end(), padding.begin(), padding.end());
    Sha256 sha256 = sha256_;
    sha256.update(ByteView(sealed.file).subspan(header_.size() + cells_.size()));
    sealed.sha256 = sha256.finish();
    sealed.count = close.count;
    sealed.next_record_sequence = open.first_record_sequence + close.count;
    sealed.last_leaf = close.leaves.back().hash;
    return sealed;
}

}  // namespace fieldfare::crypto
