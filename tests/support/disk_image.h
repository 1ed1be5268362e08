#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/disk_log.h"

namespace fieldfare::tests {

/// A folder on a disk whose power can go at any moment. What was written to a file is on the disk once the
/// file was synced, a name once its folder was: so POSIX has it, and no file system gives less. A rename is
/// one step. A sync of a file that fails is the end of what it should have written, as in Linux: no later one
/// writes it. Names that a failed sync leaves behind wait for the next.
class DiskImage {
  public:
    /// When a name is on the disk: where folders can't be synced nothing better can be hoped for than a stick
    /// that writes each at once, as those are mounted that may be pulled out at any time.
    enum class NamesKept { with_folder, at_once };
    /// What stands in `root` now, all of it on the disk.
    explicit DiskImage(const std::filesystem::path& root, NamesKept names_kept = NamesKept::with_folder);

    void apply(const DiskChange& change);

    /// What becomes of that which was not synced.
    enum class Unsynced {
        lost,
        kept,   ///< as after a kill
        partly  ///< any of the writes, some of them cut at a sector; in each folder the names up to some
                ///< point
    };
    /// The folder as the disk would show it after a power cut now; `folder` is made anew.
    void write_to(const std::filesystem::path& folder, Unsynced unsynced, std::mt19937_64& random) const;

  private:
    struct FileChange {
        bool truncates = false;
        std::uint64_t at = 0;
        std::string data;
    };
    struct File {
        bool is_folder = false;
        std::string content;
        std::vector<FileChange> unsynced;
    };
    using Names = std::map<std::string, std::size_t>;  ///< path below the root -> number of its file
    static constexpr std::size_t no_file = ~std::size_t{0};
    /// Names that change in one step: to a file, or to none.
    using NameChange = std::map<std::string, std::size_t>;

    std::string below(const std::string& path) const;
    std::size_t add(File file);
    void change_names(NameChange change);
    std::vector<NameChange> those_kept(Unsynced unsynced, std::mt19937_64& random) const;
    static void apply(Names& names, const NameChange& change);
    static void apply(std::string& content, const FileChange& change);

    std::string root_;
    NamesKept kept_;
    std::vector<File> files_;
    Names names_, names_on_disk_;
    std::vector<NameChange> unsynced_names_;
};

}  // namespace fieldfare::tests
