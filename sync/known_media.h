#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "sync/folder_files.h"
#include "sync/outbox.h"

namespace fieldfare::sync {

/// How many times another file system begins on the way from / down to the folder. A medium that is mounted
/// there is one more than the empty folder under it. Nothing where the way can't be gone.
std::optional<unsigned> mounts_above(const Descriptor& folder);

/// Which folder stores lay on a medium: on another file system than the outbox. A folder that a medium is
/// mounted in is there without it, too, and would take files that never leave this machine.
///
/// Noted in `outbox/receipts/media.json`: a name and a number each. Where that is lost, or can't be written,
/// nothing is known until the store is seen again. One thread at a time.
class KnownMedia {
  public:
    static KnownMedia of(const Outbox& outbox);

    /// FolderStoreOptions::mounts; 0 for whatever is not known as a medium.
    unsigned mounts_of(const std::string& address) const;

    /// The store at this address has answered: what it lies on now is what it lies on. Does nothing for
    /// addresses that are no folders, and for a folder beside the outbox. A number never becomes less.
    void note(const std::string& address);

  private:
    explicit KnownMedia(std::filesystem::path outbox) : outbox_(std::move(outbox)) {}

    std::filesystem::path outbox_;
    std::map<std::string, unsigned> mounts_;
};

}  // namespace fieldfare::sync
