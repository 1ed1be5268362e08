#pragma once

#include <cstdint>
#include <span>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/hash.h"

namespace fieldfare::crypto {

inline constexpr std::size_t sealing_overhead = 24 + 16;  ///< nonce and authenticator

/// Seals a small file (a receipt, a setting) under a 32-byte key: nonce || XChaCha20-Poly1305, under a key of
/// its own for the label, with `associated` bound but not contained. The nonce is random and hedged with the
/// plaintext, so that a cloned machine does not repeat one. At most 16 MiB: `too_large` above.
Result<Bytes> seal(std::span<const std::uint8_t, 32> key, const Label& label, ByteView associated,
                   ByteView plaintext);

/// The other way. `damaged` for anything that was not sealed with this key, label and `associated`; nothing
/// of the plaintext comes out before that is known.
Result<Bytes> unseal(std::span<const std::uint8_t, 32> key, const Label& label, ByteView associated,
                     ByteView sealed);

}  // namespace fieldfare::crypto
