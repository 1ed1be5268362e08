#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include "client/researcher/media_inbox.h"
#include "client/researcher/output_file.h"

namespace fieldfare::researcher {

/// Puts media files into the results, each whole and as its submission names it or not at all.
class MediaOutput {
  public:
    MediaOutput(std::filesystem::path inbox, std::span<const crypto::Identity> identities,
                crypto::StudyMaterial material, const Shares& shares, Overwrite overwrite)
        : inbox_(std::move(inbox)),
          identities_(identities),
          material_(std::move(material)),
          shares_(&shares),
          overwrite_(overwrite) {}

    /// Every whole media file of the findings; those that turn out not to be what they seemed go among the
    /// lacking ones. Fails when the results can't be written: then take_back() is for the caller to call.
    /// `on_file` is told how many are done.
    Result<void> write(MediaFindings& findings, const std::function<void(std::size_t)>& on_file);

    /// With Overwrite::yes: removes what an earlier run put into `media` of these folders and this one has
    /// not, since whoever has withdrawn meanwhile is not to be found there. Only files with names that
    /// media files have, in folders named as submissions are. Returns those that could not be removed.
    std::vector<std::filesystem::path> remove_earlier(std::span<const std::filesystem::path> folders) const;

    /// Removes what write() has made, unless it replaced something.
    void take_back();

    /// Written, in their order.
    const std::vector<std::filesystem::path>& paths() const { return paths_; }

  private:
    /// Why not, as in LackingMedia; empty when it is there.
    Result<std::string> write_one(const WholeMedia& media);

    std::filesystem::path inbox_;
    std::span<const crypto::Identity> identities_;
    crypto::StudyMaterial material_;
    const Shares* shares_;
    Overwrite overwrite_;
    std::vector<std::filesystem::path> paths_;
};

}  // namespace fieldfare::researcher
