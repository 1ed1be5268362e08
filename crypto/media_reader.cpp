#include "crypto/media_reader.h"

#include <algorithm>

#include "crypto/batch_checks.h"
#include "crypto/batch_header.h"
#include "crypto/little_endian.h"
#include "crypto/media_cells.h"
#include "crypto/media_layout.h"
#include "crypto/sealed_box.h"

namespace fieldfare::crypto {

using batch::ContentKey;
using media::CellBuffer;
using media::CellStream;
using media::End;

namespace {

tl::unexpected<Error> forged() {
    return tl::unexpected(Error::forged);
}
tl::unexpected<Error> damaged() {
    return tl::unexpected(Error::damaged);
}

Result<Bytes> header_of(const ByteSource& file, const BatchOutline& outline) {
    Bytes header(batch::header_size(outline.slots));
    if (auto read = file.read(0, header); !read) return tl::unexpected(read.error());
    return header;
}

/// A sealed part, and what opens it.
struct Part {
    const ByteSource& file;
    BatchOutline outline;
    media::StreamKey stream_key;
    media::PadKey pad_key;

    static Result<Part> of(const ByteSource& file, const BatchOutline& outline, const ContentKey& key) {
        auto stream = media::stream_key(key.expose(), outline.header_tag);
        auto pad = media::pad_key(key.expose(), outline.header_tag);
        if (!stream || !pad) return tl::unexpected(Error::out_of_memory);
        return Part{file, outline, std::move(*stream), std::move(*pad)};
    }

    std::uint64_t place_of(std::size_t cell) const {
        return batch::header_size(outline.slots) + std::uint64_t{cell} * media::cell_size;
    }
    Result<void> read_cell(std::size_t cell, CellBuffer& buffer) const {
        return file.read(place_of(cell), buffer.sealed);
    }
};

/// What the device says, and what is known by it.
struct Word {
    media::DecodedHead decoded;
    MediaId id;

    const MediaHead& head() const { return decoded.head; }
    std::uint64_t length() const { return media_part_length(head().size, head().part); }
    std::size_t cells() const { return media::cells_for(length()); }
};

/// Out of the first cell, whose tag is looked at when it is known how many there are.
Result<Word> word_in(const Part& part) {
    const auto buffer = std::make_unique<CellBuffer>();
    if (auto read = part.read_cell(0, *buffer); !read) return tl::unexpected(read.error());
    const ByteView sealed(buffer->sealed);
    const auto plaintext = std::span(buffer->plaintext).first(media::first_content);
    CellStream stream(part.stream_key.expose(), sealed.first<media::stream_header_size>());
    if (auto opened = stream.open(sealed.subspan(media::stream_header_size), plaintext); !opened)
        return tl::unexpected(opened.error());
    const ByteView bytes = ByteView(plaintext).first(media::head_size);
    auto decoded = media::decode_head(bytes);
    if (!decoded) return tl::unexpected(decoded.error());
    const ByteView body = bytes.first(decoded->body_size);
    const Digest& tag = part.outline.header_tag;
    if (!verify(decoded->head.device_key, "FFB1 media sig 1", {tag, body}, decoded->signature))
        return forged();
    return Word{std::move(*decoded), media::media_id(tag, body)};
}

/// From the first cell to the last one of the stream: each is the next, and together they are what the device
/// signed. The sink, where there is one, has what it got before an error as well.
Result<void> walk(const Part& part, const Word& word, const ByteSink* sink) {
    const std::size_t cells = word.cells();
    if (part.outline.cells != media::padded_cells(cells)) return damaged();
    const auto buffer = std::make_unique<CellBuffer>();
    std::optional<CellStream> stream;
    KeyedHash hash = media::part_hash(word.decoded.media_key, word.head().part);
    std::uint64_t left = word.length();
    for (std::size_t cell = 0; cell < cells; ++cell) {
        if (auto read = part.read_cell(cell, *buffer); !read) return read;
        ByteView sealed(buffer->sealed);
        if (cell == 0) {
            stream.emplace(part.stream_key.expose(), sealed.first<media::stream_header_size>());
            sealed = sealed.subspan(media::stream_header_size);
        }
        const auto plaintext = std::span(buffer->plaintext).first(media::content_of_cell(cell));
        const End end = cell + 1 == cells ? End::yes : End::no;
        const auto tag = stream->open(sealed, plaintext);
        if (!tag) return tl::unexpected(tag.error());
        if (*tag != static_cast<std::uint8_t>(end)) return forged();
        const ByteView content = ByteView(plaintext).subspan(cell == 0 ? media::head_size : 0);
        const ByteView piece =
            content.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, content.size())));
        if (!all_zero(content.subspan(piece.size()))) return forged();
        hash.update(piece);
        left -= piece.size();
        if (sink && !piece.empty())
            if (auto taken = (*sink)(piece); !taken) return taken;
    }
    // The device signed another content, and who changed it is not known.
    if (!equal(hash.finish(), word.head().part_hash)) return damaged();
    return {};
}

Result<void> check_padding(const Part& part, const Word& word) {
    media::Padding padding(part.pad_key, word.id);
    const auto buffer = std::make_unique<std::array<std::array<std::uint8_t, media::Padding::piece>, 2>>();
    auto& [expected, found] = *buffer;
    for (std::uint64_t at = part.place_of(word.cells()), end = part.file.size; at < end;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end - at, found.size()));
        if (auto read = part.file.read(at, std::span(found).first(size)); !read) return read;
        padding.next(std::span(expected).first(size));
        if (!equal(std::span(expected).first(size), std::span(found).first(size))) return damaged();
        at += size;
    }
    return {};
}

