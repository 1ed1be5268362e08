#include "crypto/passphrase_cost.h"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "crypto/passphrase_key.h"

namespace fieldfare::crypto {

static_assert(crypto_pwhash_argon2id_SALTBYTES == 16);

Result<void> check(const PassphraseCost& cost) {
    const auto within = [](std::uint32_t value, std::uint32_t floor, std::uint32_t cap) {
        return value >= floor && value <= cap;
    };
    if (!within(cost.memory_kib, cost_floor.memory_kib, cost_cap.memory_kib) ||
        !within(cost.passes, cost_floor.passes, cost_cap.passes))
        return tl::unexpected(Error::cost_refused);
    return {};
}

Result<PassphraseKey> passphrase_key(const SecretText& passphrase, std::span<const std::uint8_t, 16> salt,
                                     const PassphraseCost& cost) {
    if (auto checked = check(cost); !checked) return tl::unexpected(checked.error());
    auto key = PassphraseKey::zeroed();
    if (!key) return key;
    const std::string_view text = passphrase.expose();
    // With parameters inside its limits, the one thing that Argon2id can fail on is memory.
    if (crypto_pwhash_argon2id(key->storage().data(), PassphraseKey::size, text.data(), text.size(),
                               salt.data(), cost.passes, std::size_t{cost.memory_kib} * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return tl::unexpected(Error::out_of_memory);
    return key;
}

namespace {

using Seconds = std::chrono::duration<double>;

Result<Seconds> fastest_of_five(const PassphraseCost& cost) {
    const auto passphrase = SecretText::copy_of("a passphrase of common length");
    if (!passphrase) return tl::unexpected(passphrase.error());
    const std::array<std::uint8_t, 16> salt{};
    Seconds fastest = Seconds::max();
    for (int trial = 0; trial < 5; ++trial) {
        const auto begin = std::chrono::steady_clock::now();
        if (auto key = passphrase_key(*passphrase, salt, cost); !key) return tl::unexpected(key.error());
        fastest = std::min<Seconds>(fastest, std::chrono::steady_clock::now() - begin);
    }
    return fastest;
}

bool has_two_gib() {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long page_size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_size <= 0) return false;
    // A machine sold with 2 GiB shows less: firmware and graphics take their part.
    return static_cast<double>(pages) * static_cast<double>(page_size) >= 1.75 * 1024 * 1024 * 1024;
}

}  // namespace

std::uint32_t calibrated_passes(const PassphraseCost& measured, Seconds taken) {
    // Time grows with the passes as good as in proportion; aiming between the two ends leaves room for error.
    constexpr Seconds target{0.7};
    const double passes = std::floor(measured.passes * target / taken);
    return static_cast<std::uint32_t>(std::clamp(passes, double{cost_floor.passes}, double{cost_cap.passes}));
}

Result<PassphraseCost> calibrate_cost() {
    PassphraseCost cost = cost_floor;
    if (has_two_gib()) cost.memory_kib = 256 * 1024;
    auto taken = fastest_of_five(cost);
    if (!taken && taken.error() == Error::out_of_memory && cost.memory_kib > cost_floor.memory_kib) {
        cost.memory_kib = cost_floor.memory_kib;
        taken = fastest_of_five(cost);
    }
    if (!taken) return tl::unexpected(taken.error());

    cost.passes = calibrated_passes(cost, *taken);
    return cost;
}

}  // namespace fieldfare::crypto
