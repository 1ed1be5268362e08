#pragma once

// The words in which the tests speak of media: what a device seals of a photo, and what somebody can do to it
// who holds a recipient's key or the device's. The forger is written from BATCH_FORMAT.md with libsodium
// alone, not with the code under test.

#include <sodium.h>

#include <array>
#include <cstring>
#include <map>
#include <random>

#include "crypto/media_reader.h"
#include "crypto/media_writer.h"
#include "tests/support/crypto.h"

namespace fieldfare::test {

constexpr std::size_t media_cell = 65536 + 17;
constexpr std::size_t media_first_cell = 65536 - 24;  ///< bytes of plaintext
constexpr std::size_t media_head = 1024;

constexpr std::size_t media_header_size(std::size_t slots) {
    return 64 + 128 * slots + 32;
}

/// Like a photo: the same in every run, and nothing in it repeats.
inline crypto::Bytes noise_of(std::size_t size, std::uint32_t seed = 7) {
    std::mt19937 random(seed);
    crypto::Bytes bytes(size);
    for (std::size_t at = 0; at < size; at += 4) {
        const auto word = static_cast<std::uint32_t>(random());
        for (std::size_t i = 0; i < 4 && at + i < size; ++i)
            bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
    return bytes;
}

inline crypto::MediaContext media_context(const SealingDevice& device,
                                          std::string_view submission = "submission") {
    const crypto::BatchOpen& open = device.context.open;
    crypto::MediaContext context;
    context.routing_tag = device.context.routing_tag;
    context.study = open.study;
    context.policy_digest = open.policy_digest;
    context.policy_version = open.policy_version;
    context.recipients = open.recipients;
    context.quorum = open.quorum;
    context.submission = id_named(submission);
    return context;
}

/// A media file in sealed parts, as they stand in an outbox.
struct SealedFiles {
    crypto::Digest hash{};
    std::vector<crypto::Bytes> parts;
    std::vector<crypto::SealedPart> seals;
};

inline SealedFiles seal_media(const SealingDevice& device, crypto::MediaContext context,
                              crypto::ByteView content) {
    const auto source = crypto::source_of(content);
    const auto writer = crypto::must(crypto::MediaWriter::prepare(std::move(context), source));
    SealedFiles files{writer.hash(), {}, {}};
    for (std::uint32_t part = 0; part < writer.parts(); ++part) {
        crypto::Bytes& file = files.parts.emplace_back();
        files.seals.push_back(crypto::must(
            writer.seal(part, device.key, device.receipt_key, source, [&](crypto::ByteView bytes) {
                file.insert(file.end(), bytes.begin(), bytes.end());
                return crypto::Result<void>();
            })));
    }
    return files;
}

/// What a reader hands out; what it has handed out before it failed is there as well.
struct Released {
    crypto::Bytes bytes;
    crypto::ByteSink sink() {
        return [this](crypto::ByteView more) {
            bytes.insert(bytes.end(), more.begin(), more.end());
            return crypto::Result<void>();
        };
    }
};

/// A device with one photo of one part in a store.
struct Photo {
    Researchers team;
    SealingDevice device{team};
    crypto::Bytes content;
    SealedFiles sealed;
    crypto::Bytes file;

    explicit Photo(std::size_t size = 100'000)
        : content(noise_of(size)),
          sealed(seal_media(device, media_context(device), content)),
          file(sealed.parts.front()) {}
};

/// Opens a part, lets a test change anything in it, and seals it again.
class MediaForger {
  public:
    using Bytes = crypto::Bytes;
    using Key = std::array<std::uint8_t, 32>;

    Bytes header;  ///< without its tag
    std::array<std::uint8_t, 64> slot{};
    Key content_key{};
    Key header_tag{};
    Bytes body;  ///< what the device signs
    std::array<std::uint8_t, 64> signature{};
    Bytes content;
    Bytes head_fill, fill;  ///< instead of zeros, behind signature and content
    std::size_t more_cells = 0;
    std::map<std::size_t, std::uint8_t> tags;  ///< of cells, instead of 0 and 3
    int flip_padding_at = -1;
    std::size_t more_padding = 0;  ///< bytes

    // Offsets in the body.
    enum Body : std::size_t {
        version = 0,
        quorum = 2,
        zero = 3,
        study = 4,
        device = 20,
        policy = 52,
        policy_version = 84,
        receipt_key = 92,
        submission = 124,
        withdrawal = 140,
        size = 172,
        part = 180,
        gap = 184,
        media_key = 188,
        media_hash = 220,
        part_hash = 252,
        recipients = 284,
    };

    MediaForger(crypto::ByteView file, const crypto::Identity& identity) {
        const std::size_t slots = file[11];
        header.assign(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(64 + 128 * slots));
        std::memcpy(header_tag.data(), file.data() + header.size(), 32);
        bool found = false;
        for (std::size_t i = 0; i < slots && !found; ++i)
            found = crypto_box_seal_open(slot.data(), header.data() + 64 + 128 * i, 112,
                                         identity.recipient().box_key.bytes.data(),
                                         identity.expose_box_secret()->data()) == 0;
        REQUIRE(found);
        std::memcpy(content_key.data(), slot.data() + 4, 32);
        REQUIRE(keyed(content_key, "FFB1 header tag ", header) == header_tag);
        take_apart(file.subspan(header.size() + 32));
    }

    /// The whole file, with whatever was changed sealed anew; keys and tag follow the header.
    Bytes build() {
        header_tag = keyed(content_key, "FFB1 header tag ", header);
        Bytes file = header;
        append(file, header_tag);
        Bytes plain = body;
        append(plain, signature);
        append(plain, head_fill);
        if (plain.size() < media_head) plain.resize(media_head);
        append(plain, content);
        append(plain, fill);
        std::size_t count = 1;
        while (media_first_cell + 65536 * (count - 1) < plain.size()) ++count;
        count += more_cells;
        plain.resize(media_first_cell + 65536 * (count - 1));
        const Key key = keyed(content_key, "FFB1 media key  ", header_tag);
        Bytes stream_header(24);
        randombytes_buf(stream_header.data(), 24);
        append(file, stream_header);
        crypto_secretstream_xchacha20poly1305_state state;
        crypto_secretstream_xchacha20poly1305_init_pull(&state, stream_header.data(), key.data());
        for (std::size_t i = 0, at = 0; i < count; ++i) {
            const std::size_t length = i == 0 ? media_first_cell : 65536;
            const auto tag =
                tags.contains(i) ? tags.at(i) : static_cast<std::uint8_t>(i + 1 == count ? 3 : 0);
            Bytes chunk(length + 17);
            crypto_secretstream_xchacha20poly1305_push(&state, chunk.data(), nullptr, plain.data() + at,
                                                       length, nullptr, 0, tag);
            append(file, chunk);
            at += length;
        }
        Bytes padding((padme(count < 4 ? 4 : count) - count) * media_cell + more_padding);
        Bytes tagged(header_tag.begin(), header_tag.end());
        append(tagged, body);
        const Key id = blake({}, "FFB1 media id   ", tagged);
        const Key pad_key = keyed(content_key, "FFB1 media pad  ", header_tag);
        if (!padding.empty())
            crypto_stream_xchacha20(padding.data(), padding.size(), id.data(), pad_key.data());
        if (flip_padding_at >= 0) padding[static_cast<std::size_t>(flip_padding_at)] ^= 1;
        append(file, padding);
        return file;
    }

    /// As the device: the signature over what the body says now, under the header as it is now.
    MediaForger& sign_again(const crypto::SigningKey& device_key) {
        build();
        signature = device_key.sign("FFB1 media sig 1", {header_tag, body});
        return *this;
    }

    /// As the device: the hash of the content as it is now.
    MediaForger& hash_again() {
        Key key;
        std::memcpy(key.data(), body.data() + media_key, 32);
        Bytes message(body.begin() + part, body.begin() + part + 4);
        append(message, content);
        const Key hash = keyed(key, "FFB1 media part ", message);
        std::copy(hash.begin(), hash.end(), body.begin() + part_hash);
        return *this;
    }

    MediaForger& put(std::size_t offset, std::uint64_t number, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i)
            body[offset + i] = static_cast<std::uint8_t>(number >> (8 * i));
        return *this;
    }
    MediaForger& flip(std::size_t offset) {
        body[offset] ^= 1;
        return *this;
    }

  private:
    template <class Range>
    static void append(Bytes& bytes, const Range& more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
    }
    static Key blake(crypto::ByteView key, const char* label, crypto::ByteView message) {
        Bytes whole(label, label + 16);
        append(whole, message);
        Key out{};
        crypto_generichash(out.data(), 32, whole.data(), whole.size(), key.data(), key.size());
        return out;
    }
    static Key keyed(const Key& key, const char* label, crypto::ByteView message) {
        return blake(key, label, message);
    }
    static std::size_t padme(std::size_t length) {
        std::size_t exponent = 0;
        while (length >> (exponent + 1)) ++exponent;
        std::size_t bits = 0;
        while (exponent >> bits) ++bits;
        const std::size_t step = std::size_t{1} << (exponent - bits);
        return (length + step - 1) / step * step;
    }

    void take_apart(crypto::ByteView cells) {
        const Key key = keyed(content_key, "FFB1 media key  ", header_tag);
        crypto_secretstream_xchacha20poly1305_state state;
        crypto_secretstream_xchacha20poly1305_init_pull(&state, cells.data(), key.data());
        Bytes plain;
        std::size_t at = 24;
        for (std::uint8_t tag = 0; tag == 0;) {
            const std::size_t length = at == 24 ? media_first_cell : 65536;
            Bytes part_of(length);
            REQUIRE(crypto_secretstream_xchacha20poly1305_pull(&state, part_of.data(), nullptr, &tag,
                                                               cells.data() + at, length + 17, nullptr,
                                                               0) == 0);
            append(plain, part_of);
            at += length + 17;
        }
        const std::size_t body_size = recipients + 1 + 32 * std::size_t{plain[recipients]};
        body.assign(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(body_size));
        std::memcpy(signature.data(), plain.data() + body_size, 64);
        std::uint64_t whole = 0, number = 0;
        for (std::size_t i = 8; i > 0; --i) whole = whole << 8 | body[size + i - 1];
        for (std::size_t i = 4; i > 0; --i) number = number << 8 | body[part + i - 1];
        const std::uint64_t begin = number * 8387560;
        const std::uint64_t length = std::min<std::uint64_t>(8387560, whole - begin);
        content.assign(plain.begin() + media_head,
                       plain.begin() + media_head + static_cast<std::ptrdiff_t>(length));
    }
};

}  // namespace fieldfare::test
