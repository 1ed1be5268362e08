#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/batch.h"
#include "crypto/box_key.h"
#include "crypto/byte_source.h"
#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/signing.h"

namespace fieldfare::crypto {

// Media: a photo, a recording, any file that belongs to a submission. The submission names its hash, so the
// answers bind the media and never wait for them. One media file travels in one or several sealed files, its
// parts; each part is a file that opens and verifies by itself. The bytes and their reasons are in
// BATCH_FORMAT.md, "Media".

inline constexpr std::uint64_t max_media_size = std::uint64_t{256} * 1024 * 1024;  ///< bytes of a media file
inline constexpr std::uint64_t media_part_size = 8387560;      ///< of which all parts but the last are full
inline constexpr std::uint64_t max_media_part_file = 8392928;  ///< bytes of a sealed part

/// How many parts a media file of this size (1…max_media_size) has.
constexpr std::uint32_t media_parts(std::uint64_t size) {
    return static_cast<std::uint32_t>((size + media_part_size - 1) / media_part_size);
}

/// How many bytes of it stand in one of its parts (from 0).
constexpr std::uint64_t media_part_length(std::uint64_t size, std::uint32_t part) {
    const std::uint64_t begin = part * media_part_size;
    return size - begin < media_part_size ? size - begin : media_part_size;
}

using MediaId =
    Digest;  ///< of what the device signed of a part: the same however often someone seals it again

/// Drawn for each media file and sealed with each of its parts: without it the hash in a submission says
/// nothing of the media, not even whether two are the same.
using MediaKey = Secret<32, struct MediaKeyTag>;

/// What the device signs with each part.
struct MediaHead {
    Id study{};
    VerifyKey device_key;
    Digest policy_digest{};
    std::uint32_t policy_version = 0;
    std::vector<BoxKey> recipients;  ///< sorted, unique, 1…16
    std::uint8_t quorum = 0;         ///< as in BatchOpen
    Id submission{};                 ///< uuid of the submission that names the media
    Digest withdrawal{};             ///< as in that submission; zeros when it can't be withdrawn
    std::uint64_t size = 0;          ///< of the whole media file
    std::uint32_t part = 0;          ///< from 0
    Digest media_hash{};             ///< of the whole media file, as the submission names it
    Digest part_hash{};              ///< of what stands in this part

    bool operator==(const MediaHead&) const = default;
};

/// The hash by which a submission names a media file, piece by piece.
class MediaHash {
  public:
    explicit MediaHash(const MediaKey& key);
    void update(ByteView bytes) { hash_.update(bytes); }
    Digest finish() { return hash_.finish(); }

  private:
    KeyedHash hash_;
};

/// Whether a file says of itself that it is media and no batch of answers: its first eleven bytes decide.
/// Proves nothing.
bool says_media(ByteView first_bytes);
inline constexpr std::size_t bytes_that_say_media = 11;

/// What anyone can see of a sealed part. `too_large`, `wrong_format`, `unsupported`, `damaged` (a length that
/// none has). Proves nothing else.
Result<BatchOutline> media_outline_of(const ByteSource& file);

/// The same of a file that may have been cut short behind the header: `cells` are the whole ones there.
Result<BatchOutline> media_outline_of_damaged(const ByteSource& file);

}  // namespace fieldfare::crypto
