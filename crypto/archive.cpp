#include "crypto/archive.h"

#include <algorithm>
#include <array>

#include "crypto/batch_header.h"
#include "crypto/batch_reader.h"
#include "crypto/batch_salvage.h"
#include "crypto/hash.h"
#include "crypto/little_endian.h"
#include "crypto/media_reader.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace fieldfare::crypto {
namespace {

constexpr std::array<std::uint8_t, 8> magic{0x89, 'F', 'F', 'W', 0x0d, 0x0a, 0x1a, 0x0a};
constexpr std::uint32_t version = 1;  // one byte and three zeros
constexpr std::size_t head_size = 108, content_size = 64;
static_assert(wrap_size == head_size + content_size + sealed_box_overhead);

/// Ties the sealed key to what the head says in clear.
Digest binding(ByteView head) {
    return hash("FFW1 wrap head  ", {head});
}

struct VerifiedFile {
    BatchOutline outline;
    Digest id{};  ///< of the batch, or of the part of a media file
    std::uint8_t quorum = 0;
};

/// `keys`: identities and the study's material, or an ArchivedKey.
Result<VerifiedFile> verified_answers(ByteView batch, const auto&... keys) {
    auto opened = inspect_batch(batch, keys...);
    // What was redacted, or has rotted in part, is to be had from the archive as well.
    if (!opened && opened.error() == Error::damaged)
        opened = inspect_damaged_batch(batch, keys...).map([](SalvagedBatch&& rest) {
            return std::move(rest.batch);
        });
    if (!opened) return tl::unexpected(opened.error());
    const auto outline = outline_of_damaged(batch);
    if (!outline) return tl::unexpected(outline.error());
    return VerifiedFile{*outline, opened->id, opened->open.quorum};
}

Result<VerifiedFile> verified_media(ByteView part, const Result<OpenedMedia>& opened) {
    if (!opened) return tl::unexpected(opened.error());
    const auto outline = media_outline_of(source_of(part));
    if (!outline) return tl::unexpected(outline.error());
    return VerifiedFile{*outline, opened->id, opened->head.quorum};
}

/// Why the archive's key is not to open this file, if it is not.
Result<void> check_wrapping(const Result<VerifiedFile>& verified, const Recipient& archive) {
    if (archive.kind != IdentityKind::researcher) return tl::unexpected(Error::wrong_kind);
    if (!verified) return tl::unexpected(verified.error());
    if (verified->quorum != 0) return tl::unexpected(Error::wrong_kind);
    return {};
}

Result<Bytes> wrapped(const VerifiedFile& verified, std::span<const std::uint8_t, 32> content_key,
                      const BoxKey& archive) {
    Bytes file(magic.begin(), magic.end());
    put_u32(file, version);
    put(file, archive.bytes);
    put(file, verified.outline.header_tag);
    put(file, verified.id);
    Wiped content;
    content.bytes.reserve(content_size);
    put(content.bytes, content_key);
    put(content.bytes, binding(file));
    const auto sealed = seal_box(archive, content.bytes);
    if (!sealed) return tl::unexpected(sealed.error());
    put(file, *sealed);
    return file;
}

}  // namespace

Result<Bytes> wrap_for_archive(ByteView batch, std::span<const Identity> identities, const Recipient& archive,
                               const StudyMaterial& material) {
    const auto verified =
        says_media(batch) ? verified_media(batch, inspect_media(source_of(batch), identities, {}, material))
                          : verified_answers(batch, identities, material);
    if (auto fine = check_wrapping(verified, archive); !fine) return tl::unexpected(fine.error());
    const auto header = batch::open_header(batch, verified->outline, identities, material, {});
    if (!header) return tl::unexpected(header.error());
    return wrapped(*verified, header->content_key.expose(), archive.box_key);
}

Result<Bytes> wrap_for_archive(ByteView batch, const ArchivedKey& key, const Recipient& archive) {
    const auto verified = says_media(batch) ? verified_media(batch, inspect_media(source_of(batch), key))
                                            : verified_answers(batch, key);
    if (auto fine = check_wrapping(verified, archive); !fine) return tl::unexpected(fine.error());
    return wrapped(*verified, key.key.expose(), archive.box_key);
}

Result<ArchivedKey> open_wrap(ByteView wrap, std::span<const Identity> identities) {
    if (auto started = start(); !started) return tl::unexpected(started.error());
    FieldReader fields(wrap);
    if (fields.array<8>() != magic) return tl::unexpected(Error::wrong_format);
    if (fields.u32() != version) return tl::unexpected(Error::unsupported);
    if (wrap.size() != wrap_size) return tl::unexpected(Error::damaged);
    const BoxKey archive{fields.array<32>()};
    const auto header_tag = fields.array<32>();
    const auto id = fields.array<32>();
    auto content = open_box(archive, wrap.subspan(head_size), identities);
    if (!content) return tl::unexpected(content.error());
    if (!equal(ByteView(content->bytes).subspan(32), binding(wrap.first(head_size))))
        return tl::unexpected(Error::forged);
    auto key = Secret<32, ArchivedKeyTag>::take(std::span(content->bytes).first<32>());
    if (!key) return tl::unexpected(key.error());
    return ArchivedKey{header_tag, id, std::move(*key)};
}

}  // namespace fieldfare::crypto
