#pragma once

#include <filesystem>
#include <vector>

#include "client/confinement/held.h"

namespace fieldfare::confinement {

enum class Reading {
    anywhere,    ///< whatever the person may read
    where_given  ///< FileGrants::read and ::change only
};

/// What of the file system is left to a process. A name that stands for nothing when it is granted grants
/// nothing: what is made or mounted there later stays closed, and so does what its links lead to.
struct FileGrants {
    Reading reading = Reading::where_given;
    std::vector<std::filesystem::path> read;  ///< files, and folders with all that is in them
    /// Folders in which files are made, written, renamed and deleted; files that are written. Devices,
    /// sockets, pipes and links are made nowhere.
    std::vector<std::filesystem::path> change;
    std::vector<std::filesystem::path> devices;  ///< read and written, nothing made
};

/// From now on this thread, and every thread and process that it makes, reaches only that (Landlock,
/// landlock(7)). Nothing can be executed any more; from version 6 on, no process but those can be signalled.
/// Files that are open stay open. For good: a process can only close further. Before there is a second
/// thread, since the others would not be bound.
///
/// no below version 2 of Landlock. partly at 2, of Linux 5.19 to 6.1: whatever the person may write can still
/// be cut short or emptied (truncate(2)), wherever it lies; nothing can be written into it.
Held confine_files(const FileGrants& grants);

/// 0 where the kernel has no Landlock, else its version.
int landlock_version();

}  // namespace fieldfare::confinement
