#pragma once

// What someone can do who holds a recipient's key, or a device's: take a batch apart, change anything in it,
// and seal it again. Written from BATCH_FORMAT.md with libsodium alone, not with the code under test.

#include <doctest/doctest.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "tests/support/crypto.h"

namespace fieldfare::test {

class Forger {
  public:
    using Bytes = crypto::Bytes;
    using Key = std::array<std::uint8_t, 32>;

    /// A record on its way back into cells.
    struct Record {
        Bytes bytes;  ///< prefix and content; as a record that is not changed keeps its cells
        Bytes cells;  ///< empty: to be sealed anew
        Bytes fill;   ///< instead of zeros
        std::size_t more_cells = 0;
        std::uint8_t tag_inside = 0;  ///< of all cells but the last
        std::uint8_t tag_at_end = 3;

        void change(std::size_t offset, std::uint8_t byte) {
            bytes[offset] = byte;
            cells.clear();
        }
    };

    Bytes header;                         ///< without its tag
    std::array<std::uint8_t, 64> slot{};  ///< what stands in the recipient's
    Key content_key{};
    Key header_tag{};
    std::vector<Record> records;  ///< OPEN first
    Bytes close_body;
    std::array<std::uint8_t, 64> signature{};
    Record close;                  ///< how CLOSE is sealed; its bytes are made from body and signature
    Bytes extra_cells;             ///< between CLOSE and the padding
    std::size_t more_padding = 0;  ///< cells
    std::size_t padding_rest = 0;  ///< bytes of keystream behind the last whole cell
    int flip_padding_at = -1;
    std::pair<std::size_t, std::uint8_t> in_close_prefix{0, 3};  ///< this byte of CLOSE's prefix is that

    // Offsets in the bytes of a record, in those of OPEN's content, and in the body of CLOSE.
    static constexpr std::size_t prefix_size = 36;
    enum Prefix : std::size_t {
        type = 0,
        codec = 1,
        gap = 2,
        stored = 4,
        payload = 8,
        sequence = 12,
        uuid = 20
    };
    enum Open : std::size_t {
        open_version = 36,
        open_quorum = 38,
        open_reserved = 39,
        open_study = 40,
        open_device = 56,
        open_policy = 168,
        open_policy_version = 200,
        open_batch_sequence = 208,
        open_previous = 216,
        open_first_record = 248,
        open_program_size = 288,
        open_program = 289,
    };
    enum Close : std::size_t {
        close_version = 0,
        last = 2,
        provisional = 3,
        study = 4,
        device = 20,
        batch_sequence = 36,
        previous = 44,
        policy = 76,
        first_record = 108,
        count = 116,
        cells = 120,
        leaves = 124,
    };

