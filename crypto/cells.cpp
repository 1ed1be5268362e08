#include "crypto/cells.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/little_endian.h"
#include "crypto/random.h"

namespace fieldfare::crypto::batch {

static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES == stream_header_size);
static_assert(crypto_secretstream_xchacha20poly1305_ABYTES == cell_size - cell_content);
// secretstream pads its authenticator as RFC 8439 does only for these lengths: any AEAD library can follow.
static_assert(first_content % 16 == 8 && cell_content % 16 == 0);

namespace {

constexpr std::uint8_t tag_more = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
constexpr std::uint8_t tag_final = crypto_secretstream_xchacha20poly1305_TAG_FINAL;

/// The state holds the key of the stream.
struct Stream {
    crypto_secretstream_xchacha20poly1305_state state;
    Stream(KeyBytes key, const std::uint8_t* header) {
        // The same for both directions; `init_push` would choose a header by itself.
        crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key.data());
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { sodium_memzero(&state, sizeof state); }
};

bool known(std::uint8_t kind, std::uint8_t codec) {
    return kind >= 1 && kind <= 4 && codec <= 1;
}

}  // namespace

Bytes encode_record(const RecordPrefix& prefix, ByteView content) {
    Bytes record;
    record.reserve(record_prefix_size + content.size());  // one allocation: it is wiped as a whole
    put_u8(record, static_cast<std::uint8_t>(prefix.kind));
    put_u8(record, static_cast<std::uint8_t>(prefix.codec));
    put_u16(record, 0);
    put_u32(record, prefix.stored_size);
    put_u32(record, prefix.payload_size);
    put_u64(record, prefix.sequence);
    put(record, prefix.uuid);
    put(record, content);
    return record;
}

Result<Bytes> seal_record(KeyBytes key, ByteView record) {
    const std::size_t count = cells_for(record.size());
    if (count > max_record_cells) return tl::unexpected(Error::too_large);
    std::array<std::uint8_t, 24> random;
    if (auto filled = fill_random(random); !filled) return tl::unexpected(filled.error());

    Bytes cells(count * cell_size);
    keyed_hash_into(std::span(cells).first(stream_header_size), key, "FFB1 rec header ", {random, record});
    Stream stream(key, cells.data());
    std::array<std::uint8_t, cell_content> plaintext;
    std::uint8_t* out = cells.data() + stream_header_size;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = i == 0 ? first_content : cell_content;
        const ByteView part = record.first(std::min(size, record.size()));
        std::fill(std::copy(part.begin(), part.end(), plaintext.begin()), plaintext.end(), std::uint8_t{0});
        record = record.subspan(part.size());
        crypto_secretstream_xchacha20poly1305_push(&stream.state, out, nullptr, plaintext.data(), size,
                                                   nullptr, 0, i + 1 == count ? tag_final : tag_more);
        out += size + crypto_secretstream_xchacha20poly1305_ABYTES;
    }
    wipe(plaintext);
    return cells;
}

void RecordOpener::make_room(std::size_t size) {
    if (size <= plaintext_.size()) return;
    Bytes larger(std::max(size, 2 * plaintext_.size()));
    std::copy(plaintext_.begin(), plaintext_.end(), larger.begin());
    wipe(plaintext_);
    plaintext_ = std::move(larger);
}

Result<RecordOpener::Opened> RecordOpener::open(KeyBytes key, ByteView cells) {
    cells_of_key_ = 0;
    if (cells.size() < cell_size) return tl::unexpected(Error::damaged);
    Stream stream(key, cells.data());
    const std::uint8_t* in = cells.data() + stream_header_size;
    const std::size_t available = std::min(cells.size() / cell_size, max_record_cells);
    std::size_t& count = cells_of_key_;
    std::size_t opened_size = 0;
    std::uint8_t tag = tag_more;
    while (tag == tag_more) {
        if (count == available) return tl::unexpected(Error::damaged);
        const std::size_t size = count == 0 ? first_content : cell_content;
        const std::size_t sealed_size = size + crypto_secretstream_xchacha20poly1305_ABYTES;
        make_room(opened_size + size);
        if (crypto_secretstream_xchacha20poly1305_pull(&stream.state, plaintext_.data() + opened_size,
                                                       nullptr, &tag, in, sealed_size, nullptr, 0) != 0)
            return tl::unexpected(count == 0 ? Error::not_openable : Error::damaged);
        ++count;
        // Any byte passes as a tag there, and the stream goes on after the final one: both end here.
        if (tag != tag_more && tag != tag_final) return tl::unexpected(Error::forged);
        in += sealed_size;
        opened_size += size;
    }

    const ByteView plaintext = ByteView(plaintext_).first(opened_size);
    FieldReader fields(plaintext);
    RecordPrefix prefix;
    const std::uint8_t kind = fields.u8();
    const std::uint8_t codec = fields.u8();
    const std::uint16_t gap = fields.u16();
    prefix.stored_size = fields.u32();
    prefix.payload_size = fields.u32();
    prefix.sequence = fields.u64();
    prefix.uuid = fields.array<16>();
    if (!known(kind, codec)) return tl::unexpected(Error::unsupported);
    prefix.kind = static_cast<Kind>(kind);
    prefix.codec = static_cast<Codec>(codec);
    const bool sizes_fit = prefix.stored_size <= fields.left() && prefix.payload_size <= max_payload &&
                           (prefix.codec == Codec::raw ? prefix.stored_size == prefix.payload_size
                                                       : prefix.stored_size < prefix.payload_size);
    if (gap != 0 || !sizes_fit || count != cells_for(record_prefix_size + prefix.stored_size))
        return tl::unexpected(Error::forged);
    const ByteView content = fields.take(prefix.stored_size);
    if (!all_zero(plaintext.subspan(record_prefix_size + prefix.stored_size)))
        return tl::unexpected(Error::forged);
    return Opened{prefix, content, count};
}

}  // namespace fieldfare::crypto::batch
