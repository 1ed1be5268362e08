#include "crypto/hmac.h"

#include <sodium.h>

namespace fieldfare::crypto {

Digest hmac_sha256(ByteView key, ByteView message) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    crypto_auth_hmacsha256_update(&state, message.data(), message.size());
    Digest digest;
    static_assert(sizeof digest == crypto_auth_hmacsha256_BYTES);
    crypto_auth_hmacsha256_final(&state, digest.data());
    sodium_memzero(&state, sizeof state);
    return digest;
}

}  // namespace fieldfare::crypto
