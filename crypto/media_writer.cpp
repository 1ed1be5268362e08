#include "crypto/media_writer.h"

#include <algorithm>

#include "crypto/batch_header.h"
#include "crypto/media_cells.h"
#include "crypto/media_layout.h"
#include "crypto/random.h"
#include "crypto/sealed_box.h"

namespace fieldfare::crypto {

using media::CellBuffer;
using media::CellStream;
using media::End;

namespace {

MediaHead head_of(const MediaContext& context) {
    MediaHead head;
    head.study = context.study;
    head.policy_digest = context.policy_digest;
    head.policy_version = context.policy_version;
    head.recipients = context.recipients;
    head.quorum = context.quorum;
    head.submission = context.submission;
    head.withdrawal = context.withdrawal;
    return head;
}

/// Counts and hashes what goes to the sink.
class Output {
  public:
    explicit Output(const ByteSink& sink) : sink_(sink) {}
    Result<void> write(ByteView bytes) {
        sha256_.update(bytes);
        size_ += bytes.size();
        return sink_(bytes);
    }
    SealedPart finish(const MediaId& id) { return {sha256_.finish(), id, size_}; }

  private:
    const ByteSink& sink_;
    Sha256 sha256_;
    std::uint64_t size_ = 0;
};

struct Keys {
    media::StreamKey stream;
    media::PadKey pad;
};

/// The header goes to the output; the content key goes with this function.
struct Begun {
    Digest header_tag{};
    Keys keys;
};
Result<Begun> begin(const MediaContext& context, const MediaHead& head, Output& output) {
    const auto header = batch::seal_header(context.routing_tag, media::as_open(head),
                                           context.pre_shared.get(), batch::cell_log2_media);
    if (!header) return tl::unexpected(header.error());
    auto stream = media::stream_key(header->content_key.expose(), header->header_tag);
    auto pad = media::pad_key(header->content_key.expose(), header->header_tag);
    if (!stream || !pad) return tl::unexpected(Error::out_of_memory);
    if (auto written = output.write(header->bytes); !written) return tl::unexpected(written.error());
    return Begun{header->header_tag, {std::move(*stream), std::move(*pad)}};
}

Result<void> pad(Output& output, const media::PadKey& key, const MediaId& id, std::size_t cells) {
    media::Padding padding(key, id);
    std::array<std::uint8_t, media::Padding::piece> piece;
    for (std::size_t left = cells * media::cell_size; left > 0;) {
        const auto next = std::span(piece).first(std::min(left, piece.size()));
        padding.next(next);
        if (auto written = output.write(next); !written) return written;
        left -= next.size();
    }
    return {};
}

}  // namespace

Result<MediaWriter> MediaWriter::prepare(MediaContext context, const ByteSource& plaintext) {
    std::ranges::sort(context.recipients);
    if (plaintext.size > max_media_size) return tl::unexpected(Error::too_large);
    MediaHead head = head_of(context);
    head.size = plaintext.size;
    if (!media::consistent(head)) return tl::unexpected(Error::bad_argument);
    for (const BoxKey& recipient : context.recipients)
        if (auto checked = check(recipient); !checked) return tl::unexpected(checked.error());
    auto key = MediaKey::random();
    if (!key) return tl::unexpected(key.error());

    MediaWriter writer(std::move(context), std::move(*key));
    writer.size_ = plaintext.size;
    MediaHash whole(writer.key_);
    const auto buffer = std::make_unique<CellBuffer>();
    for (std::uint32_t part = 0; part < writer.parts(); ++part) {
        KeyedHash hash = media::part_hash(writer.key_, part);
        const std::uint64_t end = part * media_part_size + media_part_length(writer.size_, part);
        for (std::uint64_t at = part * media_part_size; at < end;) {
            const auto piece = std::span(buffer->plaintext)
                                   .first(static_cast<std::size_t>(
                                       std::min<std::uint64_t>(end - at, buffer->plaintext.size())));
            if (auto read = plaintext.read(at, piece); !read) return tl::unexpected(read.error());
            whole.update(piece);
            hash.update(piece);
            at += piece.size();
        }
        writer.part_hashes_.push_back(hash.finish());
    }
    writer.hash_ = whole.finish();
    return writer;
}

Result<SealedPart> MediaWriter::seal(std::uint32_t part, const SigningKey& device,
                                     const ReceiptKey& receipt_key, const ByteSource& plaintext,
                                     const ByteSink& sink) const {
    if (part >= parts()) return tl::unexpected(Error::bad_argument);
    if (plaintext.size != size_) return tl::unexpected(Error::wrong_state);
    MediaHead head = head_of(context_);
    head.device_key = device.verify_key();
    head.size = size_;
    head.part = part;
    head.media_hash = hash_;
    head.part_hash = part_hashes_[part];

    Output output(sink);
    const auto begun = begin(context_, head, output);
    if (!begun) return tl::unexpected(begun.error());
    const auto buffer = std::make_unique<CellBuffer>();
    const std::span<std::uint8_t> sealed(buffer->sealed);
    std::span<std::uint8_t> free = std::span(buffer->plaintext).first(media::first_content);
    const auto fill = [&free](ByteView bytes) {
        std::ranges::copy(bytes, free.begin());
        free = free.subspan(bytes.size());
    };
    MediaId id;
    {
        Wiped body(media::encode_head(head, receipt_key, key_));
        id = media::media_id(begun->header_tag, body.bytes);
        const Signature signature = device.sign("FFB1 media sig 1", {begun->header_tag, body.bytes});
        fill(body.bytes);
        fill(signature);
        const std::size_t rest = media::head_size - body.bytes.size() - signature.size();
        std::ranges::fill(free.first(rest), std::uint8_t{0});
        free = free.subspan(rest);
    }
    // The part's hash is in the head: two different parts never share a stream header, clones or not.
    std::array<std::uint8_t, 24> random;
    if (auto filled = fill_random(random); !filled) return tl::unexpected(filled.error());
    const auto stream_header = sealed.first<media::stream_header_size>();
    keyed_hash_into(stream_header, begun->keys.stream.expose(), "FFB1 media hdr  ",
                    {random, ByteView(buffer->plaintext).first(media::head_size)});
    CellStream stream(begun->keys.stream.expose(), stream_header);

    KeyedHash hash = media::part_hash(key_, part);
    const std::uint64_t length = media_part_length(size_, part);
    const std::size_t cells = media::cells_for(length);
    std::uint64_t at = part * media_part_size, left = length;
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const std::size_t content = media::content_of_cell(cell);
        if (cell > 0) free = std::span(buffer->plaintext).first(content);
        const auto piece = free.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, free.size())));
        if (!piece.empty())
            if (auto read = plaintext.read(at, piece); !read) return tl::unexpected(read.error());
        hash.update(piece);
        at += piece.size();
        left -= piece.size();
        std::ranges::fill(free.subspan(piece.size()), std::uint8_t{0});
        const std::size_t before = cell == 0 ? media::stream_header_size : 0;
        stream.seal(ByteView(buffer->plaintext).first(content), cell + 1 == cells ? End::yes : End::no,
                    sealed.subspan(before));
        if (auto written = output.write(sealed); !written) return tl::unexpected(written.error());
    }
    if (!equal(hash.finish(), head.part_hash)) return tl::unexpected(Error::wrong_state);
    if (auto padded = pad(output, begun->keys.pad, id, media::padded_cells(cells) - cells); !padded)
        return tl::unexpected(padded.error());
    return output.finish(id);
}

}  // namespace fieldfare::crypto
