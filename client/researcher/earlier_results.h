#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <vector>

namespace fieldfare::researcher {

// With --force a run of `open` replaces what an earlier one has made: also what it makes no more, in which
// somebody may stand who has withdrawn since. Nothing else of a folder is touched.

/// Folders of results below `out` that an earlier run has made for versions of the form ("version-…"), and
/// not this one. Links are none.
std::vector<std::filesystem::path> earlier_version_folders(
    const std::filesystem::path& out, std::span<const std::filesystem::path> of_this_run);

/// Removes what `open` writes of submissions (survey.jsonl; survey.csv and its like, known by their first
/// column; <uuid>.xml), where it is not among `kept`, and a version's folder that is empty then. What could
/// not be removed comes back.
std::vector<std::filesystem::path> remove_earlier_results(const std::filesystem::path& folder,
                                                          const std::set<std::filesystem::path>& kept);

/// A folder, and no link to one.
bool is_own_folder(const std::filesystem::path& path);

}  // namespace fieldfare::researcher
