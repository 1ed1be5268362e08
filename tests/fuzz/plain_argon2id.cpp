// In the place of Argon2id, by the linker (--wrap in tests/CMakeLists.txt): a plain hash, since 64 MiB for
// each try would leave a fuzzer nothing to do. That the cost is within its bounds is checked here.

#include <sodium.h>

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/promise.h"

using namespace fieldfare;

extern "C" {
int __wrap_crypto_pwhash_argon2id(unsigned char* out, unsigned long long size, const char* passphrase,
                                  unsigned long long passphrase_size, const unsigned char* salt,
                                  unsigned long long passes, std::size_t memory, int algorithm);
int __wrap_crypto_pwhash_argon2id(unsigned char* out, unsigned long long size, const char* passphrase,
                                  unsigned long long passphrase_size, const unsigned char* salt,
                                  unsigned long long passes, std::size_t memory, int algorithm) {
    fuzz::must(passes >= 3 && passes <= 16, "passes are checked before the work");
    fuzz::must(memory >= (64UL << 20) && memory <= (1024UL << 20), "memory is checked before the work");
    fuzz::must(algorithm == crypto_pwhash_argon2id_ALG_ARGON2ID13, "the algorithm is Argon2id");
    crypto_generichash_state state;
    crypto_generichash_init(&state, salt, crypto_pwhash_argon2id_SALTBYTES, size);
    const auto number = static_cast<std::uint8_t>(passes);
    crypto_generichash_update(&state, &number, 1);
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(passphrase), passphrase_size);
    return crypto_generichash_final(&state, out, size);
}
}
