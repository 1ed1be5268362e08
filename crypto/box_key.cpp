#include "crypto/box_key.h"

#include <sodium.h>

#include <algorithm>

namespace fieldfare::crypto {

namespace {

/// Below 2^255 - 19, as a little-endian number.
bool canonical(const BoxKey& key) {
    constexpr std::uint8_t top = 0x7f;
    if (key.bytes[31] > top) return false;
    if (key.bytes[31] < top) return true;
    const bool all_ones =
        std::all_of(key.bytes.begin() + 1, key.bytes.begin() + 31, [](auto b) { return b == 0xff; });
    return !all_ones || key.bytes[0] < 0xed;
}

}  // namespace

Result<void> check(const BoxKey& key) {
    if (!canonical(key)) return tl::unexpected(Error::not_canonical);
    // The product with any clamped scalar, a multiple of 8, is zero exactly for points of small order.
    std::array<std::uint8_t, 32> scalar{};
    scalar[0] = 8;
    std::array<std::uint8_t, 32> product;
    if (crypto_scalarmult(product.data(), scalar.data(), key.bytes.data()) != 0)
        return tl::unexpected(Error::weak_key);
    return {};
}

}  // namespace fieldfare::crypto
