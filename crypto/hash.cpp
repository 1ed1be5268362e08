#include "crypto/hash.h"

#include <sodium.h>

#include <cassert>
#include <new>

namespace fieldfare::crypto {

namespace {

void blake2b(std::span<std::uint8_t> out, ByteView key, const Label& label, Parts parts) {
    assert(out.size() >= crypto_generichash_BYTES_MIN && out.size() <= crypto_generichash_BYTES_MAX);
    crypto_generichash_state state;
    crypto_generichash_init(&state, key.data(), key.size(), out.size());
    crypto_generichash_update(&state, label.bytes().data(), label.bytes().size());
    for (const ByteView part : parts) crypto_generichash_update(&state, part.data(), part.size());
    crypto_generichash_final(&state, out.data(), out.size());
    sodium_memzero(&state, sizeof state);
    // libsodium leaves the result behind on its stack; here that may be a key.
    if (!key.empty()) sodium_stackzero(1024);
}

}  // namespace

void hash_into(std::span<std::uint8_t> out, const Label& label, Parts parts) {
    blake2b(out, {}, label, parts);
}

void keyed_hash_into(std::span<std::uint8_t> out, std::span<const std::uint8_t, 32> key, const Label& label,
                     Parts parts) {
    blake2b(out, key, label, parts);
}

static_assert(sizeof(crypto_generichash_state) <= 384 && alignof(crypto_generichash_state) <= 64);

namespace {

crypto_generichash_state* blake2b_state(std::array<std::uint8_t, 384>& state) {
    return std::launder(reinterpret_cast<crypto_generichash_state*>(state.data()));
}

}  // namespace

KeyedHash::KeyedHash(std::span<const std::uint8_t, 32> key, const Label& label, Parts parts) {
    crypto_generichash_init(new (state_.data()) crypto_generichash_state, key.data(), key.size(), 32);
    update(label.bytes());
    for (const ByteView part : parts) update(part);
}

KeyedHash::~KeyedHash() {
    sodium_memzero(state_.data(), state_.size());
}

void KeyedHash::update(ByteView bytes) {
    crypto_generichash_update(blake2b_state(state_), bytes.data(), bytes.size());
}

Digest KeyedHash::finish() {
    Digest digest;
    crypto_generichash_final(blake2b_state(state_), digest.data(), digest.size());
    return digest;
}

bool equal(ByteView left, ByteView right) {
    return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace fieldfare::crypto
