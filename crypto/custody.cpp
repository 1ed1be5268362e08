#include "crypto/custody.h"

#include <algorithm>

#include "crypto/batch_header.h"
#include "crypto/batch_layout.h"
#include "crypto/hash.h"
#include "crypto/little_endian.h"
#include "crypto/media.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace fieldfare::crypto {
namespace {

constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'H', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint32_t version = 1;  // one byte and three zeros
constexpr std::size_t head_size = 112, entries_at = head_size + 64, entry_size = 92;

Bytes head_for(std::size_t count, const Recipient& custodian, const BoxKey& analyst) {
    Bytes head(magic.begin(), magic.end());
    put_u32(head, version);
    put_u32(head, static_cast<std::uint32_t>(count));
    put(head, custodian.box_key.bytes);
    put(head, custodian.signing_key.bytes);
    put(head, analyst.bytes);
    return head;
}

Result<std::vector<ReleasedShare>> entries_of(ByteView bytes, const BoxKey& custodian) {
    std::vector<ReleasedShare> shares;
    shares.reserve(bytes.size() / entry_size);
    GuardedPages pages;
    FieldReader fields(bytes);
    while (fields.left() > 0) {
        const auto header_tag = fields.array<32>();
        const std::uint8_t quorum = fields.u8(), of = fields.u8(), x = fields.u8(), mixed = fields.u8();
        const auto context = fields.array<24>();
        auto bytes_of_part = fields.array<32>();
        auto part = Secret<32, SharePartTag>::take(bytes_of_part, pages);
        if (!part) return tl::unexpected(part.error());
        const bool sound =
            quorum >= 2 && quorum <= of && of <= max_recipients && x >= 1 && x <= of && mixed <= 1;
        if (!fields.whole() || !sound) return tl::unexpected(Error::damaged);
        shares.push_back({header_tag, quorum, of, custodian, context, {x, std::move(*part)}, mixed == 1});
    }
    return shares;
}

Result<ReleasedShare> copied(const ReleasedShare& share, Result<Secret<32, SharePartTag>>&& part) {
    if (!part) return tl::unexpected(part.error());
    std::ranges::copy(share.share.part.expose(), part->storage().begin());
    return ReleasedShare{share.header_tag, share.quorum,       share.of,
                         share.custodian,  share.slot_context, {share.share.x, std::move(*part)},
                         share.mixed};
}

}  // namespace

Result<ReleasedShare> copy_of(const ReleasedShare& share) {
    return copied(share, Secret<32, SharePartTag>::zeroed());
}

Result<ReleasedShare> copy_of(const ReleasedShare& share, GuardedPages& pages) {
    return copied(share, Secret<32, SharePartTag>::zeroed(pages));
}

Result<ReleasedShare> extract_share(ByteView file, const Identity& custodian) {
    if (!custodian.expose_box_secret()) return tl::unexpected(Error::not_openable);
    // What is left of redacted media keeps its header, by which an analyst tells that it was redacted.
    const auto outline = says_media(file) ? media_outline_of_damaged(source_of(file)) : outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    return batch::open_share(file, *outline, custodian);
}

bool fits(const ReleasedShare& share, ByteView file) {
    // What is said of the header holds whatever follows it.
    const auto outline =
        says_media(file) ? media_outline_of_damaged(source_of(file)) : outline_of_damaged(file);
    return outline && batch::fits(file, *outline, share);
}

bool belongs_to(const ReleasedShare& share, ByteView file, const Id& study, const Digest& policy_digest) {
    return file.size() >= batch::prologue_size &&
           equal(batch::slot_context(file.first(batch::prologue_size), study, policy_digest),
                 share.slot_context);
}

Result<Bytes> seal_shares(std::span<const ReleasedShare> shares, const Identity& custodian,
                          const Recipient& analyst) {
    if (custodian.recipient().kind != IdentityKind::researcher || analyst.kind != IdentityKind::researcher)
        return tl::unexpected(Error::wrong_kind);
    if (shares.empty() || shares.size() > max_shares_in_file) return tl::unexpected(Error::bad_argument);
    if (auto started = start(); !started) return tl::unexpected(started.error());
    Wiped entries;
    entries.bytes.reserve(shares.size() * entry_size);
    for (const ReleasedShare& released : shares) {
        if (released.custodian != custodian.recipient().box_key) return tl::unexpected(Error::bad_argument);
        put(entries.bytes, released.header_tag);
        put_u8(entries.bytes, released.quorum);
        put_u8(entries.bytes, released.of);
        put_u8(entries.bytes, released.share.x);
        put_u8(entries.bytes, released.mixed ? 1 : 0);
        put(entries.bytes, released.slot_context);
        put(entries.bytes, released.share.part.expose());
    }
    Bytes file = head_for(shares.size(), custodian.recipient(), analyst.box_key);
    const auto sealed = seal_box(analyst.box_key, entries.bytes);
    if (!sealed) return tl::unexpected(sealed.error());
    const Signature signature = custodian.signing_key().sign("FFH1 share file ", {file, *sealed});
    put(file, signature);
    put(file, *sealed);
    return file;
}

Result<ShareFile> open_shares(ByteView file, std::span<const Identity> identities) {
    if (auto started = start(); !started) return tl::unexpected(started.error());
    if (file.size() > entries_at + sealed_box_overhead + max_shares_in_file * entry_size)
        return tl::unexpected(Error::damaged);
    FieldReader fields(file);
    if (fields.array<8>() != magic) return tl::unexpected(Error::wrong_format);
    if (fields.u32() != version) return tl::unexpected(Error::unsupported);
    const std::size_t count = fields.u32();
    ShareFile opened;
    opened.custodian.bytes = fields.array<32>();
    opened.signer.bytes = fields.array<32>();
    const BoxKey analyst{fields.array<32>()};
    const auto signature = fields.array<64>();
    if (!fields.whole() || count == 0 || count > max_shares_in_file ||
        fields.left() != count * entry_size + sealed_box_overhead)
        return tl::unexpected(Error::damaged);
    const ByteView sealed = file.subspan(entries_at);
    if (!check(opened.signer) ||
        !verify(opened.signer, "FFH1 share file ", {file.first(head_size), sealed}, signature))
        return tl::unexpected(Error::forged);
    const auto entries = open_box(analyst, sealed, identities);
    if (!entries) return tl::unexpected(entries.error());
    auto shares = entries_of(entries->bytes, opened.custodian);
    if (!shares) return tl::unexpected(shares.error());
    opened.shares = std::move(*shares);
    return opened;
}

}  // namespace fieldfare::crypto
