#include "crypto/recovery.h"

#include <sodium.h>

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/keyslots_layout.h"
#include "crypto/little_endian.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace fieldfare::crypto {

namespace {

constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'R', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint8_t version = 1;
enum Kind : std::uint8_t { request_file = 1, answer_file = 2 };
constexpr std::size_t head_size = 12;
constexpr std::size_t checksum_size = 16;

// In the slot: type, 7 zeros, master key, study, device, 8 zeros.
constexpr std::size_t slot_content = 80;
static_assert(slot_content + sealed_box_overhead == keyslots::slot_size);
constexpr std::size_t request_size = head_size + 32 + keyslots::slot_size + checksum_size;
// In an answer: master key, hash of the request.
constexpr std::size_t answer_content = 64;
constexpr std::size_t answer_size = head_size + answer_content + sealed_box_overhead + checksum_size;

Bytes head_of(Kind kind) {
    Bytes head(magic.begin(), magic.end());
    put_u8(head, version);
    put_u8(head, kind);
    head.resize(head_size);
    return head;
}

Bytes with_checksum(Bytes file) {
    const auto sum = hash<checksum_size>("FFR1 checksum   ", {file});
    put(file, sum);
    return file;
}

/// What stands between head and checksum.
Result<ByteView> body_of(ByteView file, Kind kind, std::size_t size) {
    if (FieldReader(file).array<8>() != magic) return tl::unexpected(Error::wrong_format);
    if (file.size() < head_size + checksum_size) return tl::unexpected(Error::damaged);
    if (file[8] != version) return tl::unexpected(Error::unsupported);
    if (file[9] != kind) return tl::unexpected(Error::wrong_format);
    if (file.size() != size) return tl::unexpected(Error::damaged);
    const ByteView summed = file.first(size - checksum_size);
    if (!equal(hash<checksum_size>("FFR1 checksum   ", {summed}), file.last(checksum_size)))
        return tl::unexpected(Error::damaged);
    if (!all_zero(file.subspan(10, 2))) return tl::unexpected(Error::not_canonical);
    return summed.subspan(head_size);
}

Digest hash_of(ByteView request) {
    return hash("FFR1 request    ", {request});
}

Fingerprint digits_of(ByteView request) {
    return fingerprint_of("FFR1 digits     ", {request});
}

Result<std::pair<BoxKey, BoxSecret>> one_time_key() {
    if (auto started = start(); !started) return tl::unexpected(started.error());
    auto secret = BoxSecret::zeroed();
    if (!secret) return tl::unexpected(secret.error());
    BoxKey key;
    crypto_box_keypair(key.bytes.data(), secret->storage().data());
    return std::pair{key, std::move(*secret)};
}

}  // namespace

Result<Bytes> seal_recovery_slot(const MasterKey& master, const VaultName& vault,
                                 const std::optional<BoxKey>& supervisor) {
    BoxKey to;
    if (supervisor) {
        if (auto checked = check(*supervisor); !checked) return tl::unexpected(checked.error());
        to = *supervisor;
    } else {
        const auto thrown_away = one_time_key();
        if (!thrown_away) return tl::unexpected(thrown_away.error());
        to = thrown_away->first;
    }
    Wiped content{Bytes(slot_content)};
    content.bytes[0] = static_cast<std::uint8_t>(keyslots::SlotType::recovery);
    auto at = content.bytes.begin() + 8;
    if (supervisor) {
        at = std::ranges::copy(master.expose(), at).out;
        at = std::ranges::copy(vault.study, at).out;
        std::ranges::copy(vault.device, at);
    }
    return seal_box(to, content.bytes);
}

Result<RecoveryRequest> RecoveryRequest::begin(ByteView slot) {
    if (slot.size() != keyslots::slot_size) return tl::unexpected(Error::damaged);
    auto key = one_time_key();
    if (!key) return tl::unexpected(key.error());
    Bytes file = head_of(request_file);
    put(file, key->first.bytes);
    put(file, slot);
    return RecoveryRequest(key->first, std::move(key->second), with_checksum(std::move(file)));
}

Fingerprint RecoveryRequest::digits() const {
    return digits_of(file_);
}

Result<MasterKey> RecoveryRequest::open(ByteView answer) const {
    const auto body = body_of(answer, answer_file, answer_size);
    if (!body) return tl::unexpected(body.error());
    Wiped content{Bytes(answer_content)};
    if (crypto_box_seal_open(content.bytes.data(), body->data(), body->size(), key_.bytes.data(),
                             secret_.expose().data()) != 0)
        return tl::unexpected(Error::forged);
    if (!equal(hash_of(file_), ByteView(content.bytes).last(32))) return tl::unexpected(Error::forged);
    return MasterKey::take(std::span(content.bytes).first<32>());
}

Result<OpenedRequest> OpenedRequest::open(ByteView file, std::span<const Identity> identities) {
    const auto body = body_of(file, request_file, request_size);
    if (!body) return tl::unexpected(body.error());
    FieldReader fields(*body);
    const BoxKey one_time{fields.array<32>()};
    if (auto checked = check(one_time); !checked) return tl::unexpected(checked.error());
    const ByteView slot = fields.take(keyslots::slot_size);
    for (const Identity& identity : identities) {
        auto content = open_box(identity.recipient().box_key, slot, {&identity, 1});
        if (!content) continue;
        const ByteView opened = content->bytes;
        if (opened[0] != static_cast<std::uint8_t>(keyslots::SlotType::recovery))
            return tl::unexpected(Error::unsupported);
        if (!all_zero(opened.subspan(1, 7)) || !all_zero(opened.last(8)))
            return tl::unexpected(Error::not_canonical);
        FieldReader sealed(opened.subspan(40));
        VaultName vault;
        vault.study = sealed.array<16>();
        vault.device = sealed.array<16>();
        auto master = MasterKey::take(std::span(content->bytes).subspan<8, 32>());
        if (!master) return tl::unexpected(master.error());
        return OpenedRequest(vault, std::move(*master), one_time, Bytes(file.begin(), file.end()));
    }
    return tl::unexpected(Error::not_openable);
}

Fingerprint OpenedRequest::digits() const {
    return digits_of(file_);
}

Result<Bytes> OpenedRequest::answer() const {
    Wiped content{Bytes(answer_content)};
    std::ranges::copy(master_.expose(), content.bytes.begin());
    std::ranges::copy(hash_of(file_), content.bytes.begin() + 32);
    const auto sealed = seal_box(one_time_, content.bytes);
    if (!sealed) return tl::unexpected(sealed.error());
    Bytes file = head_of(answer_file);
    put(file, *sealed);
    return with_checksum(std::move(file));
}

}  // namespace fieldfare::crypto
