#include "client/researcher/media_inbox.h"

#include "client/researcher/batch_wraps.h"
#include "client/researcher/inbox.h"
#include "client/researcher/sealed_file.h"

namespace fieldfare::researcher {

tl::expected<VerifiedPart, MediaRefusal> media_part(const std::filesystem::path& inbox,
                                                    const std::string& name,
                                                    std::span<const crypto::Identity> identities,
                                                    const crypto::StudyMaterial& material,
                                                    const Shares& shares) {
    const auto file = SealedFile::open(inbox / name);
    if (!file) return tl::unexpected(MediaRefusal{{"unreadable", file.error().sentence}});
    if (file->source().size > crypto::max_media_part_file)  // nobody waits for the hash of a whole disk
        return tl::unexpected(MediaRefusal{reason_for(crypto::Error::too_large)});
    const auto outline = crypto::media_outline_of_damaged(file->source());
    const auto given = outline ? shares.of(outline->header_tag) : std::span<const crypto::ReleasedShare>();
    auto opened = open_media_here(inbox / name, file->source(), identities, material, given);
    const auto sha256 = file->sha256();
    if (!opened) {
        if (redacted_media_here(inbox / name, file->source(), identities, material, given))
            return tl::unexpected(MediaRefusal{{}, true});
        const std::string promised = promised_hash(name);
        const bool altered = sha256 && !promised.empty() && promised != crypto::to_hex(*sha256);
        const bool damaged = altered || opened.error() == crypto::Error::damaged;
        return tl::unexpected(MediaRefusal{damaged ? damaged_media() : reason_for(opened.error())});
    }
    if (!sha256) return tl::unexpected(MediaRefusal{reason_for(sha256.error())});
    return VerifiedPart{{name, *sha256, opened->id, std::move(opened->head)}, std::move(opened->receipt_key)};
}

std::string media_path(const std::string& submission, const std::string& name) {
    return "media/" + submission + "/" + name;
}

}  // namespace fieldfare::researcher
