#include "crypto/batch_header.h"

#include <sodium.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "crypto/cells.h"
#include "crypto/little_endian.h"
#include "crypto/random.h"
#include "crypto/secret_sharing.h"

namespace fieldfare::crypto {

static_assert(max_batch_header == batch::header_size(16));

Result<BatchOutline> outline_of_damaged(ByteView file) {
    if (file.size() > max_batch_file) return tl::unexpected(Error::too_large);
    auto outline = batch::decode_prologue(file, file.size(), batch::cell_log2_records);
    if (!outline) return outline;
    const std::size_t header = batch::header_size(outline->slots);
    outline->cells = (file.size() - header) / batch::cell_size;
    outline->header_tag =
        FieldReader(file.subspan(header - batch::header_tag_size, batch::header_tag_size)).array<32>();
    return outline;
}

Result<BatchOutline> outline_of(ByteView file) {
    auto outline = outline_of_damaged(file);
    if (!outline) return outline;
    if (file.size() != batch::header_size(outline->slots) + outline->cells * batch::cell_size ||
        outline->cells != batch::padded_cells(outline->cells))
        return tl::unexpected(Error::damaged);
    return outline;
}

}  // namespace fieldfare::crypto

namespace fieldfare::crypto::batch {

Result<BatchOutline> decode_prologue(ByteView start, std::uint64_t file_size, std::uint8_t cell_log2) {
    FieldReader fields(start);
    if (fields.array<8>() != magic) return tl::unexpected(Error::wrong_format);
    if (file_size < header_size(4)) return tl::unexpected(Error::damaged);
    if (fields.u8() != format || fields.u8() != suite || fields.u8() != cell_log2)
        return tl::unexpected(Error::unsupported);
    BatchOutline outline;
    outline.slots = fields.u8();
    if (outline.slots != 4 && outline.slots != 8 && outline.slots != 16)
        return tl::unexpected(Error::unsupported);
    if (fields.u32() != 0) return tl::unexpected(Error::unsupported);
    outline.routing_tag = fields.array<16>();
    if (file_size < header_size(outline.slots)) return tl::unexpected(Error::damaged);
    return outline;
}

namespace {

using SlotPlaintext = Secret<slot_plaintext_size, struct SlotPlaintextTag>;

// In a slot: type, k, n, x, key or share, whether it is mixed with a pre-shared key, zeros, context.
constexpr std::uint8_t whole_key = 1, key_share = 2;
constexpr std::size_t key_at = 4;
constexpr std::size_t mixed_at = 36;
constexpr std::size_t zeros_at = 37, zeros = 3;
constexpr std::size_t context_at = 40;

/// A slot that nobody opens, of the same look: sealed to a key whose secret half is gone at once.
Result<BoxKey> nobody() {
    auto secret = BoxSecret::random();
    if (!secret) return tl::unexpected(secret.error());
    BoxKey key;
    crypto_scalarmult_base(key.bytes.data(), secret->expose().data());
    return key;
}

/// Who gets which slot: the index of a recipient, or a number behind the last for a decoy.
std::vector<std::size_t> shuffled(std::size_t slots) {
    std::vector<std::size_t> order(slots);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = slots - 1; i > 0; --i)
        std::swap(order[i], order[randombytes_uniform(static_cast<std::uint32_t>(i) + 1)]);
    return order;
}

/// Lets whoever has a share see whether it is the one that the device put into this header, with all that it
/// says of itself.
std::array<std::uint8_t, share_tag_size> share_tag(ByteView prologue, const ReleasedShare& released) {
    const std::array<std::uint8_t, 3> place{released.quorum, released.of, released.share.x};
    const std::array<std::uint8_t, 1> one{1};
    return keyed_hash<share_tag_size>(released.share.part.expose(), "FFB1 share tag  ",
                                      {prologue, place, released.custodian.bytes, released.slot_context,
                                       ByteView(one).first(released.mixed ? 1 : 0)});
}

/// Gives `use` what each slot holds that opens, until it says that this was the one.
template <class Use>
void each_opened_slot(ByteView file, const BatchOutline& outline, const Identity& identity,
                      SlotPlaintext& plaintext, Use&& use) {
    const auto secret = identity.expose_box_secret();
    if (!secret) return;
    for (std::size_t slot = 0; slot < outline.slots; ++slot) {
        const ByteView sealed = file.subspan(prologue_size + slot_size * slot, sealed_slot_size);
        if (crypto_box_seal_open(plaintext.storage().data(), sealed.data(), sealed.size(),
                                 identity.recipient().box_key.bytes.data(), secret->data()) == 0 &&
            use(plaintext.expose()))
            return;
    }
}

using SlotFields = std::span<const std::uint8_t, slot_plaintext_size>;

bool sound_rest(SlotFields fields) {
    return fields[mixed_at] <= 1 && all_zero(fields.subspan(zeros_at, zeros));
}

bool holds_whole_key(SlotFields fields) {
    return fields[0] == whole_key && all_zero(fields.subspan(1, 3)) && sound_rest(fields);
}

bool holds_share(SlotFields fields) {
    const std::uint8_t k = fields[1], n = fields[2], x = fields[3];
    return fields[0] == key_share && k >= 2 && k <= n && n <= max_recipients && x >= 1 && x <= n &&
           sound_rest(fields);
}

/// Which of the reasons not to open goes before which, whatever the order of the slots.
int weight(Error error) {
    switch (error) {
        case Error::not_openable:
            return 0;
        case Error::unsupported:
            return 1;
        case Error::too_few_shares:
            return 2;
        case Error::psk_missing:
            return 3;
        case Error::damaged:
            return 4;
        default:
            return 5;  // the machine's
    }
}

/// Enough shares to try together, which agree in what they say of the batch; one a custodian.
using Quorum = std::vector<const ReleasedShare*>;

bool agree(const ReleasedShare& one, const ReleasedShare& other) {
    return one.quorum == other.quorum && one.of == other.of && one.slot_context == other.slot_context &&
           one.mixed == other.mixed;
}

/// A hostile device may deal shares that fit and do not agree: each set of enough that do is tried, in the
/// order of their first shares.
std::vector<Quorum> quorums_of(const std::vector<const ReleasedShare*>& fitting) {
    std::vector<Quorum> all;
    for (const ReleasedShare* released : fitting) {
        const auto found = std::ranges::find_if(
            all, [&](const Quorum& quorum) { return agree(*quorum.front(), *released); });
        if (found == all.end()) {
            all.push_back({released});
            continue;
        }
        const bool there = std::ranges::any_of(
            *found, [&](const ReleasedShare* other) { return other->share.x == released->share.x; });
        if (!there) found->push_back(released);
    }
    std::erase_if(all, [](const Quorum& quorum) { return quorum.size() < quorum.front()->quorum; });
    // Those of the lowest places, so that every reader that has the same shares comes to the same end.
    for (Quorum& quorum : all) {
        std::ranges::sort(quorum, {}, [](const ReleasedShare* each) { return each->share.x; });
        quorum.resize(quorum.front()->quorum);
    }
    return all;
}

Result<ContentKey> joined(const Quorum& released) {
    std::vector<Share> shares;
    for (const ReleasedShare* each : released) {
        auto part = Secret<32, SharePartTag>::zeroed();
        if (!part) return tl::unexpected(part.error());
        std::ranges::copy(each->share.part.expose(), part->storage().begin());
        shares.push_back({each->share.x, std::move(*part)});
    }
    const auto secret = join_shares(shares);
    auto key = ContentKey::zeroed();
    if (!secret || !key) return tl::unexpected(secret ? key.error() : secret.error());
    std::ranges::copy(secret->expose(), key->storage().begin());
    return key;
}

ReleasedShare share_in(SlotFields fields, const BatchOutline& outline, const Identity& custodian,
                       Secret<32, SharePartTag>&& part) {
    std::ranges::copy(fields.subspan<key_at, 32>(), part.storage().begin());
    return {outline.header_tag,
            fields[1],
            fields[2],
            custodian.recipient().box_key,
            FieldReader(fields.subspan(context_at)).array<24>(),
            {fields[3], std::move(part)},
            fields[mixed_at] == 1};
}

/// What everything follows from: the key out of the slots, or that mixed with the pre-shared key that fits.
Result<ContentKey> content_key_from(KeyBytes sealed, bool is_mixed, const StudyMaterial& material,
                                    ByteView before_tag, const Digest& header_tag) {
    const auto gives_tag = [&](const ContentKey& key) {
        return equal(header_tag_for(key.expose(), before_tag), header_tag);
    };
    if (!is_mixed) {
        auto key = ContentKey::zeroed();
        if (!key) return key;
        std::ranges::copy(sealed, key->storage().begin());
        if (!gives_tag(*key)) return tl::unexpected(Error::damaged);
        return key;
    }
    for (const SharedPreSharedKey& each : material.pre_shared_keys()) {
        auto key = mixed(sealed, *each);
        if (!key || gives_tag(*key)) return key;
    }
    return tl::unexpected(Error::psk_missing);
}

}  // namespace

