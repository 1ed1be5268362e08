#pragma once

#include <string>
#include <string_view>

#include "sync/folder_files.h"

namespace fieldfare::sync {

/// A file that lies in memory alone and has a path only for this process, for libraries that take a secret by
/// a path: no file system ever has it, nobody can change it any more, and it goes with this object, however
/// the process ends. Its pages may be swapped out, as others of this process. Landlock lets it through, since
/// it lies in no folder.
class MemoryFile {
  public:
    /// EPERM, ENOSYS or ENOMEM where the system gives none.
    static SystemResult<MemoryFile> of(std::string_view content);

    /// Below /proc/self: it leads other processes nowhere. As long as this object lives.
    std::string path() const;

  private:
    explicit MemoryFile(Descriptor file);
    Descriptor file_;
};

}  // namespace fieldfare::sync
