#pragma once

#include <cstdint>
#include <span>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto {

/// Starts libsodium, once in a process however often and from however many threads it is called. Everything
/// here that needs it calls it by itself; programs call it first, to be able to say so when it fails.
/// `no_randomness` when libsodium can't start: then nothing here makes a key.
Result<void> start();

/// Fills with random bytes of the operating system. `no_randomness` when `start` fails; should the system's
/// generator fail later, libsodium ends the process: there is no weaker source to fall back to.
Result<void> fill_random(std::span<std::uint8_t> bytes);

/// 16 random bytes: a submission, an incarnation, a study.
Result<Id> random_id();

}  // namespace fieldfare::crypto
