#pragma once

#include <span>

#include "crypto/box_key.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/identity.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

// Sealed boxes of small secrets in files that say to whom they are sealed. Inside this folder only.

/// Plaintext in ordinary memory, wiped on every way out.
struct Wiped {
    Bytes bytes;
    Wiped() = default;
    explicit Wiped(Bytes plaintext) : bytes(std::move(plaintext)) {}
    Wiped(Wiped&& other) noexcept : bytes(std::move(other.bytes)) {}
    Wiped& operator=(Wiped&&) = delete;
    ~Wiped() { wipe(bytes); }
};

inline constexpr std::size_t sealed_box_overhead = 48;

/// `weak_key` for a key of small order.
Result<Bytes> seal_box(const BoxKey& to, ByteView plaintext);

/// With whichever of our identities `to` belongs to: `not_openable` when none does, `forged` when it is ours
/// and the box does not open.
Result<Wiped> open_box(const BoxKey& to, ByteView sealed, std::span<const Identity> identities);

}  // namespace fieldfare::crypto
