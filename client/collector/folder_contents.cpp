#include "client/collector/folder_contents.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
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

std::string user() {
    const passwd* me = ::getpwuid(::getuid());
    return me != nullptr && me->pw_name != nullptr ? me->pw_name : "";
}

/// A stick is a file system of its own; an empty folder for one is not.
bool is_mounted(const fs::path& folder) {
    struct stat here {
    }, above{};
    return ::stat(folder.c_str(), &here) == 0 && ::stat(folder.parent_path().c_str(), &above) == 0 &&
           S_ISDIR(here.st_mode) && here.st_dev != above.st_dev;
}

void add_media(const fs::path& folder, std::vector<app::FilePlace>& places) {
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (is_mounted(entry->path()))
            places.push_back(
                {app::FilePlace::Kind::medium, entry->path().filename().string(), entry->path().string()});
    }
}

std::vector<app::FilePlace> places() {
    std::vector<app::FilePlace> found = {{app::FilePlace::Kind::home, "", home().string()}};
    for (const fs::path& folder :
         {fs::path("/run/media") / user(), fs::path("/media") / user(), fs::path("/media"), fs::path("/mnt")})
        add_media(folder, found);
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
