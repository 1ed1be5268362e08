#include <doctest/doctest.h>

#include "crypto/archive.h"
#include "crypto/custody.h"
#include "crypto/media_layout.h"
#include "tests/support/crypto_media.h"

// What honest devices seal of media files, and what researchers have of it.

using namespace fieldfare::crypto;
using namespace fieldfare::test;

namespace {

Result<OpenedMedia> opening(const Bytes& file, std::span<const Identity> identities, Released& released,
                            std::span<const ReleasedShare> shares = {}) {
    return read_media(source_of(file), identities, shares, released.sink());
}

std::size_t cells_of(const Bytes& file) {
    return (file.size() - media_header_size(4)) / media_cell;
}

}  // namespace

TEST_CASE("a photo that a device seals is what the researcher opens") {
    const Photo photo;
    Released released;
    const auto opened = must(opening(photo.file, photo.team.identities, released));
    CHECK(released.bytes == photo.content);
    CHECK(opened.head.submission == id_named("submission"));
    CHECK(opened.head.device_key == photo.device.key.verify_key());
    CHECK(opened.head.media_hash == photo.sealed.hash);
    CHECK(opened.head.size == photo.content.size());
    CHECK(opened.head.part == 0);
    CHECK(opened.head.withdrawal == Digest{});
    CHECK(opened.id == photo.sealed.seals.front().id);
    CHECK(equal(opened.receipt_key.expose(), photo.device.receipt_key.expose()));
    CHECK(sha256(photo.file) == photo.sealed.seals.front().sha256);
    CHECK(photo.file.size() == photo.sealed.seals.front().size);
}

TEST_CASE("the hash that the submission names is that of all parts together") {
    const Researchers team;
    const SealingDevice device(team);
    const Bytes content = noise_of(2 * media_part_size + 12345);
    const SealedFiles sealed = seal_media(device, media_context(device), content);
    REQUIRE(sealed.parts.size() == 3);
    Released released;
    std::optional<MediaHash> hash;
    for (std::uint32_t part = 0; part < 3; ++part) {
        const auto opened = must(opening(sealed.parts[part], team.identities, released));
        CHECK(opened.head.part == part);
        CHECK(opened.head.size == content.size());
        CHECK(opened.head.media_hash == sealed.hash);
        if (!hash) hash.emplace(opened.media_key);
    }
    CHECK(released.bytes == content);
    hash->update(released.bytes);
    CHECK(hash->finish() == sealed.hash);
}

TEST_CASE("a media file of any size comes back, and its parts have the lengths of full cells") {
    const Researchers team;
    const SealingDevice device(team);
    const std::size_t first = media_first_cell - media_head;  // bytes in the first cell
    const std::map<std::size_t, std::size_t> cells = {
        {1, 4},
        {first, 4},                  // one cell
        {first + 3 * 65536, 4},      // four
        {first + 3 * 65536 + 1, 5},  // five
        {first + 8 * 65536, 10},     // nine: Padmé
        {media_part_size, 128},      // a full part, whose cells are a power of two
        {media_part_size - 65536, 128},
    };
    for (const auto& [size, expected] : cells) {
        CAPTURE(size);
        const Bytes content = noise_of(size);
        const SealedFiles sealed = seal_media(device, media_context(device), content);
        REQUIRE(sealed.parts.size() == 1);
        CHECK(cells_of(sealed.parts.front()) == expected);
        CHECK(sealed.parts.front().size() <= max_media_part_file);
        Released released;
        must(opening(sealed.parts.front(), team.identities, released));
        CHECK(released.bytes == content);
    }
    const SealedFiles two = seal_media(device, media_context(device), noise_of(media_part_size + 1));
    CHECK(two.parts.size() == 2);
    CHECK(cells_of(two.parts.back()) == 4);
}

TEST_CASE("the longest media file has 33 parts, and one byte more is refused") {
    CHECK(media_parts(max_media_size) == 33);
    CHECK(media_part_length(max_media_size, 32) == max_media_size - 32 * media_part_size);
    const Researchers team;
    const SealingDevice device(team);
    const ByteSource too_long{max_media_size + 1, [](auto, auto) { return Result<void>(); }};
    CHECK(error_of(MediaWriter::prepare(media_context(device), too_long)) == Error::too_large);
    CHECK(error_of(MediaWriter::prepare(media_context(device), source_of({}))) == Error::bad_argument);
}

