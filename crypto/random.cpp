#include "crypto/random.h"

#include <sodium.h>

namespace fieldfare::crypto {

Result<void> start() {
    static const bool started = sodium_init() >= 0;  // 1 when someone else was first
    if (!started) return tl::unexpected(Error::no_randomness);
    return {};
}

Result<void> fill_random(std::span<std::uint8_t> bytes) {
    if (auto started = start(); !started) return started;
    randombytes_buf(bytes.data(), bytes.size());
    return {};
}

Result<Id> random_id() {
    Id id;
    if (auto filled = fill_random(id); !filled) return tl::unexpected(filled.error());
    return id;
}

}  // namespace fieldfare::crypto
