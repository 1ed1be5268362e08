#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <vector>

#include "client/researcher/console.h"
#include "client/study/study_package.h"
#include "crypto/custody.h"

namespace fieldfare::researcher {

/// The shares that custodians have released to us, by batch.
class Shares {
  public:
    Shares() = default;
    explicit Shares(std::vector<crypto::ReleasedShare> all);

    bool empty() const { return all_.empty(); }
    /// Those that say they are of this batch. Anyone can say so: crypto::fits() tells.
    std::span<const crypto::ReleasedShare> of(const crypto::Digest& header_tag) const;
    std::span<const crypto::ReleasedShare> of_file(crypto::ByteView batch) const;

  private:
    std::vector<crypto::ReleasedShare> all_;  ///< by header tag
};

/// .ffshare files, opened with whichever of our keys they are sealed to; each is told on err, with whose it
/// is and how many batches it releases. One that can't be opened fails the whole: whoever asks for a
/// custodian's shares must know that they are there.
Result<Shares> read_shares(std::span<const std::filesystem::path> files,
                           std::span<const crypto::Identity> identities, const study::StudyPackage& study,
                           Console& console);

/// What people call a recipient of the study: the label; the fingerprint is not at hand from the box key
/// alone, so a nameless or unknown one is called by the first digits of its key.
std::string name_of(const crypto::BoxKey& key, const study::StudyPackage& study);

}  // namespace fieldfare::researcher
