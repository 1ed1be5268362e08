#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/error.h"

namespace fieldfare::crypto {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

using Id = std::array<std::uint8_t, 16>;      ///< study, device, incarnation, submission: random or a hash
using Digest = std::array<std::uint8_t, 32>;  ///< a BLAKE2b-256 or SHA-256

/// The bytes of a text, without a copy: valid as long as the text is.
ByteView bytes_of(std::string_view text);

/// Lower-case hexadecimal, two digits a byte. For public values only: never for a key.
std::string to_hex(ByteView bytes);

/// The other way. `not_canonical` for an odd number of digits, upper case, or anything that is no digit.
Result<Bytes> from_hex(std::string_view text);

}  // namespace fieldfare::crypto
