#include "crypto/media_layout.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/batch_header.h"
#include "crypto/hash.h"
#include "crypto/little_endian.h"

namespace fieldfare::crypto {

MediaHash::MediaHash(const MediaKey& key) : hash_(key.expose(), "FFB1 media file ") {}

bool says_media(ByteView first_bytes) {
    return first_bytes.size() >= bytes_that_say_media &&
           std::ranges::equal(first_bytes.first(batch::magic.size()), batch::magic) &&
           first_bytes[10] == batch::cell_log2_media;
}

Result<BatchOutline> media_outline_of_damaged(const ByteSource& file) {
    if (file.size > max_media_part_file) return tl::unexpected(Error::too_large);
    std::array<std::uint8_t, batch::prologue_size> prologue{};
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(file.size, prologue.size()));
    if (auto read = file.read(0, std::span(prologue).first(there)); !read)
        return tl::unexpected(read.error());
    auto outline = batch::decode_prologue(ByteView(prologue).first(there), file.size, batch::cell_log2_media);
    if (!outline) return outline;
    const std::size_t header = batch::header_size(outline->slots);
    outline->cells = static_cast<std::size_t>(file.size - header) / media::cell_size;
    if (auto read = file.read(header - batch::header_tag_size, outline->header_tag); !read)
        return tl::unexpected(read.error());
    return outline;
}

Result<BatchOutline> media_outline_of(const ByteSource& file) {
    auto outline = media_outline_of_damaged(file);
    if (!outline) return outline;
    if (file.size != batch::header_size(outline->slots) + std::uint64_t{outline->cells} * media::cell_size ||
        outline->cells != media::padded_cells(outline->cells))
        return tl::unexpected(Error::damaged);
    return outline;
}

}  // namespace fieldfare::crypto

namespace fieldfare::crypto::media {

namespace {

constexpr std::uint16_t head_version = 1;

tl::unexpected<Error> forged() {
    return tl::unexpected(Error::forged);
}

}  // namespace

std::size_t padded_cells(std::size_t cells) {
    return batch::padme(std::max(cells, min_cells));
}

Result<StreamKey> stream_key(batch::KeyBytes content_key, const Digest& header_tag) {
    return derive<StreamKey>(content_key, "FFB1 media key  ", {header_tag});
}

Result<PadKey> pad_key(batch::KeyBytes content_key, const Digest& header_tag) {
    return derive<PadKey>(content_key, "FFB1 media pad  ", {header_tag});
}

Digest redaction_mark(batch::KeyBytes content_key, const Digest& header_tag) {
    return keyed_hash(content_key, "FFB1 media gone ", {header_tag});
}

KeyedHash part_hash(const MediaKey& key, std::uint32_t part) {
    Bytes number;
    put_u32(number, part);
    return KeyedHash(key.expose(), "FFB1 media part ", {number});
}

MediaId media_id(const Digest& header_tag, ByteView body) {
    return hash("FFB1 media id   ", {header_tag, body});
}

BatchOpen as_open(const MediaHead& head) {
    BatchOpen open;
    open.study = head.study;
    open.policy_digest = head.policy_digest;
    open.recipients = head.recipients;
    open.quorum = head.quorum;
    return open;
}

bool consistent(const MediaHead& head) {
    return batch::consistent(as_open(head)) && head.size >= 1 && head.size <= max_media_size &&
           head.part < media_parts(head.size);
}

Bytes encode_head(const MediaHead& head, const ReceiptKey& receipt_key, const MediaKey& media_key) {
    Bytes out;
    out.reserve(head_size);  // one allocation: it holds keys and is wiped as a whole
    put_u16(out, head_version);
    put_u8(out, head.quorum);
    put_u8(out, 0);
    put(out, head.study);
    put(out, head.device_key.bytes);
    put(out, head.policy_digest);
    put_u32(out, head.policy_version);
    put_u32(out, 0);
    put(out, receipt_key.expose());
    put(out, head.submission);
    put(out, head.withdrawal);
    put_u64(out, head.size);
    put_u32(out, head.part);
    put_u32(out, 0);
    put(out, media_key.expose());
    put(out, head.media_hash);
    put(out, head.part_hash);
    put_u8(out, static_cast<std::uint8_t>(head.recipients.size()));
    for (const BoxKey& recipient : head.recipients) put(out, recipient.bytes);
    return out;
}

Result<DecodedHead> decode_head(ByteView bytes) {
    FieldReader fields(bytes);
    if (fields.u16() != head_version) return tl::unexpected(Error::unsupported);
    MediaHead head;
    head.quorum = fields.u8();
    if (fields.u8() != 0) return tl::unexpected(Error::unsupported);
    head.study = fields.array<16>();
    head.device_key.bytes = fields.array<32>();
    head.policy_digest = fields.array<32>();
    head.policy_version = fields.u32();
    if (fields.u32() != 0) return tl::unexpected(Error::unsupported);
    auto receipt_bytes = fields.array<32>();
    auto receipt_key = ReceiptKey::take(receipt_bytes);
    head.submission = fields.array<16>();
    head.withdrawal = fields.array<32>();
    head.size = fields.u64();
    head.part = fields.u32();
    const std::uint32_t gap = fields.u32();
    auto media_bytes = fields.array<32>();
    auto media_key = MediaKey::take(media_bytes);
    head.media_hash = fields.array<32>();
    head.part_hash = fields.array<32>();
    if (!receipt_key || !media_key) return tl::unexpected(Error::out_of_memory);
    if (gap != 0) return tl::unexpected(Error::unsupported);
    const std::size_t recipients = fields.u8();
    if (recipients > max_recipients) return forged();
    for (std::size_t i = 0; i < recipients; ++i) head.recipients.push_back({fields.array<32>()});
    const std::size_t body_size = bytes.size() - fields.left();
    const auto signature = fields.array<64>();
    if (!fields.whole() || !all_zero(fields.take(fields.left())) || !consistent(head)) return forged();
    if (auto checked = check(head.device_key); !checked) return tl::unexpected(checked.error());
    for (const BoxKey& recipient : head.recipients)
        if (auto checked = check(recipient); !checked) return tl::unexpected(checked.error());
    return DecodedHead{std::move(head), std::move(*receipt_key), std::move(*media_key), body_size, signature};
}

void Padding::next(std::span<std::uint8_t> into) {
    std::ranges::fill(into, std::uint8_t{0});
    crypto_stream_xchacha20_xor_ic(into.data(), into.data(), into.size(), id_.data(), block_,
                                   key_->expose().data());
    block_ += piece / 64;
}

}  // namespace fieldfare::crypto::media
