#pragma once

// Key files and keyslots as someone makes them who knows the passphrase and means to say something else in
// them than our writers would. Written from KEYS.md with libsodium alone, not with the code under test.

#include <doctest/doctest.h>
#include <sodium.h>

#include <array>
#include <string_view>

#include "tests/support/crypto.h"

namespace fieldfare::test {

/// What both files have in common: Argon2id at the floor of its cost, once, and what follows from it.
class KeyForger {
  public:
    using Bytes = crypto::Bytes;
    using Key = std::array<std::uint8_t, 32>;

    explicit KeyForger(std::string_view passphrase) {
        REQUIRE(crypto_pwhash_argon2id(
                    stretched_.data(), stretched_.size(), passphrase.data(), passphrase.size(), salt_.data(),
                    passes, std::size_t{memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0);
    }

    /// `header`, 64 bytes but for salt and nonce, and 192 bytes of secrets, as `.ffkey`.
    Bytes key_file(Bytes header, const Bytes& secrets) const {
        std::ranges::copy(salt_, header.begin() + 24);
        Bytes file = header;
        append(file, keyed(stretched_, "FFK1 commitment ", header));
        append(file,
               sealed(keyed(stretched_, "FFK1 seal key   ", header), header, header.data() + 40, secrets));
        append(file, unkeyed(16, "FFK1 checksum   ", file));
        return file;
    }

    /// The head of a copy of keyslots, 64 bytes but for the salt, and what stands in the slot of this number.
    Bytes keyslots(Bytes head, std::size_t slot, const Bytes& content) const {
        std::ranges::copy(salt_, head.begin() + 32);
        Bytes bound(head.begin(), head.begin() + 16);
        bound.insert(bound.end(), head.begin() + 24, head.end());
        bound.push_back(static_cast<std::uint8_t>(slot));
        const Bytes nonce(24, 7);
        Bytes bytes = nonce;
        append(bytes, sealed(keyed(stretched_, "FFV0 slot key   ", bound), bound, nonce.data(), content));
        append(bound, nonce);
        append(bytes, keyed(stretched_, "FFV0 slot commit", bound));
        Bytes copy = std::move(head);
        copy.resize(4096 - 32);
        std::ranges::copy(bytes, copy.begin() + static_cast<std::ptrdiff_t>(64 + 128 * slot));
        append(copy, unkeyed(32, "FFV0 checksum   ", copy));
        append(copy, Bytes(copy));
        return copy;
    }

    /// The head of a key file of this kind, and that of keyslots.
    static Bytes key_file_header(std::uint8_t kind) {
        Bytes header{0x89, 'F', 'F', 'K', 0x0d, 0x0a, 0x1a, 0x0a, 1, kind, 0, 0};
        put_cost(header);
        header.resize(64);
        return header;
    }
    static Bytes keyslots_head() {
        Bytes head{0x89, 'F', 'F', 'V', 0x0d, 0x0a, 0x1a, 0x0a, 0, 8};
        head.resize(24);
        head[16] = 1;  // generation
        put_cost(head);
        head.resize(64);
        return head;
    }

  private:
    static constexpr std::uint32_t memory_kib = 64 * 1024, passes = 3;

    static void put_cost(Bytes& bytes) {
        for (const std::uint32_t number : {memory_kib, passes})
            for (int shift = 0; shift < 32; shift += 8)
                bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    }
    static void append(Bytes& bytes, crypto::ByteView more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
    }

    static Bytes blake(std::size_t size, const Key* key, std::string_view label, crypto::ByteView message) {
        Bytes whole(label.begin(), label.end());
        append(whole, message);
        Bytes out(size);
        crypto_generichash(out.data(), size, whole.data(), whole.size(), key ? key->data() : nullptr,
                           key ? key->size() : 0);
        return out;
    }
    static Key keyed(const Key& key, std::string_view label, crypto::ByteView message) {
        Key out{};
        std::ranges::copy(blake(out.size(), &key, label, message), out.begin());
        return out;
    }
    static Bytes unkeyed(std::size_t size, std::string_view label, crypto::ByteView message) {
        return blake(size, nullptr, label, message);
    }
    static Bytes sealed(const Key& key, const Bytes& associated, const std::uint8_t* nonce,
                        const Bytes& plaintext) {
        Bytes out(plaintext.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
        crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(),
                                                   associated.data(), associated.size(), nullptr, nonce,
                                                   key.data());
        return out;
    }

    std::array<std::uint8_t, 16> salt_{};
    Key stretched_{};
};

}  // namespace fieldfare::test
