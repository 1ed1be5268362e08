#include "client/researcher/earlier_results.h"

#include <algorithm>
#include <string>

#include "client/researcher/output_file.h"
#include "client/researcher/simulated_device.h"

namespace fieldfare::researcher {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view version_prefix = "version-";

/// What stands in a folder; nothing when it can't be read.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(*entry);
    return entries;
}

/// A table of ours has KEY as its first column.
bool is_table(const fs::path& file) {
    const auto head = read_head(file, 4);
    return head && (*head == "KEY," || *head == "KEY\n");
}

enum class Whose { not_ours, ours, doubtful };

Whose whose(const fs::directory_entry& entry, const std::set<std::string>& tables) {
    std::error_code error;
    if (entry.symlink_status(error).type() != fs::file_type::regular) return Whose::not_ours;
    const std::string name = entry.path().filename().string();
    if (name == "survey.jsonl") return Whose::ours;
    if (name.ends_with(".csv") && name.starts_with("survey") && is_table(entry.path()))
        return tables.contains(name) ? Whose::ours : Whose::doubtful;
    const bool instance = name.ends_with(".xml") && uuid_bytes(name.substr(0, name.size() - 4)).has_value();
    return instance ? Whose::ours : Whose::not_ours;
}

}  // namespace

void remove_earlier_results(const fs::path& folder, const std::set<fs::path>& kept,
                            const std::set<std::string>& tables, EarlierResults& results) {
    for (const fs::directory_entry& entry : entries_of(folder)) {
        if (kept.contains(entry.path())) continue;
        const Whose its = whose(entry, tables);
        if (its == Whose::doubtful) results.doubtful.push_back(entry.path());
        if (its != Whose::ours) continue;
        std::error_code error;
        fs::remove(entry.path(), error);
        if (error) results.stayed.push_back(entry.path());
    }
}

void find_earlier_versions(const fs::path& out, std::span<const fs::path> of_this_run,
                           EarlierResults& results) {
    for (const fs::directory_entry& entry : entries_of(out)) {
        if (!entry.path().filename().string().starts_with(version_prefix) || !is_own_folder(entry.path()) ||
            std::ranges::find(of_this_run, entry.path()) != of_this_run.end())
            continue;
        const auto files = entries_of(entry.path());
        if (std::ranges::any_of(files, [](const auto& file) { return whose(file, {}) != Whose::not_ours; }))
            results.doubtful.push_back(entry.path());
    }
}

bool is_own_folder(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

}  // namespace fieldfare::researcher