    Forger(crypto::ByteView file, const crypto::Identity& identity) {
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

    /// The same for a batch of custodians, whose content key stands in no slot.
    Forger(crypto::ByteView file, std::span<const std::uint8_t, 32> key) {
        header.assign(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(64 + 128 * file[11]));
        std::memcpy(header_tag.data(), file.data() + header.size(), 32);
        std::memcpy(content_key.data(), key.data(), 32);
        REQUIRE(keyed(content_key, "FFB1 header tag ", header) == header_tag);
        take_apart(file.subspan(header.size() + 32));
    }

    /// The whole file, with whatever was changed sealed anew. The header tag and the keys follow the header.
    Bytes build() {
        header_tag = keyed(content_key, "FFB1 header tag ", header);
        Bytes file = header;
        append(file, header_tag);
        const std::size_t begin = file.size();
        Key chain = first_chain();
        for (Record& record : records) {
            if (record.cells.empty()) record.cells = seal(keyed(chain, "FFB1 record key ", {}), record);
            append(file, record.cells);
            chain = keyed(chain, "FFB1 next chain ", {});
        }
        close.bytes = prefixed(3, close_body.size() + 64);
        close.bytes[in_close_prefix.first] = in_close_prefix.second;
        append(close.bytes, close_body);
        append(close.bytes, signature);
        append(file, seal(keyed(content_key, "FFB1 close key  ", header_tag), close));
        append(file, extra_cells);
        const std::size_t used = (file.size() - begin) / 1041;
        const std::size_t pad = (padme(used < 16 ? 16 : used) - used + more_padding) * 1041 + padding_rest;
        Bytes tagged(header_tag.begin(), header_tag.end());
        append(tagged, close_body);
        const Key id = unkeyed("FFB1 batch id   ", tagged);
        Bytes stream(pad);
        const Key key = keyed(content_key, "FFB1 pad key    ", header_tag);
        if (pad > 0) crypto_stream_xchacha20(stream.data(), pad, id.data(), key.data());
        const auto flipped = static_cast<std::size_t>(std::max(flip_padding_at, 0));
        if (flip_padding_at >= 0 && flipped < pad) stream[flipped] ^= 1;
        append(file, stream);
        return file;
    }

    /// As the device: leaves, count and cells as the records are now, and a signature over what CLOSE says.
    Forger& close_again(const crypto::SigningKey& key) {
        build();
        close_body.resize(leaves);
        put_number(close_body, count, records.size() - 1, 4);
        std::size_t at = 0;
        for (std::size_t i = 0; i < records.size(); ++i) {
            Bytes message(4);
            put_number(message, 0, i, 4);
            append(message, records[i].cells);
            append(close_body, unkeyed("FFB1 leaf       ", message));
            Bytes first(4);
            put_number(first, 0, at, 4);
            append(close_body, first);
            at += records[i].cells.size() / 1041;
        }
        put_number(close_body, cells, at, 4);
        return sign_again(key);
    }

    /// As the device: a signature over the body of CLOSE as it stands.
    Forger& sign_again(const crypto::SigningKey& key) {
        build();  // for the tag of the header as it is now
        signature = key.sign("FFB1 close sig 1", {header_tag, close_body});
        return *this;
    }

    Record& open() { return records.front(); }

    /// After a change of the header, from which all keys follow.
    Forger& seal_all_again() {
        for (Record& record : records) record.cells.clear();
        return *this;
    }

    static void put_number(Bytes& bytes, std::size_t offset, std::uint64_t number, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            bytes[offset + i] = static_cast<std::uint8_t>(number >> (8 * i));
    }

    /// A record with this content, not compressed.
    static Record raw_record(std::uint8_t kind, std::uint64_t at, crypto::ByteView content) {
        Record record{prefixed(kind, content.size()), {}, {}};
        put_number(record.bytes, sequence, at, 8);
        append(record.bytes, content);
        return record;
    }

    /// Every key by which a record's cells open, with the chain key from which it follows: {chain, record
    /// key}.
    std::vector<std::pair<Key, Key>> chain() const {
        std::vector<std::pair<Key, Key>> keys;
        Key chain = first_chain();
        for (std::size_t i = 0; i <= records.size(); ++i) {
            keys.emplace_back(chain, keyed(chain, "FFB1 record key ", {}));
            chain = keyed(chain, "FFB1 next chain ", {});
        }
        return keys;
    }

  private:
    template <class Range>
    static void append(Bytes& bytes, const Range& more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
    }

    static Key blake(crypto::ByteView key, const char* label, crypto::ByteView message,
                     std::size_t size = 32) {
        Bytes whole(label, label + 16);
        append(whole, message);
        Key out{};
        crypto_generichash(out.data(), size, whole.data(), whole.size(), key.data(), key.size());
        return out;
    }
    static Key keyed(const Key& key, const char* label, crypto::ByteView message) {
        return blake(key, label, message);
    }
    static Key unkeyed(const char* label, crypto::ByteView message) { return blake({}, label, message); }

    Key first_chain() const { return keyed(content_key, "FFB1 chain key  ", header_tag); }

    static Bytes prefixed(std::uint8_t kind, std::size_t size) {
        Bytes bytes(prefix_size);
        bytes[type] = kind;
        put_number(bytes, stored, size, 4);
        put_number(bytes, payload, size, 4);
        return bytes;
    }

    static std::size_t padme(std::size_t length) {
        std::size_t exponent = 0;
        while (length >> (exponent + 1)) ++exponent;
        std::size_t bits = 0;
        while (exponent >> bits) ++bits;
        const std::size_t step = std::size_t{1} << (exponent - bits);
        return (length + step - 1) / step * step;
    }

    static Bytes seal(const Key& key, const Record& record) {
        std::size_t count = 1;
        while (1000 + 1024 * (count - 1) < record.bytes.size()) ++count;
        count += record.more_cells;
        Bytes plain = record.bytes;
        append(plain, record.fill);
        plain.resize(1000 + 1024 * (count - 1));
        Bytes cells(24);
        randombytes_buf(cells.data(), 24);
        crypto_secretstream_xchacha20poly1305_state state;
        crypto_secretstream_xchacha20poly1305_init_pull(&state, cells.data(), key.data());
        std::size_t at = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t size = i == 0 ? 1000 : 1024;
            Bytes cell(size + 17);
            crypto_secretstream_xchacha20poly1305_push(
                &state, cell.data(), nullptr, plain.data() + at, size, nullptr, 0,
                i + 1 == count ? record.tag_at_end : record.tag_inside);
            append(cells, cell);
            at += size;
        }
        return cells;
    }

    static bool unseal(const Key& key, crypto::ByteView cells, Record& record) {
        crypto_secretstream_xchacha20poly1305_state state;
        crypto_secretstream_xchacha20poly1305_init_pull(&state, cells.data(), key.data());
        Bytes plain;
        std::size_t at = 24;
        std::uint8_t tag = 0;
        while (tag == 0) {
            const std::size_t size = at == 24 ? 1000 : 1024;
            Bytes part(size);
            if (crypto_secretstream_xchacha20poly1305_pull(&state, part.data(), nullptr, &tag,
                                                           cells.data() + at, size + 17, nullptr, 0) != 0)
                return false;
            append(plain, part);
            at += size + 17;
        }
        record.cells.assign(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(at));
        std::size_t stored_size = 0;
        for (std::size_t i = 4; i > 0; --i) stored_size = stored_size << 8 | plain[stored + i - 1];
        plain.resize(prefix_size + stored_size);
        record.bytes = std::move(plain);
        return true;
    }

    void take_apart(crypto::ByteView cells_of_batch) {
        const Key closing = keyed(content_key, "FFB1 close key  ", header_tag);
        Key chain = first_chain();
        while (true) {
            Record record;
            if (!unseal(keyed(chain, "FFB1 record key ", {}), cells_of_batch, record)) break;
            cells_of_batch = cells_of_batch.subspan(record.cells.size());
            records.push_back(std::move(record));
            chain = keyed(chain, "FFB1 next chain ", {});
        }
        Record closed;
        REQUIRE(unseal(closing, cells_of_batch, closed));
        close_body.assign(closed.bytes.begin() + prefix_size, closed.bytes.end() - 64);
        std::memcpy(signature.data(), closed.bytes.data() + closed.bytes.size() - 64, 64);
    }
};

}  // namespace fieldfare::test
