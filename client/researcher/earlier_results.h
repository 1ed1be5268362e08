#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace fieldfare::researcher {

// With --force a run of `open` replaces what an earlier one has made: also what it makes no more, in which
// somebody may stand who has withdrawn since. Nothing else of a folder is touched; what merely looks like
// ours is named, and left.

/// What became of an earlier run's files.
struct EarlierResults {
    std::vector<std::filesystem::path> stayed;    ///< of ours, and could not be removed
    std::vector<std::filesystem::path> doubtful;  ///< of ours or the researcher's own, and was left
};

/// Removes what `open` writes of submissions to this folder where it is not among `kept`: survey.jsonl,
/// <uuid>.xml, and of the tables those with these names. Other tables ("survey-….csv" with our first column)
/// are doubtful.
void remove_earlier_results(const std::filesystem::path& folder, const std::set<std::filesystem::path>& kept,
                            const std::set<std::string>& tables, EarlierResults& results);

/// Folders of versions of the form ("version-…") below `out` with results in them, and none of this run: an
/// earlier run's, or copies that somebody keeps. They are doubtful as a whole.
void find_earlier_versions(const std::filesystem::path& out,
                           std::span<const std::filesystem::path> of_this_run, EarlierResults& results);

/// A folder, and no link to one.
bool is_own_folder(const std::filesystem::path& path);

}  // namespace fieldfare::researcher
