#pragma once

#include "crypto/bytes.h"

namespace fieldfare::crypto {

/// HMAC-SHA256 (RFC 2104, FIPS 198-1) under a key of any length. It is here because the protocol of S3 signs
/// its requests with it; what is ours is keyed BLAKE2b (crypto/hash.h).
Digest hmac_sha256(ByteView key, ByteView message);

}  // namespace fieldfare::crypto
