#include "client/researcher/batch_wraps.h"

#include "client/researcher/output_file.h"
#include "crypto/media.h"

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

namespace {

/// Whether slots and shares may have given no key: some error of theirs was named, of which `damaged` is one
/// of what follows the header, too; the key beside the file comes to the same end then.
bool perhaps_without_key(crypto::Error error) {
    switch (error) {
        case crypto::Error::not_openable:
        case crypto::Error::unsupported:
        case crypto::Error::too_few_shares:
        case crypto::Error::psk_missing:
        case crypto::Error::damaged:
            return true;
        default:
            return false;
    }
}

/// What slots and shares have come to, or, where they may have given no key, what the key beside the file
/// comes to, if it is of this file's header.
template <class Opened>
crypto::Result<Opened> or_archived(crypto::Result<Opened>&& opened, const std::filesystem::path& batch,
                                   const crypto::Result<crypto::BatchOutline>& outline,
                                   std::span<const crypto::Identity> identities, auto&& with_key) {
    if (opened || !perhaps_without_key(opened.error())) return std::move(opened);
    const auto key = archived_key(batch, identities);
    if (!key || !outline || key->header_tag != outline->header_tag) return std::move(opened);
    return with_key(*key);
}

}  // namespace

crypto::Result<crypto::OpenedBatch> inspect_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                                 std::span<const crypto::Identity> identities,
                                                 const crypto::StudyMaterial& material,
                                                 std::span<const crypto::ReleasedShare> shares) {
    return or_archived(crypto::inspect_batch(bytes, identities, material, shares), batch,
                       crypto::outline_of_damaged(bytes), identities,
                       [&](const crypto::ArchivedKey& key) { return crypto::inspect_batch(bytes, key); });
}

crypto::Result<crypto::OpenedBatch> read_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                              std::span<const crypto::Identity> identities,
                                              const crypto::StudyMaterial& material,
                                              std::span<const crypto::ReleasedShare> shares) {
    return or_archived(
        crypto::read_batch(bytes, identities, material, shares), batch, crypto::outline_of_damaged(bytes),
        identities, [&](const crypto::ArchivedKey& key) { return crypto::read_batch(bytes, key, material); });
}

crypto::Result<crypto::SalvagedBatch> inspect_damaged_here(const std::filesystem::path& batch,
                                                           crypto::ByteView bytes,
                                                           std::span<const crypto::Identity> identities,
                                                           const crypto::StudyMaterial& material,
                                                           std::span<const crypto::ReleasedShare> shares) {
    return or_archived(crypto::inspect_damaged_batch(bytes, identities, material, shares), batch,
                       crypto::outline_of_damaged(bytes), identities, [&](const crypto::ArchivedKey& key) {
                           return crypto::inspect_damaged_batch(bytes, key);
                       });
}

crypto::Result<crypto::SalvagedBatch> salvage_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                                   std::span<const crypto::Identity> identities,
                                                   const crypto::StudyMaterial& material,
                                                   std::span<const crypto::ReleasedShare> shares) {
    return or_archived(crypto::salvage_batch(bytes, identities, material, shares), batch,
                       crypto::outline_of_damaged(bytes), identities, [&](const crypto::ArchivedKey& key) {
                           return crypto::salvage_batch(bytes, key, material);
                       });
}

crypto::Result<crypto::Bytes> redact_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                          std::span<const std::uint32_t> indexes,
                                          std::span<const crypto::Identity> identities,
                                          const crypto::StudyMaterial& material,
                                          std::span<const crypto::ReleasedShare> shares) {
    return or_archived(crypto::redact_records(bytes, indexes, identities, material, shares), batch,
                       crypto::outline_of_damaged(bytes), identities, [&](const crypto::ArchivedKey& key) {
                           return crypto::redact_records(bytes, indexes, key);
                       });
}

crypto::Result<crypto::Bytes> wrap_here(const std::filesystem::path& batch, crypto::ByteView bytes,
                                        std::span<const crypto::Identity> identities,
                                        const crypto::Recipient& archive,
                                        const crypto::StudyMaterial& material) {
    const auto outline = crypto::says_media(bytes)
                             ? crypto::media_outline_of_damaged(crypto::source_of(bytes))
                             : crypto::outline_of_damaged(bytes);
    return or_archived(
        crypto::wrap_for_archive(bytes, identities, archive, material), batch, outline, identities,
        [&](const crypto::ArchivedKey& key) { return crypto::wrap_for_archive(bytes, key, archive); });
}

crypto::Result<crypto::OpenedMedia> open_media_here(const std::filesystem::path& part,
                                                    const crypto::ByteSource& file,
                                                    std::span<const crypto::Identity> identities,
                                                    const crypto::StudyMaterial& material,
                                                    std::span<const crypto::ReleasedShare> shares,
                                                    const crypto::ByteSink* sink) {
    bool given = false;  // what the sink has had can't be taken back, so it gets nothing a second time
    const crypto::ByteSink noting = [&](crypto::ByteView bytes) {
        given = true;
        return (*sink)(bytes);
    };
    auto opened = sink ? crypto::read_media(file, identities, shares, noting, material)
                       : crypto::inspect_media(file, identities, shares, material);
    if (given) return opened;
    return or_archived(std::move(opened), part, crypto::media_outline_of_damaged(file), identities,
                       [&](const crypto::ArchivedKey& key) {
                           return sink ? crypto::read_media(file, key, *sink)
                                       : crypto::inspect_media(file, key);
                       });
}

crypto::Result<crypto::Bytes> redact_media_here(const std::filesystem::path& part,
                                                const crypto::ByteSource& file,
                                                std::span<const crypto::Identity> identities,
                                                const crypto::StudyMaterial& material,
                                                std::span<const crypto::ReleasedShare> shares) {
    return or_archived(crypto::redact_media(file, identities, shares, material), part,
                       crypto::media_outline_of_damaged(file), identities,
                       [&](const crypto::ArchivedKey& key) { return crypto::redact_media(file, key); });
}

bool redacted_media_here(const std::filesystem::path& part, const crypto::ByteSource& file,
                         std::span<const crypto::Identity> identities, const crypto::StudyMaterial& material,
                         std::span<const crypto::ReleasedShare> shares) {
    if (crypto::is_redacted_media(file, identities, shares, material)) return true;
    const auto key = archived_key(part, identities);
    return key && crypto::is_redacted_media(file, *key);
}

}  // namespace fieldfare::researcher
