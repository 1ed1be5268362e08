// A secret key file as it comes; and its header and secrets (64 + 192 bytes of the input) with commitment,
// seal and checksum as they have to be. Argon2id is a plain hash here, by the linker
// (fuzz/plain_argon2id.cpp).

#include <sodium.h>

#include "tests/fuzz/known_keys.h"
#include "tests/support/crypto_key_forger.h"

using namespace fieldfare;
using crypto::Bytes;

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
