#include "crypto/batch_layout.h"

#include <sodium.h>

#include <algorithm>
#include <bit>

#include "crypto/little_endian.h"

namespace fieldfare::crypto {

Id device_id(const VerifyKey& device_key) {
    return hash<16>("FFB1 device id  ", {device_key.bytes});
}

Digest dictionary_hash(ByteView dictionary) {
    if (dictionary.empty()) return {};
    return hash("FFB1 dictionary ", {dictionary});
}

}  // namespace fieldfare::crypto

namespace fieldfare::crypto::batch {

static_assert(sealed_slot_size == slot_plaintext_size + crypto_box_SEALBYTES);

std::size_t padme(std::size_t cells) {
    const int exponent = static_cast<int>(std::bit_width(cells)) - 1;
    const int kept = static_cast<int>(std::bit_width(static_cast<unsigned>(exponent)));
    const std::size_t mask = (std::size_t{1} << (exponent - kept)) - 1;
    return (cells + mask) & ~mask;
}

std::size_t padded_cells(std::size_t cells) {
    return padme(std::max(cells, min_cells));
}

Result<ContentKey> mixed(KeyBytes content_key, const PreSharedKey& key) {
    return derive<ContentKey>(content_key, "FFB1 psk mix    ", {key.expose()});
}

Digest header_tag_for(KeyBytes content_key, ByteView header_before_tag) {
    return keyed_hash(content_key, "FFB1 header tag ", {header_before_tag});
}

Result<ChainKey> first_chain_key(KeyBytes content_key, const Digest& header_tag) {
    return derive<ChainKey>(content_key, "FFB1 chain key  ", {header_tag});
}

Result<CloseKey> close_key(KeyBytes content_key, const Digest& header_tag) {
    return derive<CloseKey>(content_key, "FFB1 close key  ", {header_tag});
}

Result<PadKey> pad_key(KeyBytes content_key, const Digest& header_tag) {
    return derive<PadKey>(content_key, "FFB1 pad key    ", {header_tag});
}

Result<RedactKey> redact_key(KeyBytes content_key, const Digest& header_tag) {
    return derive<RedactKey>(content_key, "FFB1 redact key ", {header_tag});
}

void derive_record_key(RecordKey& record, const ChainKey& chain) {
    keyed_hash_into(record.storage(), chain.expose(), "FFB1 record key ", {});
}

void advance(ChainKey& chain) {
    keyed_hash_into(chain.storage(), chain.expose(), "FFB1 next chain ", {});  // the key is read first
}

Result<Ratchet> Ratchet::start(ChainKey&& chain) {
    auto record = RecordKey::zeroed();
    if (!record) return tl::unexpected(record.error());
    Ratchet ratchet(std::move(chain), std::move(*record));
    ratchet.advance();
    return ratchet;
}

void Ratchet::advance() {
    derive_record_key(record_, next_);
    batch::advance(next_);
}

std::array<std::uint8_t, 24> slot_context(ByteView prologue, const Id& study, const Digest& policy_digest) {
    return hash<24>("FFB1 slot ctx   ", {prologue, study, policy_digest});
}

Digest leaf_hash(std::uint32_t index, ByteView cells) {
    Bytes number;
    put_u32(number, index);
    return hash("FFB1 leaf       ", {number, cells});
}

BatchId batch_id(const Digest& header_tag, ByteView close_body) {
    return hash("FFB1 batch id   ", {header_tag, close_body});
}

Bytes padding(const PadKey& key, const BatchId& id, std::size_t size) {
    Bytes stream(size);
    if (size > 0) crypto_stream_xchacha20(stream.data(), size, id.data(), key.expose().data());
    return stream;
}

Bytes redaction(const RedactKey& key, std::uint32_t index, const Digest& leaf, std::size_t size) {
    Bytes number;
    put_u32(number, index);
    const auto nonce = hash<24>("FFB1 redaction  ", {number, leaf});
    Bytes stream(size);
    if (size > 0) crypto_stream_xchacha20(stream.data(), size, nonce.data(), key.expose().data());
    return stream;
}

namespace {

constexpr std::uint16_t open_version = 1;
constexpr std::uint16_t close_version = 1;
constexpr std::uint64_t max_sequence = std::uint64_t{1} << 62;

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

tl::unexpected<Error> forged() {
    return tl::unexpected(Error::forged);
}

}  // namespace

bool consistent(const BatchOpen& open) {
    const bool strictly_rising = std::adjacent_find(open.recipients.begin(), open.recipients.end(),
                                                    std::greater_equal<BoxKey>()) == open.recipients.end();
    return !open.recipients.empty() && open.recipients.size() <= max_recipients && strictly_rising &&
           open.batch_sequence <= max_sequence && open.first_record_sequence <= max_sequence &&
           (open.quorum == 0 || (open.quorum >= 2 && open.quorum <= open.recipients.size())) &&
           (open.batch_sequence == 0) == all_zero(open.previous_batch) &&
           open.program_version.size() <= max_program_version && printable(open.program_version);
}

bool agree(const BatchOpen& open, const BatchClose& close) {
    return close.study == open.study && close.device == device_id(open.device_key) &&
           close.batch_sequence == open.batch_sequence && close.previous_batch == open.previous_batch &&
           close.policy_digest == open.policy_digest &&
           close.first_record_sequence == open.first_record_sequence;
}

Bytes encode_open(const BatchOpen& open, const ReceiptKey& receipt_key) {
    Bytes out;
    out.reserve(1024);  // one allocation: it holds a key and is wiped as a whole
    put_u16(out, open_version);
    put_u8(out, open.quorum);
    put_u8(out, 0);
    put(out, open.study);
    put(out, open.device_key.bytes);
    put(out, open.incarnation);
    put(out, open.form_hash);
    put(out, open.dictionary_hash);
    put(out, open.policy_digest);
    put_u32(out, open.policy_version);
    put_u32(out, 0);
    put_u64(out, open.batch_sequence);
    put(out, open.previous_batch);
    put_u64(out, open.first_record_sequence);
    put(out, receipt_key.expose());
    put_u8(out, static_cast<std::uint8_t>(open.program_version.size()));
    put(out, bytes_of(open.program_version));
    put_u8(out, static_cast<std::uint8_t>(open.recipients.size()));
    for (const BoxKey& recipient : open.recipients) put(out, recipient.bytes);
    return out;
}

Result<DecodedOpen> decode_open(ByteView bytes) {
    FieldReader fields(bytes);
    if (fields.u16() != open_version) return tl::unexpected(Error::unsupported);
    BatchOpen open;
    open.quorum = fields.u8();
    if (fields.u8() != 0) return tl::unexpected(Error::unsupported);
    open.study = fields.array<16>();
    open.device_key.bytes = fields.array<32>();
    open.incarnation = fields.array<16>();
    open.form_hash = fields.array<32>();
    open.dictionary_hash = fields.array<32>();
    open.policy_digest = fields.array<32>();
    open.policy_version = fields.u32();
    if (fields.u32() != 0) return tl::unexpected(Error::unsupported);
    open.batch_sequence = fields.u64();
    open.previous_batch = fields.array<32>();
    open.first_record_sequence = fields.u64();
    auto receipt_bytes = fields.array<32>();
    auto receipt_key = ReceiptKey::take(receipt_bytes);
    if (!receipt_key) return tl::unexpected(receipt_key.error());
    const ByteView version = fields.take(fields.u8());
    open.program_version.assign(version.begin(), version.end());
    const std::size_t recipients = fields.u8();
    for (std::size_t i = 0; i < recipients && fields.whole(); ++i)
        open.recipients.push_back({fields.array<32>()});
    if (!fields.whole() || fields.left() != 0 || !consistent(open)) return forged();
    if (auto checked = check(open.device_key); !checked) return tl::unexpected(checked.error());
    for (const BoxKey& recipient : open.recipients)
        if (auto checked = check(recipient); !checked) return tl::unexpected(checked.error());
    return DecodedOpen{std::move(open), std::move(*receipt_key)};
}

Bytes encode_close(const BatchClose& close) {
    Bytes out;
    put_u16(out, close_version);
    put_u8(out, close.last ? 1 : 0);
    put_u8(out, close.provisional ? 1 : 0);
    put(out, close.study);
    put(out, close.device);
    put_u64(out, close.batch_sequence);
    put(out, close.previous_batch);
    put(out, close.policy_digest);
    put_u64(out, close.first_record_sequence);
    put_u32(out, close.count);
    put_u32(out, close.cells);
    for (const Leaf& leaf : close.leaves) {
        put(out, leaf.hash);
        put_u32(out, leaf.first_cell);
    }
    return out;
}

Result<DecodedClose> decode_close(ByteView bytes) {
    constexpr std::size_t signature_size = 64;
    if (bytes.size() < signature_size) return forged();
    const ByteView body = bytes.first(bytes.size() - signature_size);
    FieldReader fields(body);
    if (fields.u16() != close_version) return tl::unexpected(Error::unsupported);
    BatchClose close;
    const std::uint8_t last = fields.u8();
    const std::uint8_t provisional = fields.u8();
    if (last > 1 || provisional > 1 || (last == 1 && provisional == 1)) return forged();
    close.last = last == 1;
    close.provisional = provisional == 1;
    close.study = fields.array<16>();
    close.device = fields.array<16>();
    close.batch_sequence = fields.u64();
    close.previous_batch = fields.array<32>();
    close.policy_digest = fields.array<32>();
    close.first_record_sequence = fields.u64();
    close.count = fields.u32();
    close.cells = fields.u32();
    if (close.count > max_records) return forged();
    for (std::size_t i = 0; i < std::size_t{close.count} + 1 && fields.whole(); ++i) {
        const auto leaf_hash = fields.array<32>();
        close.leaves.push_back({leaf_hash, fields.u32()});
    }
    if (!fields.whole() || fields.left() != 0) return forged();
    return DecodedClose{std::move(close), body,
                        FieldReader(bytes.last(signature_size)).array<signature_size>()};
}

}  // namespace fieldfare::crypto::batch
