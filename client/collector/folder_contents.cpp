#include "client/collector/folder_contents.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "schema/media_file.h"

namespace fieldfare::collector {
namespace {

namespace fs = std::filesystem;
using Kind = app::FolderEntry::Kind;

fs::path home() {
    if (const char* named = std::getenv("HOME"); named != nullptr && *named == '/') return named;
    const passwd* me = ::getpwuid(::getuid());
    return me != nullptr && me->pw_dir != nullptr ? me->pw_dir : "/";
}

/// As /proc/self/mountinfo writes blanks and the like: "\040".
std::string without_escapes(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escaped = text[i] == '\\' && i + 3 < text.size();
        plain += escaped ? static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8)) : text[i];
        if (escaped) i += 3;
    }
    return plain;
}

/// Sticks and the like, where desktops and people mount them. The kernel is asked and not the places
/// themselves: one whose server is gone would keep who asks waiting for ever, and the answers with them.
std::vector<app::FilePlace> places() {
    std::vector<app::FilePlace> found = {{app::FilePlace::Kind::home, "", home().string()}};
    const auto is_for_media = [](const fs::path& path) {  // "/run/media/anna/STICK", "/mnt/STICK"
        const fs::path above = path.parent_path(), over = above.parent_path();
        return above == "/media" || above == "/mnt" || over == "/media" || over == "/run/media";
    };
    std::ifstream mounts("/proc/self/mountinfo");  // proc_pid_mountinfo(5): the fifth word
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string place;
        for (int i = 0; i < 5; ++i) words >> place;
        const fs::path path = without_escapes(place);
        const bool known = std::ranges::find(found, path.string(), &app::FilePlace::path) != found.end();
        if (is_for_media(path) && !known)  // what is mounted on demand stands there twice
            found.push_back({app::FilePlace::Kind::medium, path.filename().string(), path.string()});
    }
    std::ranges::sort(found.begin() + 1, found.end(), {}, &app::FilePlace::name);
    return found;
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

bool wanted(const std::string& name, const std::vector<std::string>& kinds) {
    // A stick may have names in capital letters.
    const auto ends_so = [ending = lower(fs::path(name).extension().string())](const std::string& kind) {
        return ending == "." + kind;
    };
    return kinds.empty() || std::ranges::find(kinds, schema::media_extension(name)) != kinds.end() ||
           std::ranges::any_of(kinds, ends_so);
}

}  // namespace

tl::expected<app::FolderContents, app::Message> list_folder(const std::string& path,
                                                            const std::vector<std::string>& kinds) {
    const auto refuse = [] { return tl::unexpected(app::Message{"attach.no_folder", {}}); };
    std::error_code failed;
    const fs::path folder = fs::absolute(path.empty() ? home() : fs::path(path), failed).lexically_normal();
    if (failed) return refuse();
    app::FolderContents contents;
    contents.path = folder.string();
    if (contents.path.size() > 1 && contents.path.ends_with('/')) contents.path.pop_back();
    if (folder.has_relative_path()) contents.parent = fs::path(contents.path).parent_path().string();
    contents.places = places();

    fs::directory_iterator entry(folder, failed);
    if (failed) return refuse();
    for (const fs::directory_iterator end; entry != end; entry.increment(failed)) {
        if (failed) return refuse();
        const std::string name = entry->path().filename().string();
        if (name.starts_with('.')) continue;
        std::error_code unknown;  // a link to nowhere, or what may not be looked at, is left out
        if (entry->is_directory(unknown)) {
            contents.entries.push_back({Kind::folder, name, 0});
        } else if (entry->is_regular_file(unknown) && wanted(name, kinds)) {
            const auto size = entry->file_size(unknown);
            if (!unknown) contents.entries.push_back({Kind::file, name, size});
        }
    }
    if (failed) return refuse();
    std::ranges::sort(contents.entries, [](const app::FolderEntry& left, const app::FolderEntry& right) {
        return left.kind != right.kind ? left.kind == Kind::folder : left.name < right.name;
    });
    if (contents.entries.size() > most_entries) {
        contents.entries.resize(most_entries);
        contents.cut_short = true;
    }
    return contents;
}

}  // namespace fieldfare::collector
