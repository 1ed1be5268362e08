#include "client/researcher/share_files.h"

#include <algorithm>
#include <ostream>

#include "client/researcher/output_file.h"
#include "crypto/batch.h"
#include "crypto/media.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t most_bytes = 16 << 20;

std::string sentence_for(const std::filesystem::path& file, crypto::Error error) {
    switch (error) {
        case crypto::Error::wrong_format:
            return shown(file) + " is no file of shares; custodians make one with \"custody extract\".";
        case crypto::Error::unsupported:
            return shown(file) + " was made by a newer Fieldfare than this one; install the newer version.";
        case crypto::Error::not_openable:
            return shown(file) +
                   " is sealed to somebody else; ask the custodian to extract again for your .ffpub.";
        case crypto::Error::forged:
            return shown(file) +
                   " is not what its signer signed; ask the custodian for it again, by another way.";
        default:
            return shown(file) + " is damaged; copy it anew.";
    }
}

}  // namespace

Shares::Shares(std::vector<crypto::ReleasedShare> all) : all_(std::move(all)) {
    std::ranges::stable_sort(all_, {}, &crypto::ReleasedShare::header_tag);
}

std::span<const crypto::ReleasedShare> Shares::of(const crypto::Digest& header_tag) const {
    const auto found = std::ranges::equal_range(all_, header_tag, {}, &crypto::ReleasedShare::header_tag);
    return {found.begin(), found.end()};
}

std::span<const crypto::ReleasedShare> Shares::of_file(crypto::ByteView batch) const {
    if (all_.empty()) return {};
    const auto outline = crypto::says_media(batch)
                             ? crypto::media_outline_of_damaged(crypto::source_of(batch))
                             : crypto::outline_of_damaged(batch);
    return outline ? of(outline->header_tag) : std::span<const crypto::ReleasedShare>();
}

std::string name_of(const crypto::BoxKey& key, const study::StudyPackage& study) {
    const auto found = std::ranges::find(study.recipients(), key, &study::RecipientEntry::key);
    if (found != study.recipients().end() && !found->label.empty()) return found->label;
    return "the custodian with the key " + crypto::to_hex(crypto::ByteView(key.bytes).first(4)) + "…";
}

Result<Shares> read_shares(std::span<const std::filesystem::path> files,
                           std::span<const crypto::Identity> identities, const study::StudyPackage& study,
                           Console& console) {
    std::vector<crypto::ReleasedShare> all;
    for (const std::filesystem::path& file : files) {
        const auto bytes = read_file(file, most_bytes);
        if (!bytes) return tl::unexpected(bytes.error());
        auto opened = crypto::open_shares(crypto::bytes_of(*bytes), identities);
        if (!opened) return could_not(sentence_for(file, opened.error()));
        console.note(shown(file) + ": shares of " + std::to_string(opened->shares.size()) +
                     (opened->shares.size() == 1 ? " batch, from " : " batches, from ") +
                     name_of(opened->custodian, study) + ".");
        for (crypto::ReleasedShare& share : opened->shares) all.push_back(std::move(share));
    }
    return Shares(std::move(all));
}

}  // namespace fieldfare::researcher
