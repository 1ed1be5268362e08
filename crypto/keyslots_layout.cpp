#include "crypto/keyslots_layout.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/little_endian.h"
#include "crypto/random.h"
#include "crypto/recovery.h"

namespace fieldfare::crypto::keyslots {

namespace {

constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'V', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t version = 0;
constexpr std::size_t generation_at = 16;
constexpr std::size_t cost_at = 24;
constexpr std::size_t salt_at = 32;
constexpr std::size_t slots_at = 64;
constexpr std::size_t fill_at = slots_at + slot_count * slot_size;
constexpr std::size_t checksum_at = copy_size - 32;

// A slot: nonce, sealed {type, 7 zeros, master key, what becomes of sealed files, 15 zeros}, commitment.
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t content_size = 56;
constexpr std::size_t master_at = 8;
constexpr std::size_t sealed_files_at = 40;
constexpr std::size_t sealed_size = content_size + crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(nonce_size + sealed_size + 32 == slot_size);

using SlotKey = Secret<32, struct SlotKeyTag>;
using SlotContent = Secret<content_size, struct SlotContentTag>;

/// What a slot is bound to: everything before the slots but the generation, which other slots outlive.
Bytes binding(ByteView copy, std::size_t index) {
    Bytes bound;
    put(bound, copy.first(generation_at));
    put(bound, copy.subspan(cost_at, slots_at - cost_at));
    put_u8(bound, static_cast<std::uint8_t>(index));
    return bound;
}

ByteView slot_of(ByteView copy, std::size_t index) {
    return copy.subspan(slots_at + index * slot_size, slot_size);
}

std::span<std::uint8_t> slot_of(Bytes& copy, std::size_t index) {
    return std::span(copy).subspan(slots_at + index * slot_size, slot_size);
}

Digest checksum_of(ByteView copy) {
    return hash("FFV0 checksum   ", {copy.first(checksum_at)});
}

Result<void> seal_content(Bytes& copy, std::size_t index, const PassphraseKey& key,
                          const SlotContent& content) {
    const Bytes bound = binding(copy, index);
    const auto slot_key = derive<SlotKey>(key.expose(), "FFV0 slot key   ", {bound});
    if (!slot_key) return tl::unexpected(Error::out_of_memory);
    const auto slot = slot_of(copy, index);
    if (auto filled = fill_random(slot.first(nonce_size)); !filled) return filled;
    crypto_aead_xchacha20poly1305_ietf_encrypt(slot.data() + nonce_size, nullptr, content.expose().data(),
                                               content_size, bound.data(), bound.size(), nullptr, slot.data(),
                                               slot_key->expose().data());
    keyed_hash_into(slot.last(32), key.expose(), "FFV0 slot commit", {bound, slot.first(nonce_size)});
    return {};
}

}  // namespace

Result<Bytes> empty_copy(const PassphraseCost& cost, std::uint64_t generation) {
    if (auto checked = check(cost); !checked) return tl::unexpected(checked.error());
    Bytes copy(magic.begin(), magic.end());
    put_u8(copy, version);
    put_u8(copy, static_cast<std::uint8_t>(slot_count));
    copy.resize(cost_at);
    put_u32(copy, cost.memory_kib);
    put_u32(copy, cost.passes);
    copy.resize(copy_size);
    if (auto filled = fill_random(std::span(copy).subspan(salt_at, 16)); !filled)
        return tl::unexpected(filled.error());
    auto filled = emptied(std::move(copy));
    if (!filled) return filled;
    return finished(std::move(*filled), generation);
}

Result<Bytes> emptied(Bytes copy) {
    for (std::size_t i = 0; i < slot_count; ++i)
        if (auto done = empty_slot(copy, i); !done) return tl::unexpected(done.error());
    // Random bytes are no public key half of the time: what nobody can open is sealed all the same.
    const auto nobodys = MasterKey::zeroed();
    if (!nobodys) return tl::unexpected(nobodys.error());
    const auto slot = seal_recovery_slot(*nobodys, {}, std::nullopt);
    if (!slot) return tl::unexpected(slot.error());
    put_recovery_slot(copy, *slot);
    return copy;
}

bool begins_as_keyslots(ByteView file) {
    return FieldReader(file).array<8>() == magic;
}

Result<void> check_copy(ByteView copy) {
    if (copy.size() != copy_size) return tl::unexpected(Error::damaged);
    if (!begins_as_keyslots(copy)) return tl::unexpected(Error::wrong_format);
    // Every version keeps magic, version, generation and checksum where they are, so that a flipped bit is
    // never taken for a later version and a later version never for a damaged file.
    if (!equal(checksum_of(copy), copy.subspan(checksum_at))) return tl::unexpected(Error::damaged);
    if (copy[8] != version || copy[9] != slot_count) return tl::unexpected(Error::unsupported);
    if (auto checked = check(cost_of(copy)); !checked) return checked;
    if (!all_zero(copy.subspan(10, 6)) || !all_zero(copy.subspan(salt_at + 16, 16)) ||
        !all_zero(copy.subspan(fill_at, checksum_at - fill_at)))
        return tl::unexpected(Error::not_canonical);
    return {};
}

PassphraseCost cost_of(ByteView copy) {
    FieldReader fields(copy.subspan(cost_at, 8));
    const std::uint32_t memory_kib = fields.u32();
    return {memory_kib, fields.u32()};
}

std::uint64_t generation_of(ByteView copy) {
    return FieldReader(copy.subspan(generation_at, 8)).u64();
}

Result<void> seal_slot(Bytes& copy, std::size_t index, const PassphraseKey& key, SlotType type,
                       const MasterKey& master) {
    auto content = SlotContent::zeroed();
    if (!content) return tl::unexpected(Error::out_of_memory);
    content->storage()[0] = static_cast<std::uint8_t>(type);
    std::ranges::copy(master.expose(), content->storage().begin() + master_at);
    return seal_content(copy, index, key, *content);
}

Result<void> seal_destroy_slot(Bytes& copy, std::size_t index, const PassphraseKey& key, SealedFiles sealed) {
    auto content = SlotContent::zeroed();
    if (!content) return tl::unexpected(Error::out_of_memory);
    content->storage()[0] = static_cast<std::uint8_t>(SlotType::destroy);
    content->storage()[sealed_files_at] = static_cast<std::uint8_t>(sealed);
    return seal_content(copy, index, key, *content);
}

Result<void> empty_slot(Bytes& copy, std::size_t index) {
    return fill_random(slot_of(copy, index));
}

Bytes recovery_slot_of(ByteView copy) {
    const ByteView slot = slot_of(copy, recovery_place);
    return {slot.begin(), slot.end()};
}

void put_recovery_slot(Bytes& copy, ByteView slot) {
    std::ranges::copy(slot, slot_of(copy, recovery_place).begin());
}

Result<std::size_t> free_place() {
    if (auto started = start(); !started) return tl::unexpected(started.error());
    constexpr std::size_t first = 2, last = recovery_place - 1;
    return first + randombytes_uniform(last - first + 1);
}

Bytes finished(Bytes copy, std::uint64_t generation) {
    for (std::size_t i = 0; i < 8; ++i)
        copy[generation_at + i] = static_cast<std::uint8_t>(generation >> (8 * i));
    std::ranges::copy(checksum_of(copy), copy.begin() + checksum_at);
    return copy;
}

Result<PassphraseKey> key_for(ByteView copy, const SecretText& passphrase) {
    return passphrase_key(passphrase, copy.subspan<salt_at, 16>(), cost_of(copy));
}

Result<PassphraseKey> with_token(const PassphraseKey& key, const TokenKey& token) {
    return derive<PassphraseKey>(key.expose(), "FFV0 token      ", {token.expose()});
}

Result<OpenedSlot> open_slot(ByteView copy, std::size_t index, const PassphraseKey& key) {
    const Bytes bound = binding(copy, index);
    const ByteView slot = slot_of(copy, index);
    if (!equal(keyed_hash(key.expose(), "FFV0 slot commit", {bound, slot.first(nonce_size)}), slot.last(32)))
        return tl::unexpected(Error::wrong_passphrase);
    const auto slot_key = derive<SlotKey>(key.expose(), "FFV0 slot key   ", {bound});
    auto content = SlotContent::zeroed();
    auto master = MasterKey::zeroed();
    if (!slot_key || !content || !master) return tl::unexpected(Error::out_of_memory);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(content->storage().data(), nullptr, nullptr,
                                                   slot.data() + nonce_size, sealed_size, bound.data(),
                                                   bound.size(), slot.data(), slot_key->expose().data()) != 0)
        return tl::unexpected(Error::damaged);
    const auto fields = content->expose();
    const auto type = static_cast<SlotType>(fields[0]);
    if (type != SlotType::user && type != SlotType::previous && type != SlotType::destroy)
        return tl::unexpected(Error::unsupported);
    const auto sealed = static_cast<SealedFiles>(fields[sealed_files_at]);
    if (!all_zero(fields.subspan(1, 7)) || !all_zero(fields.subspan(sealed_files_at + 1)))
        return tl::unexpected(Error::not_canonical);
    if (type == SlotType::destroy) {
        if (!all_zero(fields.subspan(master_at, 32))) return tl::unexpected(Error::not_canonical);
        if (sealed != SealedFiles::stay && sealed != SealedFiles::go)
            return tl::unexpected(Error::unsupported);
        return OpenedSlot{type, std::move(*master), sealed};
    }
    if (sealed != SealedFiles::stay) return tl::unexpected(Error::not_canonical);
    std::ranges::copy(fields.subspan(master_at, 32), master->storage().begin());
    return OpenedSlot{type, std::move(*master)};
}

}  // namespace fieldfare::crypto::keyslots
