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
    /// As known_media.h counts them: with fewer above its folder the store's medium is not there
    /// (Fault::no_store), whatever stands in its place.
    unsigned mounts = 0;
};

/// A file on its way into a folder store, hidden until it is whole: piece by piece, for whoever is sent one.
/// When it goes before finish(), nothing is left. Used by one thread at a time.
class FolderUpload {
  public:
    FolderUpload(FolderUpload&&) noexcept = default;
    FolderUpload& operator=(FolderUpload&&) = delete;

    SystemResult<void> write(crypto::ByteView piece) { return file_.write(piece); }
    /// Durable under its name, or EEXIST: somebody else has had that name since, and keeps it.
    SystemResult<void> finish();

  private:
    friend class FolderStore;
    FolderUpload(Descriptor folder, TemporaryFile file, std::string_view name, Publish publish);

    Descriptor folder_;  // outlives `file_`
    TemporaryFile file_;
    std::string name_;  // the last part
    std::chrono::sys_days day_;
    Publish publish_;
};

/// A folder as a store: a USB stick, a mounted share, a synchronised folder. Object names are paths below it;
/// the folders "<study tag>/" and "<study tag>/receipts/" are made when they are missing, the root never is:
/// a stick that is not plugged in must not become a folder on the laptop's own disk (Fault::no_store). Where
/// the folder that it is mounted in stays there without it, FolderStoreOptions::mounts tells.
/// Devices of other people put there, too, and researchers fetch: folders that are made have the rights and
/// the group of the root, and all who get to a file may read it, however shut in the program is.
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
    /// Reads the folder at the first page, and gives those that follow it from what it read: a million names
    /// at most. What may not be read is listed, too. The study's folder may be a drop box, into which people
    /// put and may not look: that is Fault::not_permitted here alone.
    TransportResult<Listing> list(std::string_view prefix, std::string_view after, std::size_t limit,
                                  const std::stop_token& stop) override;
    TransportResult<void> get(std::string_view name, std::uint64_t max_size, const Sink& sink,
                              const Watch& watch) override;
    std::string address() const override;

    /// Whether anything has that name. Makes nothing.
    TransportResult<bool> stands(std::string_view name) const;
    /// Moves what has that name to a hidden name beside it, ".other-<n>-…", n from 1 to 9: nobody lists,
    /// counts or deletes it. Fault::failed when all of these are taken.
    TransportResult<void> set_aside(std::string_view name);
    /// The first half of put(), for content that is still to come: nothing when the name is there.
    TransportResult<std::optional<FolderUpload>> begin(std::string_view name);
    /// What a failure of this folder means.
    TransportError error_of(Errno number) const { return fail(number).value(); }

  private:
    tl::unexpected<TransportError> fail(Fault fault, std::string detail) const;
    tl::unexpected<TransportError> fail(Errno number) const;
    /// Whether the file that stands in the store equals the content.
    TransportResult<PutOutcome> compare(const Descriptor& folder, const std::string& name,
                                        const Content& content) const;
    enum class Parent { made, there };
    TransportResult<Descriptor> open_parent(std::string_view path, Parent parent) const;

    std::filesystem::path root_;
    FolderStoreOptions options_;
    std::vector<std::string> listed_;  // names of the listing that goes on, and the prefix that it is of
    std::string listed_prefix_;
    std::vector<std::string> cleaned_;  // folders in which stale temporary files were looked for
};

}  // namespace fieldfare::sync
