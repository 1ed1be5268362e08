#include "crypto/secret_sharing.h"

#include <array>

#include "crypto/random.h"

namespace fieldfare::crypto {
namespace {

// Multiplication in the field: eight conditional additions, the conditions as masks.
std::uint8_t times(std::uint8_t a, std::uint8_t b) {
    unsigned product = 0, shifted = a;
    for (unsigned bit = 0; bit < 8; ++bit) {
        product ^= shifted & (0u - ((unsigned{b} >> bit) & 1u));
        shifted = (shifted << 1) ^ (0x11du & (0u - (shifted >> 7)));
    }
    return static_cast<std::uint8_t>(product);
}

// a^254, which is 1/a: the multiplicative group has 255 elements.
std::uint8_t inverse(std::uint8_t a) {
    std::uint8_t power = a, result = 1;
    for (int bit = 1; bit < 8; ++bit) {
        power = times(power, power);
        result = times(result, power);
    }
    return result;
}

}  // namespace

// The secret is the constant term of a polynomial of degree k-1 whose other coefficients are uniform, the
// leading one too: were it never zero, k-1 shares would rule one secret out. A share is its value at x.
Result<std::vector<Share>> split_secret(std::span<const std::uint8_t, 32> secret, unsigned k, unsigned n) {
    if (k < 2 || k > n || n > max_shares) return tl::unexpected(Error::bad_argument);
    std::vector<Secret<32, struct CoefficientTag>> coefficients;
    for (unsigned i = 1; i < k; ++i) {
        auto drawn = Secret<32, struct CoefficientTag>::random();
        if (!drawn) return tl::unexpected(drawn.error());
        coefficients.push_back(std::move(*drawn));
    }
    std::vector<Share> shares;
    for (unsigned x = 1; x <= n; ++x) {
        auto part = Secret<32, SharePartTag>::zeroed();
        if (!part) return tl::unexpected(part.error());
        const auto value = part->storage();
        for (auto each = coefficients.rbegin(); each != coefficients.rend(); ++each)
            for (std::size_t i = 0; i < value.size(); ++i)
                value[i] = times(value[i] ^ each->expose()[i], static_cast<std::uint8_t>(x));
        for (std::size_t i = 0; i < value.size(); ++i) value[i] ^= secret[i];
        shares.push_back({static_cast<std::uint8_t>(x), std::move(*part)});
    }
    return shares;
}

// Lagrange's interpolation at 0; in this field x - y is x ^ y. The x are no secrets.
Result<SharedSecret> join_shares(std::span<const Share> shares) {
    if (shares.empty() || shares.size() > max_shares) return tl::unexpected(Error::bad_argument);
    for (std::size_t i = 0; i < shares.size(); ++i)
        for (std::size_t j = 0; j <= i; ++j)
            if (shares[i].x == 0 || (j < i && shares[i].x == shares[j].x))
                return tl::unexpected(Error::bad_argument);
    auto secret = SharedSecret::zeroed();
    if (!secret) return secret;
    const auto sum = secret->storage();
    for (const Share& share : shares) {
        std::uint8_t weight = 1;
        for (const Share& other : shares)
            if (other.x != share.x)
                weight = times(weight, times(other.x, inverse(static_cast<std::uint8_t>(other.x ^ share.x))));
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= times(share.part.expose()[i], weight);
    }
    return secret;
}

}  // namespace fieldfare::crypto
