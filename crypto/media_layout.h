#pragma once

#include <array>
#include <cstdint>

#include "crypto/batch_layout.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/media.h"

namespace fieldfare::crypto::media {

// The bytes of a sealed part of a media file, as BATCH_FORMAT.md lays them out. Inside this folder only.

inline constexpr std::size_t cell_content = std::size_t{1} << batch::cell_log2_media;
inline constexpr std::size_t chunk_overhead = 17;
inline constexpr std::size_t cell_size = cell_content + chunk_overhead;
inline constexpr std::size_t stream_header_size = 24;
inline constexpr std::size_t first_content = cell_content - stream_header_size;
inline constexpr std::size_t head_size = 1024;  ///< what the device says, its signature, and zeros
inline constexpr std::size_t min_cells = 4;
inline constexpr std::size_t max_cells = 128;
static_assert(head_size + media_part_size == first_content + (max_cells - 1) * cell_content);
static_assert(max_media_part_file == batch::header_size(16) + max_cells * cell_size);

/// Cells of the stream that has so many bytes of the media file, without padding.
constexpr std::size_t cells_for(std::uint64_t length) {
    return static_cast<std::size_t>((head_size + length + stream_header_size + cell_content - 1) /
                                    cell_content);
}

std::size_t padded_cells(std::size_t cells);

using StreamKey = Secret<32, struct MediaStreamKeyTag>;
using PadKey = Secret<32, struct MediaPadKeyTag>;

Result<StreamKey> stream_key(batch::KeyBytes content_key, const Digest& header_tag);
Result<PadKey> pad_key(batch::KeyBytes content_key, const Digest& header_tag);

/// What stands behind the header once somebody has cut the rest out of an archive.
Digest redaction_mark(batch::KeyBytes content_key, const Digest& header_tag);

KeyedHash part_hash(const MediaKey& key, std::uint32_t part);
MediaId media_id(const Digest& header_tag, ByteView body);

/// Media never need more of OPEN than this.
BatchOpen as_open(const MediaHead& head);

/// The values that hold for any head that we seal or accept.
bool consistent(const MediaHead& head);

/// What the signature covers. Wipe it: it holds the keys.
Bytes encode_head(const MediaHead& head, const ReceiptKey& receipt_key, const MediaKey& media_key);

struct DecodedHead {
    MediaHead head;
    ReceiptKey receipt_key;
    MediaKey media_key;
    std::size_t body_size = 0;  ///< of what was signed, from the first byte on
    Signature signature{};
};
/// Out of the first head_size bytes of the stream. `unsupported`, `forged`, `weak_key`, `not_canonical`.
Result<DecodedHead> decode_head(ByteView bytes);

/// The keystream behind the last cell of the stream, piece by piece.
class Padding {
  public:
    static constexpr std::size_t piece = cell_content;  ///< whole blocks of the cipher

    Padding(const PadKey& key, const MediaId& id) : key_(&key), id_(id) {}
    /// The next bytes; all calls but the last fill `piece` of them.
    void next(std::span<std::uint8_t> into);

  private:
    const PadKey* key_;
    MediaId id_;
    std::uint64_t block_ = 0;
};

}  // namespace fieldfare::crypto::media
