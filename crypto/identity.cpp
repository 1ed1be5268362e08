#include "crypto/identity.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/label_text.h"
#include "crypto/little_endian.h"
#include "crypto/passphrase_key.h"
#include "crypto/random.h"

namespace fieldfare::crypto {

namespace {

// The `.ffkey` file (KEYS.md): header, commitment, sealed secrets, checksum.
constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'K', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t version = 1;
constexpr std::size_t header_size = 64;
constexpr std::size_t salt_at = 24;
constexpr std::size_t nonce_at = 40;
constexpr std::size_t commitment_size = 32;
constexpr std::size_t secrets_size = 192;
constexpr std::size_t sealed_size = secrets_size + crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t checksum_size = 16;
constexpr std::size_t file_size = header_size + commitment_size + sealed_size + checksum_size;
static_assert(header_size - nonce_at == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);

using Secrets = Secret<secrets_size, struct IdentitySecretsTag>;
using FileKey = Secret<32, struct IdentityFileKeyTag>;

Result<BoxKey> public_of(std::span<const std::uint8_t, 32> box_secret) {
    BoxKey key;
    if (crypto_scalarmult_base(key.bytes.data(), box_secret.data()) != 0)
        return tl::unexpected(Error::weak_key);
    return key;
}

struct KeyFileOpening {
    IdentityKind kind;
    PassphraseCost cost;
};

/// Everything that needs no passphrase, in the order of KEYS.md; the cost is checked where it is used.
Result<KeyFileOpening> sound_file(ByteView file) {
    FieldReader fields(file);
    if (fields.array<8>() != magic) return tl::unexpected(Error::wrong_format);
    const std::uint8_t file_version = fields.u8();
    if (fields.whole() && file_version != version) return tl::unexpected(Error::unsupported);
    if (file.size() != file_size) return tl::unexpected(Error::damaged);
    if (hash<checksum_size>("FFK1 checksum   ", {file.first(file_size - checksum_size)}) !=
        FieldReader(file.last(checksum_size)).array<checksum_size>())
        return tl::unexpected(Error::damaged);
    const std::uint8_t kind = fields.u8();
    if (kind != 1 && kind != 2) return tl::unexpected(Error::unsupported);
    const std::uint16_t first_gap = fields.u16();
    const PassphraseCost cost{fields.u32(), fields.u32()};
    if (first_gap != 0 || fields.u32() != 0) return tl::unexpected(Error::not_canonical);
    return KeyFileOpening{static_cast<IdentityKind>(kind), cost};
}

Digest commitment_to(const PassphraseKey& key, ByteView header) {
    return keyed_hash(key.expose(), "FFK1 commitment ", {header});
}

Result<FileKey> file_key(const PassphraseKey& key, ByteView header) {
    return derive<FileKey>(key.expose(), "FFK1 seal key   ", {header});
}

}  // namespace

Result<IdentityKind> check_key_file(ByteView file) {
    if (auto started = start(); !started) return tl::unexpected(started.error());
    const auto opening = sound_file(file);
    if (!opening) return tl::unexpected(opening.error());
    if (auto allowed = check(opening->cost); !allowed) return tl::unexpected(allowed.error());
    return opening->kind;
}

Result<Identity> Identity::generate(IdentityKind kind, std::string_view label) {
    if (!label_text_allowed(label)) return tl::unexpected(Error::bad_argument);
    auto signing_key = SigningKey::generate();
    if (!signing_key) return tl::unexpected(signing_key.error());
    Recipient recipient{kind, {}, signing_key->verify_key(), std::string(label)};
    std::optional<BoxSecret> box_secret;
    if (kind == IdentityKind::researcher) {
        auto drawn = BoxSecret::random();
        if (!drawn) return tl::unexpected(drawn.error());
        const auto box_key = public_of(drawn->expose());
        if (!box_key) return tl::unexpected(box_key.error());
        recipient.box_key = *box_key;
        box_secret = std::move(*drawn);
    }
    return Identity(std::move(recipient), std::move(*signing_key), std::move(box_secret));
}

Result<std::span<const std::uint8_t, 32>> Identity::expose_box_secret() const {
    if (!box_secret_) return tl::unexpected(Error::wrong_kind);
    return box_secret_->expose();
}

Result<Bytes> Identity::to_file_bytes(const SecretText& passphrase, const PassphraseCost& cost) const {
    std::array<std::uint8_t, header_size - salt_at> salt_and_nonce;
    if (auto filled = fill_random(salt_and_nonce); !filled) return tl::unexpected(filled.error());
    Bytes file(magic.begin(), magic.end());
    put_u8(file, version);
    put_u8(file, static_cast<std::uint8_t>(recipient_.kind));
    put_u16(file, 0);
    put_u32(file, cost.memory_kib);
    put_u32(file, cost.passes);
    put_u32(file, 0);
    put(file, salt_and_nonce);

    const auto key = passphrase_key(passphrase, std::span(file).subspan<salt_at, 16>(), cost);
    if (!key) return tl::unexpected(key.error());
    const Bytes header = file;
    const auto seal_key = file_key(*key, header);
    if (!seal_key) return tl::unexpected(seal_key.error());
    put(file, commitment_to(*key, header));

    auto secrets = Secrets::zeroed();
    if (!secrets) return tl::unexpected(secrets.error());
    const auto fields = secrets->storage();
    if (box_secret_) std::ranges::copy(box_secret_->expose(), fields.begin());
    std::ranges::copy(signing_key_.expose_seed(), fields.begin() + 32);
    fields[64] = static_cast<std::uint8_t>(recipient_.label.size());
    std::ranges::copy(bytes_of(recipient_.label), fields.begin() + 65);

    file.resize(header_size + commitment_size + sealed_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        file.data() + header_size + commitment_size, nullptr, secrets->expose().data(), secrets_size,
        header.data(), header.size(), nullptr, header.data() + nonce_at, seal_key->expose().data());
    put(file, hash<checksum_size>("FFK1 checksum   ", {file}));
    return file;
}

Result<Identity> Identity::from_file_bytes(ByteView file, const SecretText& passphrase) {
    const auto opening = sound_file(file);
    if (!opening) return tl::unexpected(opening.error());
    const auto& [kind, cost] = *opening;
    const ByteView header = file.first(header_size);
    const auto key = passphrase_key(passphrase, file.subspan<salt_at, 16>(), cost);
    if (!key) return tl::unexpected(key.error());
    if (!equal(commitment_to(*key, header), file.subspan(header_size, commitment_size)))
        return tl::unexpected(Error::wrong_passphrase);
    const auto open_key = file_key(*key, header);
    auto secrets = Secrets::zeroed();
    if (!open_key || !secrets) return tl::unexpected(Error::out_of_memory);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(secrets->storage().data(), nullptr, nullptr,
                                                   file.data() + header_size + commitment_size, sealed_size,
                                                   header.data(), header.size(), header.data() + nonce_at,
                                                   open_key->expose().data()) != 0)
        return tl::unexpected(Error::damaged);