/// Everything behind the header. `check_word` sees the head, and the id, once they are known to be the
/// device's word.
template <class CheckWord>
Result<OpenedMedia> verified_with(const Part& part, const ByteSink* sink, CheckWord&& check_word) {
    auto word = word_in(part);
    if (!word) return tl::unexpected(word.error());
    if (Result<void> checked = check_word(*word); !checked) return tl::unexpected(checked.error());
    if (auto walked = walk(part, *word, nullptr); !walked) return tl::unexpected(walked.error());
    if (auto checked = check_padding(part, *word); !checked) return tl::unexpected(checked.error());
    if (sink)
        if (auto walked = walk(part, *word, sink); !walked) return tl::unexpected(walked.error());
    media::DecodedHead& decoded = word->decoded;
    return OpenedMedia{part.outline.header_tag,      word->id,
                       std::move(decoded.head),      std::move(decoded.receipt_key),
                       std::move(decoded.media_key), std::nullopt};
}

Result<OpenedMedia> verified(const ByteSource& file, std::span<const Identity> identities,
                             std::span<const ReleasedShare> shares, const StudyMaterial& material,
                             const ByteSink* sink) {
    const auto outline = media_outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    const auto bytes = header_of(file, *outline);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto header = batch::open_header(*bytes, *outline, identities, material, shares);
    if (!header) return tl::unexpected(header.error());
    const auto part = Part::of(file, *outline, header->content_key);
    if (!part) return tl::unexpected(part.error());
    auto opened = verified_with(*part, sink, [&](const Word& word) {
        return batch::check_sealed_to(*bytes, *outline, *header, media::as_open(word.head()), identities);
    });
    if (opened) opened->identity = header->identity;
    return opened;
}

Result<OpenedMedia> verified(const ByteSource& file, const ArchivedKey& key, const ByteSink* sink) {
    const auto outline = media_outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    const auto bytes = header_of(file, *outline);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto content_key = batch::archived_content_key(*bytes, *outline, key);
    if (!content_key) return tl::unexpected(content_key.error());
    const auto part = Part::of(file, *outline, *content_key);
    if (!part) return tl::unexpected(part.error());
    return verified_with(*part, sink, [&](const Word& word) {
        return word.id == key.batch ? Result<void>() : Result<void>(damaged());
    });
}

/// What is left of a part that was redacted, or of one that was cut short just so.
struct HeaderAlone {
    Bytes bytes;
    BatchOutline outline;
    Digest mark{};

    bool is_marked(batch::KeyBytes content_key) const {
        const ByteView before_tag = ByteView(bytes).first(bytes.size() - batch::header_tag_size);
        return equal(batch::header_tag_for(content_key, before_tag), outline.header_tag) &&
               equal(media::redaction_mark(content_key, outline.header_tag), mark);
    }
};
Result<HeaderAlone> header_alone(const ByteSource& file) {
    const auto outline = media_outline_of_damaged(file);
    if (!outline) return tl::unexpected(outline.error());
    auto bytes = header_of(file, *outline);
    if (!bytes) return tl::unexpected(bytes.error());
    HeaderAlone header{std::move(*bytes), *outline, {}};
    if (file.size != header.bytes.size() + header.mark.size()) return damaged();
    if (auto read = file.read(header.bytes.size(), header.mark); !read) return tl::unexpected(read.error());
    return header;
}

}  // namespace

Result<OpenedMedia> inspect_media(const ByteSource& file, std::span<const Identity> identities,
                                  std::span<const ReleasedShare> shares, const StudyMaterial& material) {
    return verified(file, identities, shares, material, nullptr);
}

Result<OpenedMedia> read_media(const ByteSource& file, std::span<const Identity> identities,
                               std::span<const ReleasedShare> shares, const ByteSink& sink,
                               const StudyMaterial& material) {
    return verified(file, identities, shares, material, &sink);
}

Result<OpenedMedia> inspect_media(const ByteSource& file, const ArchivedKey& key) {
    return verified(file, key, nullptr);
}

Result<OpenedMedia> read_media(const ByteSource& file, const ArchivedKey& key, const ByteSink& sink) {
    return verified(file, key, &sink);
}

Result<Bytes> redact_media(const ByteSource& file, std::span<const Identity> identities,
                           std::span<const ReleasedShare> shares, const StudyMaterial& material) {
    if (auto opened = inspect_media(file, identities, shares, material); !opened)
        return tl::unexpected(opened.error());
    const auto outline = media_outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    auto bytes = header_of(file, *outline);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto header = batch::open_header(*bytes, *outline, identities, material, shares);
    if (!header) return tl::unexpected(header.error());
    put(*bytes, media::redaction_mark(header->content_key.expose(), outline->header_tag));
    return bytes;
}

Result<Bytes> redact_media(const ByteSource& file, const ArchivedKey& key) {
    if (auto opened = inspect_media(file, key); !opened) return tl::unexpected(opened.error());
    const auto outline = media_outline_of(file);
    if (!outline) return tl::unexpected(outline.error());
    auto bytes = header_of(file, *outline);
    if (!bytes) return tl::unexpected(bytes.error());
    put(*bytes, media::redaction_mark(key.key.expose(), outline->header_tag));
    return bytes;
}

bool is_redacted_media(const ByteSource& file, std::span<const Identity> identities,
                       std::span<const ReleasedShare> shares, const StudyMaterial& material) {
    const auto header = header_alone(file);
    if (!header) return false;
    const auto opened = batch::open_header(header->bytes, header->outline, identities, material, shares);
    return opened && header->is_marked(opened->content_key.expose());
}

bool is_redacted_media(const ByteSource& file, const ArchivedKey& key) {
    const auto header = header_alone(file);
    return header && header->outline.header_tag == key.header_tag && header->is_marked(key.key.expose());
}

}  // namespace fieldfare::crypto
