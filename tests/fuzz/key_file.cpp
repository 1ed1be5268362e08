// A secret key file as it comes; and its header and secrets (64 + 192 bytes of the input) with commitment,
// seal and checksum as they have to be. Argon2id is a plain hash here, by the linker (--wrap in
// tests/CMakeLists.txt): 64 MiB for each try would leave a fuzzer nothing to do. That a file's cost is within
// its bounds is checked in its place.

#include <sodium.h>

#include "tests/fuzz/known_keys.h"
#include "tests/support/crypto_key_forger.h"

using namespace fieldfare;
using crypto::Bytes;

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

namespace {

void read(crypto::ByteView file) {
    const auto words = crypto::SecretText::copy_of("right");
    fuzz::must(words.has_value(), "there is guarded memory");
    const auto identity = crypto::Identity::from_file_bytes(file, *words);
    if (!identity) return;
    const crypto::Recipient& recipient = identity->recipient();
    fuzz::must(
        identity->expose_box_secret().has_value() == (recipient.kind == crypto::IdentityKind::researcher),
        "a researcher has a box key and a root none");
    const auto line = crypto::to_line(recipient);
    fuzz::must(line.has_value(), "the public half of a key file can be given away");
    fuzz::must(crypto::from_line(*line) == recipient, "and comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::begin_the_same_randomness();
    read({data, size});
    static const test::KeyForger forger("right");
    if (size < 64) return 0;
    Bytes secrets(data + 64, data + size);
    secrets.resize(192);
    read(forger.key_file(Bytes(data, data + 64), secrets));
    return 0;
}
