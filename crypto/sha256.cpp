// libsodium's SHA-256 is portable C; that of libcrypto uses the processor's own, four times as fast here, and
// every sealed file goes through it on its way in and out. Its plain calls need no memory and read no
// openssl.cnf, unlike those of EVP.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <new>

#include "crypto/hash.h"

namespace fieldfare::crypto {
namespace {

static_assert(sizeof(SHA256_CTX) <= 128 && alignof(SHA256_CTX) <= 8);

SHA256_CTX* sha256_state(std::array<std::uint8_t, 128>& state) {
    return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

}  // namespace

Sha256::Sha256() {
    SHA256_Init(new (state_.data()) SHA256_CTX);
}

void Sha256::update(ByteView bytes) {
    SHA256_Update(sha256_state(state_), bytes.data(), bytes.size());
}

Digest Sha256::finish() {
    Digest digest;
    SHA256_Final(digest.data(), sha256_state(state_));
    return digest;
}

Digest sha256(ByteView bytes) {
    Sha256 sha256;
    sha256.update(bytes);
    return sha256.finish();
}

}  // namespace fieldfare::crypto
