#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "client/researcher/exit_code.h"

namespace fieldfare::researcher {

/// When all that a store lists was last in the inbox.
struct Sweep {
    std::chrono::sys_days day;  ///< on which that listing began
    std::size_t files = 0;      ///< sealed files that the inbox had then
    unsigned parts = 0;         ///< how often the store was listed in part since

    bool operator==(const Sweep&) const = default;
};

/// From which day on a store is listed; nothing: all of it. Between two sweeps, a week at most, it is what
/// was sealed since a week before the last one: what came since then and was sealed as usual is found. A
/// device that was offline for longer, or whose clock is behind, puts files under days that lie before that;
/// those come with the next sweep. The day follows from this machine's clock and never from a name: one
/// device with a clock years ahead would hide all the others. Where that clock stands still, twenty fetches
/// in part are as long as a week. An inbox with fewer files than then has lost some: all is listed. Where new
/// files hide that it has, those lost come with the next sweep.
std::optional<std::chrono::sys_days> listed_since(const std::optional<Sweep>& last,
                                                  std::chrono::sys_days today, std::size_t files_now);

/// The sweeps of an inbox, in a file of it ("sweeps"): lines of text, the first with the version, the last
/// with a hash of those before. Missing, damaged, too long or of a later version, it tells of none, and then
/// everything is listed: that costs time and misses nothing.
class Sweeps {
  public:
    static Sweeps read(const std::filesystem::path& inbox);

    std::optional<Sweep> last(std::string_view study_tag, std::string_view store) const;
    void note(std::string_view study_tag, std::string_view store, const Sweep& sweep);

    /// Replaces the file in one step.
    Result<void> write(const std::filesystem::path& inbox) const;

  private:
    std::map<std::pair<std::string, std::string>, Sweep> sweeps_;  ///< by study tag and address
};

}  // namespace fieldfare::researcher