TEST_CASE("a whole media file never stands in memory: no more than a cell of it is read at once") {
    const Researchers team;
    const SealingDevice device(team);
    const Bytes content = noise_of(media_part_size + 70'000);
    std::size_t longest = 0;
    ByteSource source = source_of(content);
    source.read = [&, read = source.read](std::uint64_t at, std::span<std::uint8_t> into) {
        longest = std::max(longest, into.size());
        return read(at, into);
    };
    const auto writer = must(MediaWriter::prepare(media_context(device), source));
    Bytes file;
    must(writer.seal(0, device.key, device.receipt_key, source, [&](ByteView bytes) {
        longest = std::max(longest, bytes.size());
        file.insert(file.end(), bytes.begin(), bytes.end());
        return Result<void>();
    }));
    ByteSource sealed = source_of(file);
    sealed.read = [&, read = sealed.read](std::uint64_t at, std::span<std::uint8_t> into) {
        longest = std::max(longest, into.size());
        return read(at, into);
    };
    must(read_media(sealed, team.identities, {}, [&](ByteView bytes) {
        longest = std::max(longest, bytes.size());
        return Result<void>();
    }));
    CHECK(longest <= media_cell);
}

TEST_CASE("the same photo in two submissions has two hashes, and its files have nothing in common") {
    const Photo photo;
    const SealedFiles again = seal_media(photo.device, media_context(photo.device), photo.content);
    CHECK(again.hash != photo.sealed.hash);
    CHECK(again.seals.front().id != photo.sealed.seals.front().id);
    std::size_t same = 0;
    for (std::size_t at = 64; at < photo.file.size(); ++at)
        if (photo.file[at] == again.parts.front()[at]) ++same;
    CHECK(same < photo.file.size() / 200);  // one in 256 by chance
}

TEST_CASE("nothing of a media file is released before its last byte is verified") {
    const Photo photo(600'000);
    Bytes changed = photo.file;
    changed.back() ^= 1;
    Released released;
    CHECK(error_of(opening(changed, photo.team.identities, released)) == Error::damaged);
    CHECK(released.bytes.empty());
}

TEST_CASE("a file that changes between the two readings is noticed, and is nobody's word") {
    const Photo photo(600'000);
    Bytes changing = photo.file;
    ByteSource source = source_of(changing);
    std::size_t reads_of_last_cell = 0;
    source.read = [&, read = source.read](std::uint64_t at, std::span<std::uint8_t> into) {
        if (at == media_header_size(4) + 9 * media_cell && ++reads_of_last_cell == 2) changing[at + 5] ^= 1;
        return read(at, into);
    };
    Released released;
    CHECK(error_of(read_media(source, photo.team.identities, {}, released.sink())) == Error::damaged);
    CHECK(reads_of_last_cell == 2);
}

TEST_CASE("a photo that changes while it is sealed is not sealed") {
    const Researchers team;
    const SealingDevice device(team);
    Bytes content = noise_of(200'000);
    const auto source = source_of(content);
    const auto writer = must(MediaWriter::prepare(media_context(device), source));
    content[150'000] ^= 1;
    const auto nowhere = [](ByteView) { return Result<void>(); };
    CHECK(error_of(writer.seal(0, device.key, device.receipt_key, source, nowhere)) == Error::wrong_state);
    CHECK(error_of(writer.seal(1, device.key, device.receipt_key, source, nowhere)) == Error::bad_argument);
    const auto longer = noise_of(200'001);
    CHECK(error_of(writer.seal(0, device.key, device.receipt_key, source_of(longer), nowhere)) ==
          Error::wrong_state);
}

TEST_CASE("what a source or a sink fails with is what sealing and opening fail with") {
    const Photo photo;
    const auto full = [](ByteView) -> Result<void> { return tl::unexpected(Error::not_writable); };
    const auto source = source_of(photo.content);
    const auto writer = must(MediaWriter::prepare(media_context(photo.device), source));
    CHECK(error_of(writer.seal(0, photo.device.key, photo.device.receipt_key, source, full)) ==
          Error::not_writable);
    CHECK(error_of(read_media(source_of(photo.file), photo.team.identities, {}, full)) ==
          Error::not_writable);
    const ByteSource broken{photo.file.size(),
                            [](auto, auto) -> Result<void> { return tl::unexpected(Error::not_readable); }};
    CHECK(error_of(inspect_media(broken, photo.team.identities)) == Error::not_readable);
    CHECK(error_of(MediaWriter::prepare(media_context(photo.device), broken)) == Error::not_readable);
}

TEST_CASE("media are not begun for nobody, for too many, for one twice or for a key without secrets") {
    const Photo photo;
    const auto preparing = [&](std::vector<BoxKey> recipients, std::uint8_t quorum = 0) {
        MediaContext context = media_context(photo.device);
        context.recipients = std::move(recipients);
        context.quorum = quorum;
        return error_of(MediaWriter::prepare(std::move(context), source_of(photo.content)));
    };
    const BoxKey ours = photo.team.box_keys().front();
    CHECK(preparing({}) == Error::bad_argument);
    CHECK(preparing({ours, ours}) == Error::bad_argument);
    CHECK(preparing(Researchers(17).box_keys()) == Error::bad_argument);
    CHECK(preparing({ours}, 2) == Error::bad_argument);
    CHECK(preparing({BoxKey{}}) == Error::weak_key);
    CHECK_FALSE(preparing(Researchers(16).box_keys()).has_value());
}

TEST_CASE("each of several recipients opens media alone, and nobody else does") {
    const Researchers team(5);
    const SealingDevice device(team);
    const Bytes content = noise_of(1000);
    const Bytes file = seal_media(device, media_context(device), content).parts.front();
    CHECK((file.size() - media_header_size(8)) % media_cell == 0);
    for (const Identity& each : team.identities) {
        Released released;
        must(opening(file, {&each, 1}, released));
        CHECK(released.bytes == content);
    }
    Released released;
    CHECK(error_of(opening(file, Researchers().identities, released)) == Error::not_openable);
}

TEST_CASE("media of a quorum study open with the shares of enough custodians and not with fewer") {
    const Researchers custodians(3);
    SealingDevice device(custodians);
    device.context.open.quorum = 2;
    const Bytes content = noise_of(1000);
    const Bytes file = seal_media(device, media_context(device), content).parts.front();
    std::vector<ReleasedShare> shares;
    Released released;
    shares.push_back(must(extract_share(file, custodians.identities[0])));
    CHECK(fits(shares.front(), file));
    CHECK(belongs_to(shares.front(), file, id_named("study"), digest_named("policy")));
    CHECK(error_of(opening(file, {}, released, shares)) == Error::too_few_shares);
    shares.push_back(must(extract_share(file, custodians.identities[2])));
    must(opening(file, {}, released, shares));
    CHECK(released.bytes == content);
}

TEST_CASE("custodians release the shares of redacted media too, so that they are known for what they are") {
    const Researchers custodians(2);
    SealingDevice device(custodians);
    device.context.open.quorum = 2;
    const Bytes file = seal_media(device, media_context(device), noise_of(1000)).parts.front();
    std::vector<ReleasedShare> shares;
    for (const Identity& each : custodians.identities) shares.push_back(must(extract_share(file, each)));
    const Bytes left = must(redact_media(source_of(file), {}, shares));
    CHECK(must(extract_share(left, custodians.identities[0])).header_tag == shares[0].header_tag);
    CHECK(is_redacted_media(source_of(left), {}, shares));
}

TEST_CASE("an archive key opens the media that were wrapped for it, and no others") {
    const Photo photo;
    const Identity archive = researcher("archive");
    const Bytes wrap = must(wrap_for_archive(photo.file, photo.team.identities, archive.recipient()));
    const ArchivedKey key = must(open_wrap(wrap, {&archive, 1}));
    Released released;
    must(read_media(source_of(photo.file), key, released.sink()));
    CHECK(released.bytes == photo.content);
    const SealedFiles other = seal_media(photo.device, media_context(photo.device), photo.content);
    CHECK(error_of(inspect_media(source_of(other.parts.front()), key)) == Error::damaged);

    const Identity next = researcher("next archive");  // which takes its place
    const Bytes later = must(wrap_for_archive(photo.file, key, next.recipient()));
    CHECK(inspect_media(source_of(photo.file), must(open_wrap(later, {&next, 1}))).has_value());
    CHECK(error_of(wrap_for_archive(other.parts.front(), key, next.recipient())) == Error::damaged);
}

TEST_CASE("what is left of redacted media is a header and a mark that only its recipients could make") {
    const Photo photo(500'000);
    const Bytes left = must(redact_media(source_of(photo.file), photo.team.identities));
    CHECK(left.size() == media_header_size(4) + 32);
    CHECK(is_redacted_media(source_of(left), photo.team.identities));
    CHECK_FALSE(is_redacted_media(source_of(photo.file), photo.team.identities));
    CHECK_FALSE(is_redacted_media(source_of(left), Researchers().identities));
    CHECK(error_of(inspect_media(source_of(left), photo.team.identities)) == Error::damaged);
    for (std::size_t at = 0; at < left.size(); ++at) {
        Bytes changed = left;
        changed[at] ^= 1;
        CHECK_FALSE(is_redacted_media(source_of(changed), photo.team.identities));
    }
    const Bytes cut(photo.file.begin(), photo.file.begin() + static_cast<std::ptrdiff_t>(left.size()));
    CHECK_FALSE(is_redacted_media(source_of(cut), photo.team.identities));
    CHECK(error_of(redact_media(source_of(left), photo.team.identities)) == Error::damaged);

    const Identity archive = researcher("archive");
    const Bytes wrap = must(wrap_for_archive(photo.file, photo.team.identities, archive.recipient()));
    const ArchivedKey key = must(open_wrap(wrap, {&archive, 1}));
    CHECK(is_redacted_media(source_of(left), key));
    CHECK(must(redact_media(source_of(photo.file), key)) == left);
    Bytes changed = photo.file;
    changed.back() ^= 1;
    CHECK(error_of(redact_media(source_of(changed), key)) == Error::damaged);
    CHECK_FALSE(is_redacted_media(source_of(photo.file), key));
}
