#pragma once

#include <filesystem>

namespace fieldfare::researcher {

/// Keeps other commands from the notes of a folder for as long as it lives. Where the file system knows no
/// locks, nothing does.
class FolderLock {
  public:
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int descriptor_;
};

}  // namespace fieldfare::researcher
