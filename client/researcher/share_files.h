#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "client/researcher/console.h"
#include "client/study/study_package.h"
#include "crypto/custody.h"

namespace fieldfare::researcher {

/// Whether a file of shares was signed by the custodian in whose name it is. Anyone can make one in a
/// custodian's name, of whom it takes but the public key.
enum class SignedBy {
    custodian,  ///< with the key that the study file lists under the custodian's name
    another,    ///< with some other key than that
    unknown,    ///< the study file has no key to compare with; people compare the digits
};

/// A file of shares that was given.
struct ShareFileGiven {
    std::string file;
    std::string refused;    ///< the sentence why it was passed over; empty: it was read, and then
    std::string custodian;  ///< in whose name it is (name_of)
    std::string signer;     ///< digits: those of the custodian ("key show") if the key that signed is theirs
    SignedBy signed_by = SignedBy::unknown;
    std::size_t shares = 0;
};

/// The shares that custodians have released to us, by batch.
class Shares {
  public:
    struct Given {
        crypto::ReleasedShare share;
        std::size_t file = 0;  ///< which of `files` it stands in
    };

    Shares() = default;
    Shares(std::vector<Given> all, std::vector<ShareFileGiven> files);

    bool empty() const { return all_.empty(); }
    /// Those that say they are of this batch. Anyone can say so: crypto::fits() tells.
    std::span<const crypto::ReleasedShare> of(const crypto::Digest& header_tag) const;
    std::span<const crypto::ReleasedShare> of_file(crypto::ByteView batch) const;

    /// Of a share that `of` or `of_file` gave.
    const ShareFileGiven& file_of(const crypto::ReleasedShare& share) const;
    const std::vector<ShareFileGiven>& files() const { return files_; }

  private:
    std::vector<crypto::ReleasedShare> all_;  ///< by header tag
    std::vector<std::size_t> file_of_;        ///< of each of them
    std::vector<ShareFileGiven> files_;       ///< as they were given
};

/// .ffshare files, opened with whichever of our keys they are sealed to; each is told on err, with whose it
/// is, who signed it and how many batches it releases. One that can't be opened is passed over and told as
/// well; it fails the whole when none is left.
Result<Shares> read_shares(std::span<const std::filesystem::path> files,
                           std::span<const crypto::Identity> identities, const study::StudyPackage& study,
                           Console& console);

/// What people call a recipient of the study: the label; the fingerprint is not at hand from the box key
/// alone, so a nameless or unknown one is called by the first digits of its key.
std::string name_of(const crypto::BoxKey& key, const study::StudyPackage& study);

}  // namespace fieldfare::researcher
