#include "crypto/sealing.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/random.h"
#include "crypto/secret.h"

namespace fieldfare::crypto {

namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t max_plaintext = 16 * 1024 * 1024;
static_assert(sealing_overhead == nonce_size + crypto_aead_xchacha20poly1305_ietf_ABYTES);

using LabelKey = Secret<32, struct LabelKeyTag>;

Result<LabelKey> key_for(std::span<const std::uint8_t, 32> key, const Label& label) {
    return derive<LabelKey>(key, "FFS1 seal key   ", {label.bytes()});
}

}  // namespace

Result<Bytes> seal(std::span<const std::uint8_t, 32> key, const Label& label, ByteView associated,
                   ByteView plaintext) {
    if (plaintext.size() > max_plaintext) return tl::unexpected(Error::too_large);
    const auto label_key = key_for(key, label);
    if (!label_key) return tl::unexpected(label_key.error());
    std::array<std::uint8_t, nonce_size> random;
    if (auto filled = fill_random(random); !filled) return tl::unexpected(filled.error());

    Bytes sealed(plaintext.size() + sealing_overhead);
    const auto nonce = std::span(sealed).first<nonce_size>();
    keyed_hash_into(nonce, key, "FFS1 seal nonce ", {label.bytes(), random, plaintext});
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce_size, nullptr, plaintext.data(),
                                               plaintext.size(), associated.data(), associated.size(),
                                               nullptr, nonce.data(), label_key->expose().data());
    return sealed;
}

Result<Bytes> unseal(std::span<const std::uint8_t, 32> key, const Label& label, ByteView associated,
                     ByteView sealed) {
    if (sealed.size() < sealing_overhead || sealed.size() > max_plaintext + sealing_overhead)
        return tl::unexpected(Error::damaged);
    const auto label_key = key_for(key, label);
    if (!label_key) return tl::unexpected(label_key.error());
    const ByteView body = sealed.subspan(nonce_size);
    Bytes plaintext(sealed.size() - sealing_overhead);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext.data(), nullptr, nullptr, body.data(),
                                                   body.size(), associated.data(), associated.size(),
                                                   sealed.data(), label_key->expose().data()) != 0)
        return tl::unexpected(Error::damaged);
    return plaintext;
}

}  // namespace fieldfare::crypto
