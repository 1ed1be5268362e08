#pragma once

#include <cstdint>
#include <span>

#include "crypto/error.h"
#include "crypto/passphrase_cost.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

/// What Argon2id makes of a passphrase: everything else is derived from it by label. Inside this folder only.
using PassphraseKey = Secret<32, struct PassphraseKeyTag>;

/// `cost_refused` before any work, then `out_of_memory`.
Result<PassphraseKey> passphrase_key(const SecretText& passphrase, std::span<const std::uint8_t, 16> salt,
                                     const PassphraseCost& cost);

}  // namespace fieldfare::crypto
