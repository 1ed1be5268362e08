#include "client/researcher/share_files.h"

#include <algorithm>
#include <ostream>

#include "client/researcher/output_file.h"
#include "crypto/batch.h"
#include "crypto/media.h"

namespace fieldfare::researcher {
namespace {

constexpr std::size_t most_bytes = 16 << 20;

/// Goes by the custodian's digits, which cover both keys: those that the package knows, if any.
SignedBy signed_by(const crypto::Recipient& claimed, const study::StudyPackage& study) {
    const auto entry = std::ranges::find(study.recipients(), claimed.box_key, &study::RecipientEntry::key);
    if (entry == study.recipients().end() || entry->label.empty()) return SignedBy::unknown;
    const auto known = study::fingerprint_of(*entry, study);
    if (!known) return SignedBy::unknown;
    return *known == crypto::fingerprint_of(claimed) ? SignedBy::custodian : SignedBy::another;
}

std::string sentence_for(const ShareFileGiven& given) {
    const std::string batches = std::to_string(given.shares) + (given.shares == 1 ? " batch" : " batches");
    switch (given.signed_by) {
        case SignedBy::custodian:
            return given.file + ": shares of " + batches + ", from " + given.custodian +
                   ", signed with the key that the study file lists for them.";
        case SignedBy::another:
            return given.file + ": shares of " + batches + ", in the name of " + given.custodian +
                   ", but not signed with the key that the study file lists for them. The digits of the "
                   "key that signed are " +
                   given.signer + "; ask who made this file.";
        case SignedBy::unknown:
            break;
    }
    return given.file + ": shares of " + batches + ", in the name of " + given.custodian +
           ". If it was they who signed it, \"key show\" gives them the digits " + given.signer + ".";
}

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
        case crypto::Error::out_of_memory:
            return "There was not enough free memory to read " + shown(file) +
                   "; close other programs, and try again.";
        default:
            return shown(file) + " is damaged; copy it anew.";
    }
}

}  // namespace

Shares::Shares(std::vector<Given> all, std::vector<ShareFileGiven> files) : files_(std::move(files)) {
    std::ranges::stable_sort(
        all, {}, [](const Given& given) -> const crypto::Digest& { return given.share.header_tag; });
    for (Given& given : all) {
        all_.push_back(std::move(given.share));
        file_of_.push_back(given.file);
    }
}

const ShareFileGiven& Shares::file_of(const crypto::ReleasedShare& share) const {
    return files_[file_of_[static_cast<std::size_t>(&share - all_.data())]];
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
    std::vector<Shares::Given> all;
    std::vector<ShareFileGiven> given;
    for (const std::filesystem::path& file : files) {
        ShareFileGiven& its = given.emplace_back();
        its.file = shown(file);
        const auto bytes = read_file(file, most_bytes);
        auto opened = bytes ? crypto::open_shares(crypto::bytes_of(*bytes), identities)
                            : tl::unexpected(crypto::Error::not_readable);
        if (!opened) {
            its.refused = bytes ? sentence_for(file, opened.error()) : bytes.error().sentence;
            continue;
        }
        crypto::Recipient claimed;
        claimed.box_key = opened->custodian;
        claimed.signing_key = opened->signer;
        its.custodian = name_of(opened->custodian, study);
        its.signer = crypto::to_string(crypto::fingerprint_of(claimed));
        its.signed_by = signed_by(claimed, study);
        its.shares = opened->shares.size();
        for (crypto::ReleasedShare& share : opened->shares)
            all.push_back({std::move(share), given.size() - 1});
    }
    if (!given.empty() && all.empty()) return could_not(given.front().refused);
    for (const ShareFileGiven& each : given)
        console.note(each.refused.empty() ? sentence_for(each) : each.refused);
    return Shares(std::move(all), std::move(given));
}

}  // namespace fieldfare::researcher
