#include "crypto/signing.h"

#include <sodium.h>

#include <optional>

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
    // Asked for each batch of a device anew, and as dear as opening a slot: what passed last is remembered.
    thread_local std::array<std::optional<VerifyKey>, 64> passed;
    std::optional<VerifyKey>& place = passed[key.bytes[0] % passed.size()];
    if (place == key) return {};
    if (!crypto_core_ed25519_is_valid_point(key.bytes.data())) return tl::unexpected(Error::weak_key);
    place = key;
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

bool verify(const VerifyKey& key, const Label& label, Parts parts, const Signature& signature) {
    return check(key) && verify_checked(key, label, parts, signature);
}

bool verify_checked(const VerifyKey& key, const Label& label, Parts parts, const Signature& signature) {
    // Up to libsodium 1.0.18 R is computed and its bytes compared, so with a key of the main subgroup it is
    // canonical and of that subgroup. Later versions let a part of small order pass. Here the rule stays one,
    // whatever the library: readers that disagree on a file could be told different things.
    static const bool computes_r =
        sodium_library_version_major() == 10 && sodium_library_version_minor() <= 3;
    if (!computes_r && !crypto_core_ed25519_is_valid_point(signature.data())) return false;
    const Bytes message = joined(label, parts);
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), key.bytes.data()) ==
           0;
}

}  // namespace fieldfare::crypto