    const auto opened = secrets->expose();
    const std::size_t label_size = opened[64];
    if (label_size > max_label_text || !all_zero(opened.subspan(65 + label_size)))
        return tl::unexpected(Error::not_canonical);
    Recipient recipient;
    recipient.kind = kind;
    recipient.label.assign(opened.begin() + 65,
                           opened.begin() + 65 + static_cast<std::ptrdiff_t>(label_size));
    if (!label_text_allowed(recipient.label)) return tl::unexpected(Error::not_canonical);
    auto signing_key = SigningKey::from_seed(opened.subspan<32, 32>());
    if (!signing_key) return tl::unexpected(signing_key.error());
    recipient.signing_key = signing_key->verify_key();

    std::optional<BoxSecret> box_secret;
    if (recipient.kind == IdentityKind::researcher) {
        auto taken = BoxSecret::take(secrets->storage().first<32>());
        if (!taken) return tl::unexpected(taken.error());
        const auto box_key = public_of(taken->expose());
        if (!box_key) return tl::unexpected(box_key.error());
        recipient.box_key = *box_key;
        box_secret = std::move(*taken);
    } else if (!all_zero(opened.first<32>())) {
        return tl::unexpected(Error::not_canonical);
    }
    return Identity(std::move(recipient), std::move(*signing_key), std::move(box_secret));
}

}  // namespace fieldfare::crypto
