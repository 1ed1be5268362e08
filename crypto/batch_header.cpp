#include "crypto/batch_header.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "crypto/cells.h"
#include "crypto/little_endian.h"
#include "crypto/random.h"

namespace fieldfare::crypto {

Result<BatchOutline> outline_of(ByteView file) {
    if (file.size() > max_batch_file) return tl::unexpected(Error::too_large);
    FieldReader fields(file);
    if (fields.array<8>() != batch::magic) return tl::unexpected(Error::wrong_format);
    if (file.size() < batch::header_size(4)) return tl::unexpected(Error::damaged);
    if (fields.u8() != batch::format || fields.u8() != batch::suite ||
        fields.u8() != batch::cell_log2_records)
        return tl::unexpected(Error::unsupported);
    BatchOutline outline;
    outline.slots = fields.u8();
    if (outline.slots != 4 && outline.slots != 8 && outline.slots != 16)
        return tl::unexpected(Error::unsupported);
    if (fields.u32() != 0) return tl::unexpected(Error::unsupported);
    outline.routing_tag = fields.array<16>();
    const std::size_t header = batch::header_size(outline.slots);
    if (file.size() < header || (file.size() - header) % batch::cell_size != 0)
        return tl::unexpected(Error::damaged);
    outline.cells = (file.size() - header) / batch::cell_size;
    if (outline.cells != batch::padded_cells(outline.cells)) return tl::unexpected(Error::damaged);
    outline.header_tag =
        FieldReader(file.subspan(header - batch::header_tag_size, batch::header_tag_size)).array<32>();
    return outline;
}

}  // namespace fieldfare::crypto

namespace fieldfare::crypto::batch {

namespace {

using SlotPlaintext = Secret<slot_plaintext_size, struct SlotPlaintextTag>;

// In a slot: type, k, n, x, key or share, group, context.
constexpr std::uint8_t whole_key = 1;  // 2 is for shares
constexpr std::size_t key_at = 4;
constexpr std::size_t group_at = 36;
constexpr std::size_t context_at = 40;

/// A slot that nobody opens, of the same look: sealed to a key whose secret half is gone at once.
Result<BoxKey> nobody() {
    auto secret = BoxSecret::random();
    if (!secret) return tl::unexpected(secret.error());
    BoxKey key;
    crypto_scalarmult_base(key.bytes.data(), secret->expose().data());
    return key;
}

Result<std::vector<BoxKey>> shuffled_with_decoys(std::vector<BoxKey> recipients) {
    const std::size_t slots = slots_for(recipients.size());
    while (recipients.size() < slots) {
        const auto decoy = nobody();
        if (!decoy) return tl::unexpected(decoy.error());
        recipients.push_back(*decoy);
    }
    for (std::size_t i = recipients.size() - 1; i > 0; --i)
        std::swap(recipients[i], recipients[randombytes_uniform(static_cast<std::uint32_t>(i) + 1)]);
    return recipients;
}

}  // namespace

Result<Bytes> seal_header(const Id& routing_tag, const BatchOpen& open, const ContentKey& content_key) {
    const auto keys = shuffled_with_decoys(open.recipients);
    if (!keys) return tl::unexpected(keys.error());
    Bytes header(magic.begin(), magic.end());
    put_u8(header, format);
    put_u8(header, suite);
    put_u8(header, cell_log2_records);
    put_u8(header, static_cast<std::uint8_t>(keys->size()));
    put_u32(header, 0);
    put(header, routing_tag);
    header.resize(prologue_size + slot_size * keys->size());
    if (auto filled = fill_random(std::span(header).subspan(32)); !filled)
        return tl::unexpected(filled.error());

    auto plaintext = SlotPlaintext::zeroed();
    if (!plaintext) return tl::unexpected(plaintext.error());
    plaintext->storage()[0] = whole_key;
    std::ranges::copy(content_key.expose(), plaintext->storage().begin() + key_at);
    std::ranges::copy(slot_context(ByteView(header).first(prologue_size), open.study, open.policy_digest),
                      plaintext->storage().begin() + context_at);
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const bool is_recipient = std::ranges::count(open.recipients, (*keys)[i]) > 0;
        std::uint8_t* slot = header.data() + prologue_size + slot_size * i;
        // Nobody opens a decoy, but the content key does not go into it either.
        const std::array<std::uint8_t, slot_plaintext_size> nothing{};
        const std::uint8_t* content = is_recipient ? plaintext->expose().data() : nothing.data();
        if (crypto_box_seal(slot, content, slot_plaintext_size, (*keys)[i].bytes.data()) != 0)
            return tl::unexpected(Error::weak_key);
    }
    put(header, header_tag_for(content_key.expose(), header));
    return header;
}

Result<OpenedHeader> open_header(ByteView file, const BatchOutline& outline,
                                 std::span<const Identity> identities) {
    const ByteView before_tag = file.first(header_size(outline.slots) - header_tag_size);
    auto plaintext = SlotPlaintext::zeroed();
    auto content_key = ContentKey::zeroed();
    if (!plaintext || !content_key) return tl::unexpected(Error::out_of_memory);
    Error refusal = Error::not_openable;
    for (std::size_t i = 0; i < identities.size(); ++i) {
        const auto secret = identities[i].expose_box_secret();
        if (!secret) continue;
        for (std::size_t slot = 0; slot < outline.slots; ++slot) {
            const ByteView sealed = before_tag.subspan(prologue_size + slot_size * slot, sealed_slot_size);
            if (crypto_box_seal_open(plaintext->storage().data(), sealed.data(), sealed.size(),
                                     identities[i].recipient().box_key.bytes.data(), secret->data()) != 0)
                continue;
            const auto fields = plaintext->expose();
            // k, n and x belong to shares, and so does the group.
            if (fields[0] != whole_key || !all_zero(fields.subspan(1, 3)) ||
                !all_zero(fields.subspan(group_at, 4))) {
                if (refusal == Error::not_openable) refusal = Error::unsupported;
                continue;
            }
            if (!equal(header_tag_for(fields.subspan<key_at, 32>(), before_tag), outline.header_tag)) {
                refusal = Error::damaged;
                continue;
            }
            std::ranges::copy(fields.subspan<key_at, 32>(), content_key->storage().begin());
            return OpenedHeader{std::move(*content_key), FieldReader(fields.subspan(context_at)).array<24>(),
                                i};
        }
    }
    return tl::unexpected(refusal);
}

}  // namespace fieldfare::crypto::batch
