#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <span>

#include "crypto/bytes.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

/// What a hash, a key or a signature is for, as exactly 16 characters: every use has one of its own, so that
/// the result of one use is never good for another. The length is checked when the program is compiled.
class Label {
  public:
    consteval Label(const char (&text)[17]) {
        for (std::size_t i = 0; i < bytes_.size(); ++i) {
            if (text[i] < ' ' || text[i] > '~') std::abort();  // not a constant expression: does not compile
            bytes_[i] = static_cast<std::uint8_t>(text[i]);
        }
    }
    ByteView bytes() const { return bytes_; }

  private:
    std::array<std::uint8_t, 16> bytes_{};
};

using Parts = std::initializer_list<ByteView>;

/// BLAKE2b of `out.size()` bytes (16…64) over label || parts, unkeyed. The parts are joined as they are:
/// whoever calls gives them fixed lengths or writes the lengths.
void hash_into(std::span<std::uint8_t> out, const Label& label, Parts parts);

/// The same under a key. Its length is part of the type: BLAKE2b with an empty key is silently unkeyed.
void keyed_hash_into(std::span<std::uint8_t> out, std::span<const std::uint8_t, 32> key, const Label& label,
                     Parts parts);

template <std::size_t N = 32>
std::array<std::uint8_t, N> hash(const Label& label, Parts parts) {
    std::array<std::uint8_t, N> out;
    hash_into(out, label, parts);
    return out;
}

template <std::size_t N = 32>
std::array<std::uint8_t, N> keyed_hash(std::span<const std::uint8_t, 32> key, const Label& label,
                                       Parts parts) {
    std::array<std::uint8_t, N> out;
    keyed_hash_into(out, key, label, parts);
    return out;
}

/// A key for one purpose out of another: BLAKE2b keyed with `from` over label || parts, written straight into
/// guarded memory. Fails only as guarded memory does.
template <class To, std::size_t M>
Result<To> derive(std::span<const std::uint8_t, M> from, const Label& label, Parts parts = {}) {
    static_assert(M == 32, "keyed means a key of 32 bytes");
    auto to = To::zeroed();
    if (to) keyed_hash_into(to->storage(), from, label, parts);
    return to;
}

/// BLAKE2b-256 piece by piece, under a key: the keyed_hash of all pieces joined. What it keeps of them is
/// wiped.
class KeyedHash {
  public:
    KeyedHash(std::span<const std::uint8_t, 32> key, const Label& label, Parts parts = {});
    KeyedHash(const KeyedHash&) = delete;
    KeyedHash& operator=(const KeyedHash&) = delete;
    ~KeyedHash();
    void update(ByteView bytes);
    Digest finish();  ///< once; the object is used up

  private:
    alignas(64) std::array<std::uint8_t, 384> state_;
};

/// SHA-256 piece by piece, for names and transport only: nothing secret rests on it here.
class Sha256 {
  public:
    Sha256();
    void update(ByteView bytes);
    Digest finish();  ///< once; the object is used up

  private:
    alignas(8) std::array<std::uint8_t, 128> state_;
};

Digest sha256(ByteView bytes);

/// True when equal, in a time that does not depend on where they differ. Different lengths are simply
/// unequal.
bool equal(ByteView left, ByteView right);

}  // namespace fieldfare::crypto
