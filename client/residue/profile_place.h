#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "client/residue/file_system.h"
#include "client/residue/finding.h"
#include "client/residue/variables.h"

namespace fieldfare::residue {

/// Where the profile lies, and who could get at it there.
struct ProfilePlace {
    std::string path;
    FileSystem file_system;
    bool there = false;
    std::string
        open_to_others;  ///< a path in it, or it, that others than its owner may read or write; empty: none
    bool owned_by_other = false;
    std::string synced_by;  ///< what sends the folder elsewhere, as far as its marks tell; empty: none found

    bool operator==(const ProfilePlace&) const = default;
};

/// `profile` is absolute and without links. Looks at no more than 10,000 files.
ProfilePlace read_profile_place(const std::filesystem::path& root, const std::filesystem::path& profile,
                                const Variables& variables);

Finding judge_disk(const ProfilePlace& place);
Finding judge_overwriting(const ProfilePlace& place);
Finding judge_rights(const ProfilePlace& place);
Finding judge_synced(const ProfilePlace& place);

/// The folder for temporary files (TMPDIR, else /tmp), where other programs leave things.
Finding judge_temporary(const FileSystem& file_system, const std::string& folder);

}  // namespace fieldfare::residue
