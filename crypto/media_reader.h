#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "crypto/archive.h"
#include "crypto/bytes.h"
#include "crypto/custody.h"
#include "crypto/error.h"
#include "crypto/identity.h"
#include "crypto/media.h"
#include "crypto/study_material.h"

namespace fieldfare::crypto {

/// A part of a media file of which everything has been verified. That it is the device's word does not mean
/// that the device is one of the study, nor that a submission names the media: that is the caller's to judge.
struct OpenedMedia {
    Digest header_tag{};
    MediaId id{};
    MediaHead head;
    ReceiptKey receipt_key;
    MediaKey media_key;
    std::optional<std::size_t> identity;  ///< which one opened it; nothing: shares or an archived key did
};

/// Verifies every byte of a sealed part, with one cell of it in memory, and hands out nothing of the media
/// file. The arguments are those of read_batch.
///
/// `too_large`, `wrong_format`, `unsupported` (also for a batch of answers), `not_openable`,
/// `too_few_shares`, `psk_missing`, `damaged`, `forged`; `weak_key` and `not_canonical` for a key that the
/// device lists; `out_of_memory`, `no_randomness`, and what the source fails with. Redacted parts are
/// `damaged`: see is_redacted_media.
Result<OpenedMedia> inspect_media(const ByteSource& file, std::span<const Identity> identities,
                                  std::span<const ReleasedShare> shares = {},
                                  const StudyMaterial& material = {});

/// The same, and then reads the file a second time and gives what stands in it of the media file to the sink,
/// each cell verified anew. On an error, what the sink has is nobody's word: throw it away. The whole media
/// file is whole when MediaHash over all of its parts gives what the submission names.
Result<OpenedMedia> read_media(const ByteSource& file, std::span<const Identity> identities,
                               std::span<const ReleasedShare> shares, const ByteSink& sink,
                               const StudyMaterial& material = {});

/// The same two with a content key that was sealed to an archive key (archive.h).
Result<OpenedMedia> inspect_media(const ByteSource& file, const ArchivedKey& key);
Result<OpenedMedia> read_media(const ByteSource& file, const ArchivedKey& key, const ByteSink& sink);

/// What is left of a part once it is cut out of an archive: its header and a mark that nobody makes who could
/// not open it. Errors as inspect_media, which comes first.
Result<Bytes> redact_media(const ByteSource& file, std::span<const Identity> identities,
                           std::span<const ReleasedShare> shares = {}, const StudyMaterial& material = {});
Result<Bytes> redact_media(const ByteSource& file, const ArchivedKey& key);

/// Whether that is what is left here. False also when it can't be told for want of a key.
bool is_redacted_media(const ByteSource& file, std::span<const Identity> identities,
                       std::span<const ReleasedShare> shares = {}, const StudyMaterial& material = {});
bool is_redacted_media(const ByteSource& file, const ArchivedKey& key);

}  // namespace fieldfare::crypto
