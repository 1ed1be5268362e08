#pragma once

#include <cstdint>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/error.h"
#include "crypto/media.h"
#include "crypto/signing.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto {

/// To whom a media file is sealed, and of which submission it is.
struct MediaContext {
    Id routing_tag{};  ///< in clear in each header, as in a batch of the study
    Id study{};
    Digest policy_digest{};
    std::uint32_t policy_version = 0;
    std::vector<BoxKey> recipients;  ///< in any order
    std::uint8_t quorum = 0;
    Id submission{};
    Digest withdrawal{};  ///< zeros: the submission can't be withdrawn
    SharedPreSharedKey pre_shared = nullptr;
};

/// A part as it was given to the sink.
struct SealedPart {
    Digest sha256{};  ///< of the file: its name in a store, nothing else
    MediaId id{};
    std::uint64_t size = 0;
};

/// Seals one media file into parts that this device can't open again. The file is read piece by piece, once
/// to learn its hashes and once for each part; a cell of it is in memory at a time. Each part has a content
/// key of its own, which is wiped before the first byte of the file is sealed; what is left in guarded memory
/// seals this part and goes at its end. One thread at a time.
///
/// The order: `prepare`, then each part into a file under a temporary name, made durable and renamed, then
/// the submission that names hash() and size(). Without the submission the parts are nobody's: they may be
/// thrown away.
class MediaWriter {
  public:
    /// Reads the whole file. `bad_argument`: an empty file, no or too many recipients, one twice, a quorum
    /// beyond them; `too_large` above max_media_size; `not_canonical` or `weak_key` for a recipient's key;
    /// what the source fails with; `no_randomness`, `out_of_memory`.
    static Result<MediaWriter> prepare(MediaContext context, const ByteSource& plaintext);

    const Digest& hash() const { return hash_; }
    std::uint64_t size() const { return size_; }
    std::uint32_t parts() const { return media_parts(size_); }

    /// Gives the sealed part to the sink, from its first byte to its last. `bad_argument` for a part that
    /// there is none of; `wrong_state` when the file is not the one that was prepared; what source or sink
    /// fail with. After an error throw away what the sink has.
    Result<SealedPart> seal(std::uint32_t part, const SigningKey& device, const ReceiptKey& receipt_key,
                            const ByteSource& plaintext, const ByteSink& sink) const;

  private:
    MediaWriter(MediaContext context, MediaKey key) : context_(std::move(context)), key_(std::move(key)) {}
    MediaContext context_;
    MediaKey key_;
    std::uint64_t size_ = 0;
    Digest hash_{};
    std::vector<Digest> part_hashes_;
};

}  // namespace fieldfare::crypto
