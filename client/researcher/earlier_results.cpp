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

/// A table of ours has KEY as its first column; "survey-notes.csv" may be the researcher's own.
bool is_table(const fs::path& file) {
    const auto head = read_head(file, 4);
    return head && (*head == "KEY," || *head == "KEY\n");
}

bool is_of_open(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.symlink_status(error).type() != fs::file_type::regular) return false;
    const std::string name = entry.path().filename().string();
    if (name == "survey.jsonl") return true;
    if (name.ends_with(".csv") && (name == "survey.csv" || name.starts_with("survey-")))
        return is_table(entry.path());
    return name.ends_with(".xml") && uuid_bytes(name.substr(0, name.size() - 4)).has_value();
}

}  // namespace

std::vector<fs::path> earlier_version_folders(const fs::path& out, std::span<const fs::path> of_this_run) {
    std::vector<fs::path> folders;
    for (const fs::directory_entry& entry : entries_of(out))
        if (entry.path().filename().string().starts_with(version_prefix) && is_own_folder(entry.path()) &&
            std::ranges::find(of_this_run, entry.path()) == of_this_run.end())
            folders.push_back(entry.path());
    return folders;
}

std::vector<fs::path> remove_earlier_results(const fs::path& folder, const std::set<fs::path>& kept) {
    std::vector<fs::path> stayed;
    for (const fs::directory_entry& entry : entries_of(folder)) {
        if (kept.contains(entry.path()) || !is_of_open(entry)) continue;
        std::error_code error;
        fs::remove(entry.path(), error);
        if (error) stayed.push_back(entry.path());
    }
    std::error_code not_empty;
    if (folder.filename().string().starts_with(version_prefix)) fs::remove(folder, not_empty);
    return stayed;
}

bool is_own_folder(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::directory;
}

}  // namespace fieldfare::researcher
