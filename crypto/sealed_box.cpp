#include "crypto/sealed_box.h"

#include <sodium.h>

namespace fieldfare::crypto {

static_assert(sealed_box_overhead == crypto_box_SEALBYTES);

Result<Bytes> seal_box(const BoxKey& to, ByteView plaintext) {
    Bytes sealed(plaintext.size() + crypto_box_SEALBYTES);
    if (crypto_box_seal(sealed.data(), plaintext.data(), plaintext.size(), to.bytes.data()) != 0)
        return tl::unexpected(Error::weak_key);
    return sealed;
}

Result<Wiped> open_box(const BoxKey& to, ByteView sealed, std::span<const Identity> identities) {
    if (sealed.size() < crypto_box_SEALBYTES) return tl::unexpected(Error::damaged);
    for (const Identity& identity : identities) {
        const auto secret = identity.expose_box_secret();
        if (!secret || identity.recipient().box_key != to) continue;
        Wiped plaintext(Bytes(sealed.size() - crypto_box_SEALBYTES));
        if (crypto_box_seal_open(plaintext.bytes.data(), sealed.data(), sealed.size(), to.bytes.data(),
                                 secret->data()) != 0)
            return tl::unexpected(Error::forged);
        return plaintext;
    }
    return tl::unexpected(Error::not_openable);
}

}  // namespace fieldfare::crypto
