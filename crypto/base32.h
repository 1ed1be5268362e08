#pragma once

#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace fieldfare::crypto {

/// Crockford's alphabet (no I, L, O, U) in lower case, most significant bit first, without padding. Inside
/// this folder only.
std::string to_base32(ByteView bytes);

/// The exact inverse: `not_canonical` for any text that `to_base32` does not write.
Result<Bytes> from_base32(std::string_view text);

}  // namespace fieldfare::crypto
