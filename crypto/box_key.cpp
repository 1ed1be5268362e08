#include "crypto/box_key.h"

#include <algorithm>
#include <string_view>

#include "crypto/bytes.h"

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

/// All canonical ones: 0 (order 2), 1 (order 4), two of order 8, -1 (order 4, on the twist); libsodium
/// refuses the same. https://cr.yp.to/ecdh.html#validate
constexpr std::array<std::string_view, 5> small_order{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"};

}  // namespace

Result<void> check(const BoxKey& key) {
    if (!canonical(key)) return tl::unexpected(Error::not_canonical);
    // A table and not a multiplication: a reader checks every recipient of every batch.
    if (std::ranges::count(small_order, to_hex(key.bytes)) > 0) return tl::unexpected(Error::weak_key);
    return {};
}

}  // namespace fieldfare::crypto
