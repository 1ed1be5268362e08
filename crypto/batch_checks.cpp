#include "crypto/batch_checks.h"

#include <algorithm>

#include "crypto/batch_layout.h"
#include "crypto/hash.h"

namespace fieldfare::crypto::batch {

namespace {

bool names_holders(const BatchOpen& open, const OpenedHeader& header, std::span<const Identity> identities) {
    if (header.identity)
        return open.quorum == 0 &&
               std::ranges::count(open.recipients, identities[*header.identity].recipient().box_key) == 1;
    return std::ranges::all_of(header.holders, [&](const ShareHolder& holder) {
        return holder.quorum == open.quorum && holder.of == open.recipients.size() &&
               open.recipients[holder.x - 1u] == holder.custodian;
    });
}

}  // namespace

bool plain(const RecordPrefix& prefix) {
    return prefix.codec == Codec::raw && prefix.sequence == 0 && prefix.uuid == Id{};
}

Result<void> check_sealed_to(ByteView file, const BatchOutline& outline, const OpenedHeader& header,
                             const BatchOpen& open, std::span<const Identity> identities) {
    const auto context = slot_context(file.first(prologue_size), open.study, open.policy_digest);
    if (!names_holders(open, header, identities) || slots_for(open.recipients.size()) > outline.slots ||
        !equal(context, header.slot_context))
        return tl::unexpected(Error::forged);
    return {};
}

Result<const DecodingDictionary*> dictionary_of(const BatchOpen& open, const StudyMaterial& material) {
    if (open.dictionary_hash == Digest{}) return nullptr;
    const DecodingDictionary* const found = material.dictionary(open.dictionary_hash);
    if (!found) return tl::unexpected(Error::unknown_dictionary);
    return found;
}

Result<Bytes> payload_of(Decompressor& decompressor, const RecordPrefix& prefix, ByteView content) {
    if (prefix.codec == Codec::zstd) return decompressor.decompress(content, prefix.payload_size);
    return Bytes(content.begin(), content.end());
}

}  // namespace fieldfare::crypto::batch
