#include "client/researcher/batch_wraps.h"

#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

std::filesystem::path wrap_of(const std::filesystem::path& batch) {
    return std::filesystem::path(batch).replace_extension(".ffwrap");
}

std::optional<crypto::ArchivedKey> archived_key(const std::filesystem::path& batch,
                                                std::span<const crypto::Identity> identities) {
    std::error_code error;
    const std::filesystem::path wrap = wrap_of(batch);
    if (std::filesystem::symlink_status(wrap, error).type() != std::filesystem::file_type::regular)
        return std::nullopt;
    const auto bytes = read_file(wrap, crypto::wrap_size);
    if (!bytes) return std::nullopt;
    auto key = crypto::open_wrap(crypto::bytes_of(*bytes), identities);
    if (!key) return std::nullopt;
    return std::move(*key);
}

crypto::Result<crypto::OpenedBatch> inspect_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                                 std::span<const crypto::Identity> identities,
                                                 const crypto::StudyMaterial& material,
                                                 std::span<const crypto::ReleasedShare> shares) {
    auto opened = crypto::inspect_batch(bytes, identities, material, shares);
    if (opened || opened.error() != crypto::Error::not_openable) return opened;
    const auto key = archived_key(batch, identities);
    return key ? crypto::inspect_batch(bytes, *key) : std::move(opened);
}

crypto::Result<crypto::OpenedBatch> read_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                              std::span<const crypto::Identity> identities,
                                              const crypto::StudyMaterial& material,
                                              std::span<const crypto::ReleasedShare> shares) {
    auto opened = crypto::read_batch(bytes, identities, material, shares);
    if (opened || opened.error() != crypto::Error::not_openable) return opened;
    const auto key = archived_key(batch, identities);
    return key ? crypto::read_batch(bytes, *key, material) : std::move(opened);
}

crypto::Result<crypto::SalvagedBatch> inspect_damaged_here(const std::filesystem::path& batch,
                                                           crypto::ByteView bytes,
                                                           std::span<const crypto::Identity> identities,
                                                           const crypto::StudyMaterial& material,
                                                           std::span<const crypto::ReleasedShare> shares) {
    auto opened = crypto::inspect_damaged_batch(bytes, identities, material, shares);
    if (opened || opened.error() != crypto::Error::not_openable) return opened;
    const auto key = archived_key(batch, identities);
    return key ? crypto::inspect_damaged_batch(bytes, *key) : std::move(opened);
}

crypto::Result<crypto::SalvagedBatch> salvage_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                                   std::span<const crypto::Identity> identities,
                                                   const crypto::StudyMaterial& material,
                                                   std::span<const crypto::ReleasedShare> shares) {
    auto salvaged = crypto::salvage_batch(bytes, identities, material, shares);
    if (salvaged || salvaged.error() != crypto::Error::not_openable) return salvaged;
    const auto key = archived_key(batch, identities);
    return key ? crypto::salvage_batch(bytes, *key, material) : std::move(salvaged);
}

crypto::Result<crypto::Bytes> redact_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                          std::span<const std::uint32_t> indexes,
                                          std::span<const crypto::Identity> identities,
                                          const crypto::StudyMaterial& material,
                                          std::span<const crypto::ReleasedShare> shares) {
    auto redacted = crypto::redact_records(bytes, indexes, identities, material, shares);
    if (redacted || redacted.error() != crypto::Error::not_openable) return redacted;
    const auto key = archived_key(batch, identities);
    return key ? crypto::redact_records(bytes, indexes, *key) : std::move(redacted);
}

crypto::Result<crypto::OpenedMedia> open_media_here(const std::filesystem::path& part,
                                                    const crypto::ByteSource& file,
                                                    std::span<const crypto::Identity> identities,
                                                    const crypto::StudyMaterial& material,
                                                    std::span<const crypto::ReleasedShare> shares,
                                                    const crypto::ByteSink* sink) {
    auto opened = sink ? crypto::read_media(file, identities, shares, *sink, material)
                       : crypto::inspect_media(file, identities, shares, material);
    if (opened || opened.error() != crypto::Error::not_openable) return opened;
    const auto key = archived_key(part, identities);
    if (!key) return opened;
    return sink ? crypto::read_media(file, *key, *sink) : crypto::inspect_media(file, *key);
}

crypto::Result<crypto::Bytes> redact_media_here(const std::filesystem::path& part,
                                                const crypto::ByteSource& file,
                                                std::span<const crypto::Identity> identities,
                                                const crypto::StudyMaterial& material,
                                                std::span<const crypto::ReleasedShare> shares) {
    auto redacted = crypto::redact_media(file, identities, shares, material);
    if (redacted || redacted.error() != crypto::Error::not_openable) return redacted;
    const auto key = archived_key(part, identities);
    return key ? crypto::redact_media(file, *key) : std::move(redacted);
}

bool redacted_media_here(const std::filesystem::path& part, const crypto::ByteSource& file,
                         std::span<const crypto::Identity> identities, const crypto::StudyMaterial& material,
                         std::span<const crypto::ReleasedShare> shares) {
    if (crypto::is_redacted_media(file, identities, shares, material)) return true;
    const auto key = archived_key(part, identities);
    return key && crypto::is_redacted_media(file, *key);
}

}  // namespace fieldfare::researcher