Result<ContentKey> archived_content_key(ByteView header, const BatchOutline& outline,
                                        const ArchivedKey& key) {
    auto content_key = ContentKey::zeroed();
    if (!content_key) return tl::unexpected(content_key.error());
    std::ranges::copy(key.key.expose(), content_key->storage().begin());
    const ByteView before_tag = header.first(header_size(outline.slots) - header_tag_size);
    if (!equal(header_tag_for(content_key->expose(), before_tag), outline.header_tag))
        return tl::unexpected(Error::damaged);
    return content_key;
}

bool fits(ByteView file, const BatchOutline& outline, const ReleasedShare& released) {
    if (released.header_tag != outline.header_tag) return false;
    const auto tag = share_tag(file.first(prologue_size), released);
    bool found = false;
    for (std::size_t slot = 0; slot < outline.slots; ++slot)
        found =
            equal(tag, file.subspan(prologue_size + slot_size * slot + sealed_slot_size, share_tag_size)) ||
            found;
    return found;
}

Result<SealedHeader> seal_header(const Id& routing_tag, const BatchOpen& open, const PreSharedKey* pre_shared,
                                 std::uint8_t cell_log2) {
    auto content_key = ContentKey::random();
    if (!content_key) return tl::unexpected(content_key.error());
    const std::vector<BoxKey>& recipients = open.recipients;
    const auto order = shuffled(slots_for(recipients.size()));
    const auto n = static_cast<std::uint8_t>(recipients.size());
    Bytes header(magic.begin(), magic.end());
    put_u8(header, format);
    put_u8(header, suite);
    put_u8(header, cell_log2);
    put_u8(header, static_cast<std::uint8_t>(order.size()));
    put_u32(header, 0);
    put(header, routing_tag);
    header.resize(prologue_size + slot_size * order.size());
    if (auto filled = fill_random(std::span(header).subspan(32)); !filled)
        return tl::unexpected(filled.error());

    auto plaintext = SlotPlaintext::zeroed();
    if (!plaintext) return tl::unexpected(plaintext.error());
    const auto fields = plaintext->storage();
    const ByteView prologue = ByteView(header).first(prologue_size);
    const SlotContext context = slot_context(prologue, open.study, open.policy_digest);
    std::ranges::copy(context, fields.begin() + context_at);
    fields[mixed_at] = pre_shared != nullptr ? 1 : 0;
    std::vector<ReleasedShare> shares;  // as their custodians will release them
    if (open.quorum != 0) {
        auto split = split_secret(content_key->expose(), open.quorum, n);
        if (!split) return tl::unexpected(split.error());
        for (std::size_t i = 0; i < recipients.size(); ++i)
            shares.push_back(
                {{}, open.quorum, n, recipients[i], context, std::move((*split)[i]), pre_shared != nullptr});
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        std::uint8_t* slot = header.data() + prologue_size + slot_size * i;
        const std::size_t to = order[i];
        if (to >= recipients.size()) {
            // Nobody opens a decoy, but the content key does not go into it either.
            const std::array<std::uint8_t, slot_plaintext_size> nothing{};
            const auto decoy = nobody();
            if (!decoy) return tl::unexpected(decoy.error());
            if (crypto_box_seal(slot, nothing.data(), nothing.size(), decoy->bytes.data()) != 0)
                return tl::unexpected(Error::weak_key);
            continue;
        }
        if (shares.empty()) {
            fields[0] = whole_key;
            std::ranges::copy(content_key->expose(), fields.begin() + key_at);
        } else {
            const ReleasedShare& released = shares[to];
            fields[0] = key_share;
            fields[1] = open.quorum;
            fields[2] = n;
            fields[3] = released.share.x;
            std::ranges::copy(released.share.part.expose(), fields.begin() + key_at);
            std::ranges::copy(share_tag(prologue, released), slot + sealed_slot_size);
        }
        if (crypto_box_seal(slot, fields.data(), fields.size(), recipients[to].bytes.data()) != 0)
            return tl::unexpected(Error::weak_key);
    }
    if (pre_shared) content_key = mixed(content_key->expose(), *pre_shared);
    if (!content_key) return tl::unexpected(content_key.error());
    const Digest tag = header_tag_for(content_key->expose(), header);
    put(header, tag);
    return SealedHeader{std::move(header), tag, std::move(*content_key)};
}

