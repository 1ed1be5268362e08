#pragma once

#include <filesystem>
#include <memory>

#include "sync/folder_files.h"
#include "sync/transport.h"

namespace fieldfare::sync {

struct FolderStoreOptions {
    /// Where to begin among the ways to give a file its name; a test of poor media begins further down.
    Publish publish = Publish::rename;
    /// Temporary files of a crashed upload are deleted at the first put after this age.
    std::chrono::seconds stale_after = std::chrono::hours(1);
};

/// A folder as a store: a USB stick, a mounted share, a synchronised folder. Object names are paths below it;
/// the folders "<study tag>/" and "<study tag>/receipts/" are made when they are missing, the root never is:
/// a stick that is not plugged in must not become a folder on the laptop's own disk (Fault::no_store).
///
/// Below the root no link is followed, and a file is written as temporary file, fsync, no-replace rename,
/// fsync of the folder. Existing names are compared byte by byte, so put() never answers PutOutcome::taken
/// except where the existing file may not be read.
class FolderStore final : public Transport {
  public:
    /// Touches nothing until the first call: media come and go.
    explicit FolderStore(std::filesystem::path root, FolderStoreOptions options = {});

    TransportResult<PutOutcome> put(std::string_view name, const Content& content,
                                    const Watch& watch) override;
    TransportResult<Listing> list(std::string_view prefix, std::string_view after, std::size_t limit,
                                  const std::stop_token& stop) override;
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch) override;
    std::string address() const override;

  private:
    tl::unexpected<TransportError> fail(Fault fault, std::string detail) const;
    tl::unexpected<TransportError> fail(Errno number) const;
    TransportResult<Descriptor> open_parent(std::string_view path, IfMissing if_missing) const;

    std::filesystem::path root_;
    FolderStoreOptions options_;
    std::vector<std::string> cleaned_;  // folders in which stale temporary files were looked for
};

}  // namespace fieldfare::sync
