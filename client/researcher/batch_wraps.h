#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "crypto/archive.h"
#include "crypto/batch_reader.h"
#include "crypto/batch_salvage.h"
#include "crypto/identity.h"
#include "crypto/media_reader.h"

namespace fieldfare::researcher {

// "archive rewrap" puts the content key of a batch, sealed to an archive key, beside the batch: NAME.ffwrap
// beside NAME.batch. Whatever reads batches from an inbox then takes the archive's key as one more.

std::filesystem::path wrap_of(const std::filesystem::path& batch);

/// The key beside this batch, when it is sealed to one of ours; nothing when there is none, or it is
/// another's, or damaged: then the batch opens as it would without.
std::optional<crypto::ArchivedKey> archived_key(const std::filesystem::path& batch,
                                                std::span<const crypto::Identity> identities);

/// crypto::inspect_batch and crypto::read_batch of a file whose bytes were read, with the key beside it where
/// the file opens with nothing else, whatever stands in the slots of the other keys that are at hand.
crypto::Result<crypto::OpenedBatch> inspect_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                                 std::span<const crypto::Identity> identities,
                                                 const crypto::StudyMaterial& material,
                                                 std::span<const crypto::ReleasedShare> shares);
crypto::Result<crypto::OpenedBatch> read_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                              std::span<const crypto::Identity> identities,
                                              const crypto::StudyMaterial& material,
                                              std::span<const crypto::ReleasedShare> shares);

/// crypto::inspect_damaged_batch, salvage_batch and redact_records, in the same way.
crypto::Result<crypto::SalvagedBatch> inspect_damaged_here(const std::filesystem::path& batch,
                                                           crypto::ByteView bytes,
                                                           std::span<const crypto::Identity> identities,
                                                           const crypto::StudyMaterial& material,
                                                           std::span<const crypto::ReleasedShare> shares);
crypto::Result<crypto::SalvagedBatch> salvage_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                                   std::span<const crypto::Identity> identities,
                                                   const crypto::StudyMaterial& material,
                                                   std::span<const crypto::ReleasedShare> shares);
crypto::Result<crypto::Bytes> redact_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                          std::span<const std::uint32_t> indexes,
                                          std::span<const crypto::Identity> identities,
                                          const crypto::StudyMaterial& material,
                                          std::span<const crypto::ReleasedShare> shares);

/// crypto::wrap_for_archive, in the same way: from one archive key to the next.
crypto::Result<crypto::Bytes> wrap_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                        std::span<const crypto::Identity> identities,
                                        const crypto::Recipient& archive,
                                        const crypto::StudyMaterial& material);

/// The same of part of a media file; with a sink it is read as by crypto::read_media, which see.
crypto::Result<crypto::OpenedMedia> open_media_here(const std::filesystem::path& part,
                                                    const crypto::ByteSource& file,
                                                    std::span<const crypto::Identity> identities,
                                                    const crypto::StudyMaterial& material,
                                                    std::span<const crypto::ReleasedShare> shares,
                                                    const crypto::ByteSink* sink = nullptr);

/// crypto::redact_media and crypto::is_redacted_media, in the same way.
crypto::Result<crypto::Bytes> redact_media_here(const std::filesystem::path& part,
                                                const crypto::ByteSource& file,
                                                std::span<const crypto::Identity> identities,
                                                const crypto::StudyMaterial& material,
                                                std::span<const crypto::ReleasedShare> shares);
bool redacted_media_here(const std::filesystem::path& part, const crypto::ByteSource& file,
                         std::span<const crypto::Identity> identities, const crypto::StudyMaterial& material,
                         std::span<const crypto::ReleasedShare> shares);

}  // namespace fieldfare::researcher