Result<OpenedHeader> open_header(ByteView file, const BatchOutline& outline,
                                 std::span<const Identity> identities, const StudyMaterial& material,
                                 std::span<const ReleasedShare> shares) {
    const ByteView before_tag = file.first(header_size(outline.slots) - header_tag_size);
    auto plaintext = SlotPlaintext::zeroed();
    if (!plaintext) return tl::unexpected(plaintext.error());
    Error refusal = Error::not_openable;
    const auto refuse = [&refusal](Error error) {
        if (weight(error) > weight(refusal)) refusal = error;
        return false;
    };
    std::optional<OpenedHeader> opened;
    std::vector<ReleasedShare> own;
    for (std::size_t i = 0; i < identities.size() && !opened; ++i)
        each_opened_slot(file, outline, identities[i], *plaintext, [&](SlotFields fields) {
            if (holds_share(fields)) {
                if (auto part = Secret<32, SharePartTag>::zeroed())
                    own.push_back(share_in(fields, outline, identities[i], std::move(*part)));
                return refuse(Error::too_few_shares);
            }
            if (!holds_whole_key(fields)) return refuse(Error::unsupported);
            auto content_key = content_key_from(fields.subspan<key_at, 32>(), fields[mixed_at] == 1, material,
                                                before_tag, outline.header_tag);
            if (!content_key) return refuse(content_key.error());
            opened.emplace(OpenedHeader{
                std::move(*content_key), FieldReader(fields.subspan(context_at)).array<24>(), i, {}});
            return true;
        });
    if (opened) return std::move(*opened);

    std::vector<const ReleasedShare*> fitting;
    for (const std::span<const ReleasedShare> source : {std::span<const ReleasedShare>(own), shares})
        for (const ReleasedShare& released : source)
            if (fits(file, outline, released)) fitting.push_back(&released);
    if (fitting.empty()) return tl::unexpected(refusal);
    refusal = Error::too_few_shares;
    for (const Quorum& quorum : quorums_of(fitting)) {
        const auto whole = joined(quorum);
        if (!whole) return tl::unexpected(whole.error());
        const ReleasedShare& first = *quorum.front();
        auto key = content_key_from(whole->expose(), first.mixed, material, before_tag, outline.header_tag);
        if (!key) {
            refuse(key.error());
            continue;
        }
        OpenedHeader by_shares{std::move(*key), first.slot_context, std::nullopt, {}};
        for (const ReleasedShare* each : quorum)
            by_shares.holders.push_back({each->custodian, each->quorum, each->of, each->share.x});
        return by_shares;
    }
    return tl::unexpected(refusal);
}

Result<ReleasedShare> open_share(ByteView file, const BatchOutline& outline, const Identity& custodian) {
    auto plaintext = SlotPlaintext::zeroed();
    auto part = Secret<32, SharePartTag>::zeroed();
    if (!plaintext || !part) return tl::unexpected(Error::out_of_memory);
    Error refusal = Error::not_openable;
    std::optional<ReleasedShare> found;
    each_opened_slot(file, outline, custodian, *plaintext, [&](SlotFields fields) {
        if (!holds_share(fields)) {
            refusal = holds_whole_key(fields) ? Error::wrong_kind : Error::unsupported;
            return false;
        }
        ReleasedShare released = share_in(fields, outline, custodian, std::move(*part));
        if (fits(file, outline, released)) {
            found.emplace(std::move(released));
            return true;
        }
        part = std::move(released.share.part);
        refusal = Error::damaged;
        return false;
    });
    if (!found) return tl::unexpected(refusal);
    return std::move(*found);
}

}  // namespace fieldfare::crypto::batch
