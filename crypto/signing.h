#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

/// An Ed25519 public key. Plain bytes: `check` says whether it is one.
struct VerifyKey {
    std::array<std::uint8_t, 32> bytes{};
    auto operator<=>(const VerifyKey&) const = default;
};

/// `weak_key` unless it is the canonical form of a point of the main subgroup, other than the identity.
Result<void> check(const VerifyKey& key);

using Signature = std::array<std::uint8_t, 64>;
using SigningSeed = Secret<32, struct SigningSeedTag>;

/// An Ed25519 secret key: a device's, a researcher's for receipts, a study's root. Signing is deterministic.
class SigningKey {
  public:
    static Result<SigningKey> generate();
    static Result<SigningKey> from_seed(std::span<const std::uint8_t, 32> seed);

    const VerifyKey& verify_key() const { return verify_key_; }

    /// Over label || parts, joined as they are.
    Signature sign(const Label& label, Parts parts) const;

    /// The 32 bytes from which `from_seed` makes this key again: for sealing it into a file or a vault.
    std::span<const std::uint8_t, 32> expose_seed() const { return secret_.expose().first<32>(); }

  private:
    using Expanded = Secret<64, struct SigningKeyTag>;
    SigningKey(Expanded&& secret, VerifyKey key) : secret_(std::move(secret)), verify_key_(key) {}
    Expanded secret_;
    VerifyKey verify_key_;
};

/// Whether `key` signed label || parts. False also for a key or a signature that is not canonical.
bool verify(const VerifyKey& key, const Label& label, Parts parts, const Signature& signature);

/// The same, for a key that has passed `check`: that takes as long as the signature.
bool verify_checked(const VerifyKey& key, const Label& label, Parts parts, const Signature& signature);

}  // namespace fieldfare::crypto
