#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "sync/folder_store.h"

namespace fieldfare::researcher {

/// Which sealed files of a folder are what their names say. A device is told that a name is taken only where
/// that is so: an empty file that a power cut left, or half a copy, would keep the real one out for ever.
/// Each is read once in a process, so that nobody makes it read a film again and again. Used by one thread.
class TrueNames {
  public:
    /// `store` outlives it.
    explicit TrueNames(sync::FolderStore& store) : store_(store) {}
    TrueNames(const TrueNames&) = delete;

    /// Whether what stands under a batch's name has the SHA-256 in it. A failure where it can't be read.
    sync::TransportResult<bool> holds(std::string_view name);
    /// It has come here, and its hash was looked at.
    void add(std::string_view name) { known_.emplace(name); }

  private:
    sync::FolderStore& store_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace fieldfare::researcher
