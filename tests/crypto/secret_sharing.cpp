#include "crypto/secret_sharing.h"

extern "C" {  // the header does not say so itself
#include <libgfshare.h>
}

#include <array>
#include <numeric>

#include "tests/support/crypto.h"

using namespace fieldfare::crypto;

// libgfshare (Debian's, in the same field, but by tables) is the independent word on the algebra.

namespace {

using Key = std::array<std::uint8_t, 32>;

Key random_key() {
    Key key{};
    must(fill_random(key));
    return key;
}

Key key_of(const SharedSecret& secret) {
    Key key{};
    std::ranges::copy(secret.expose(), key.begin());
    return key;
}

Share copy(const Share& share) {
    Key bytes{};
    std::ranges::copy(share.part.expose(), bytes.begin());
    return {share.x, must(Secret<32, SharePartTag>::take(bytes))};
}

/// The shares whose bit is set in `choice`, the last of them first.
std::vector<Share> chosen(const std::vector<Share>& shares, unsigned choice) {
    std::vector<Share> some;
    for (std::size_t i = shares.size(); i > 0; --i)
        if ((choice >> (i - 1) & 1) != 0) some.push_back(copy(shares[i - 1]));
    return some;
}

/// libgfshare wants it even to wipe what it frees.
void give_randomness() {
    gfshare_fill_rand = [](unsigned char* bytes, unsigned size) { must(fill_random({bytes, size})); };
}

Key joined_by_libgfshare(const std::vector<Share>& shares) {
    give_randomness();
    std::vector<unsigned char> numbers;
    for (const Share& share : shares) numbers.push_back(share.x);
    gfshare_ctx* context =
        gfshare_ctx_init_dec(numbers.data(), static_cast<unsigned>(numbers.size()), sizeof(Key));
    for (std::size_t i = 0; i < shares.size(); ++i) {
        Key part{};
        std::ranges::copy(shares[i].part.expose(), part.begin());
        gfshare_ctx_dec_giveshare(context, static_cast<unsigned char>(i), part.data());
    }
    Key secret{};
    gfshare_ctx_dec_extract(context, secret.data());
    gfshare_ctx_free(context);
    return secret;
}

std::vector<Share> split_by_libgfshare(Key secret, unsigned k, unsigned n) {
    give_randomness();
    std::vector<unsigned char> numbers(n);
    std::iota(numbers.begin(), numbers.end(), static_cast<unsigned char>(40));
    gfshare_ctx* context =
        gfshare_ctx_init_enc(numbers.data(), n, static_cast<unsigned char>(k), sizeof(Key));
    gfshare_ctx_enc_setsecret(context, secret.data());
    std::vector<Share> shares;
    for (unsigned i = 0; i < n; ++i) {
        Key part{};
        gfshare_ctx_enc_getshare(context, static_cast<unsigned char>(i), part.data());
        shares.push_back({numbers[i], must(Secret<32, SharePartTag>::take(part))});
    }
    gfshare_ctx_free(context);
    return shares;
}

}  // namespace

TEST_CASE("any k of n shares give the secret back, and libgfshare joins them to the same") {
    for (unsigned n = 2; n <= 6; ++n)
        for (unsigned k = 2; k <= n; ++k) {
            const Key secret = random_key();
            const auto shares = must(split_secret(secret, k, n));
            REQUIRE(shares.size() == n);
            for (unsigned choice = 1; choice < 1u << n; ++choice) {
                const auto some = chosen(shares, choice);
                const Key joined = key_of(must(join_shares(some)));
                CHECK((joined == secret) == (some.size() >= k));
                CHECK(joined == joined_by_libgfshare(some));
            }
        }
}

TEST_CASE("shares that libgfshare has made are joined, whatever their numbers") {
    for (const auto& [k, n] : {std::pair{2u, 3u}, {3u, 5u}, {5u, 9u}, {16u, 16u}}) {
        const Key secret = random_key();
        const auto shares = split_by_libgfshare(secret, k, n);
        CHECK(key_of(must(join_shares(chosen(shares, (1u << k) - 1)))) == secret);
        CHECK(key_of(must(join_shares(chosen(shares, ((1u << k) - 1) << (n - k))))) == secret);
        CHECK(key_of(must(join_shares(chosen(shares, (1u << (k - 1)) - 1)))) != secret);
    }
}

TEST_CASE("fewer than k shares fit every secret equally well") {
    // Two of three: whatever the first byte of the secret, some second share completes the first to it.
    const auto shares = must(split_secret(random_key(), 2, 3));
    std::array<int, 256> seen{};
    for (unsigned second = 0; second < 256; ++second) {
        std::vector<Share> pair;
        pair.push_back(copy(shares[0]));
        pair.push_back(copy(shares[1]));
        pair[1].part.storage()[0] = static_cast<std::uint8_t>(second);
        ++seen[key_of(must(join_shares(pair)))[0]];
    }
    CHECK(std::ranges::all_of(seen, [](int count) { return count == 1; }));
}

TEST_CASE("the leading coefficient may be zero, as often as any other value") {
    // Of two shares x = 1 and 2 of one secret, the XOR of byte and secret is coefficient times x.
    const Key secret{};
    std::array<int, 256> seen{};
    for (int i = 0; i < 4'000; ++i) {
        const auto shares = must(split_secret(secret, 2, 2));
        for (const std::uint8_t byte : shares[0].part.expose()) ++seen[byte];
    }
    const auto [least, most] = std::ranges::minmax(seen);
    CHECK(least > 380);  // 500 expected; six standard deviations are 134
    CHECK(most < 640);
}

TEST_CASE("a split is drawn anew each time") {
    const Key secret = random_key();
    const auto first = must(split_secret(secret, 2, 2)), second = must(split_secret(secret, 2, 2));
    CHECK_FALSE(std::ranges::equal(first[0].part.expose(), second[0].part.expose()));
}

TEST_CASE("what is no sharing is refused") {
    const Key secret = random_key();
    for (const auto& [k, n] :
         {std::pair{0u, 3u}, {1u, 3u}, {4u, 3u}, {2u, 17u}, {17u, 17u}, {2u, 0u}, {2u, 1u}})
        CHECK(error_of(split_secret(secret, k, n)) == Error::bad_argument);
    CHECK(must(split_secret(secret, 16, 16)).size() == 16);
    const auto shares = must(split_secret(secret, 2, 3));
    CHECK(error_of(join_shares({})) == Error::bad_argument);
    std::vector<Share> twice;
    twice.push_back(copy(shares[0]));
    twice.push_back(copy(shares[0]));
    CHECK(error_of(join_shares(twice)) == Error::bad_argument);
    std::vector<Share> none;
    none.push_back(copy(shares[0]));
    none.push_back({0, must(Secret<32, SharePartTag>::random())});
    CHECK(error_of(join_shares(none)) == Error::bad_argument);
}
