#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/error.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

/// Shamir's secret sharing (Communications of the ACM 22, 1979) of 32-byte secrets, byte by byte over GF(2^8)
/// with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d, that of libgfshare, which the tests compare it
/// with). Without tables: no access to memory depends on a secret. Whoever holds fewer than k shares knows
/// nothing of the secret; shares carry no proof of their own, so a wrong one gives a wrong secret, which the
/// caller tells by what the secret is for.

inline constexpr unsigned max_shares = 16;

struct Share {
    std::uint8_t x = 0;  ///< which of the shares it is, 1…255
    Secret<32, struct SharePartTag> part;
};

using SharedSecret = Secret<32, struct SharedSecretTag>;

/// n shares, with x = 1…n, of which any k give the secret back. `bad_argument` unless 2 <= k <= n <= 16;
/// `no_randomness`, `out_of_memory`.
Result<std::vector<Share>> split_secret(std::span<const std::uint8_t, 32> secret, unsigned k, unsigned n);

/// The secret of which these are k shares, in any order. With others, fewer, or more than k of which one is
/// wrong: another 32 bytes, and nothing says so. `bad_argument` for none, more than 16, an x of 0 or one
/// twice.
Result<SharedSecret> join_shares(std::span<const Share> shares);

}  // namespace fieldfare::crypto
