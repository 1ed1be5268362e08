#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "crypto/error.h"

namespace fieldfare::crypto {

/// An X25519 public key: to whom something is sealed. Plain bytes: `check` says whether it may be used.
struct BoxKey {
    std::array<std::uint8_t, 32> bytes{};
    auto operator<=>(const BoxKey&) const = default;
};

/// `not_canonical` when the number is not below 2^255 - 19 (its owner could not open what is sealed to it),
/// `weak_key` when it has small order (anyone could).
Result<void> check(const BoxKey& key);

}  // namespace fieldfare::crypto
