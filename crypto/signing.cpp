#include "crypto/signing.h"

#include <sodium.h>

#include "crypto/random.h"

namespace fieldfare::crypto {

namespace {

Bytes joined(const Label& label, Parts parts) {
    Bytes message(label.bytes().begin(), label.bytes().end());
    for (const ByteView part : parts) message.insert(message.end(), part.begin(), part.end());
    return message;
}

}  // namespace

Result<void> check(const VerifyKey& key) {
    if (!crypto_core_ed25519_is_valid_point(key.bytes.data())) return tl::unexpected(Error::weak_key);
    return {};
}

Result<SigningKey> SigningKey::generate() {
    auto seed = SigningSeed::random();
    if (!seed) return tl::unexpected(seed.error());
    return from_seed(seed->expose());
}

Result<SigningKey> SigningKey::from_seed(std::span<const std::uint8_t, 32> seed) {
    auto secret = Expanded::zeroed();
    if (!secret) return tl::unexpected(secret.error());
    VerifyKey key;
    crypto_sign_seed_keypair(key.bytes.data(), secret->storage().data(), seed.data());
    return SigningKey(std::move(*secret), key);
}

Signature SigningKey::sign(const Label& label, Parts parts) const {
    const Bytes message = joined(label, parts);
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_.expose().data());
    return signature;
}

// libsodium 1.0.18 refuses an R that is not canonical or has a part of small order; later versions do not.
// Here the rule stays one, whatever the library: readers that disagree on a file could be told different
// things.
bool verify(const VerifyKey& key, const Label& label, Parts parts, const Signature& signature) {
    if (!crypto_core_ed25519_is_valid_point(key.bytes.data()) ||
        !crypto_core_ed25519_is_valid_point(signature.data()))
        return false;
    const Bytes message = joined(label, parts);
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.bytes.data()) ==
           0;
}

}  // namespace fieldfare::crypto
