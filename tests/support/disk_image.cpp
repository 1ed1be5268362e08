#include "tests/support/disk_image.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "tests/support/whole_file.h"

namespace fieldfare::tests {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t sector = 512;

std::string folder_of(const std::string& name) {
    const auto slash = name.rfind('/');
    return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

}  // namespace

DiskImage::DiskImage(const fs::path& root, NamesKept names_kept) : root_(root.string()), kept_(names_kept) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        File file;
        file.is_folder = entry.is_directory();
        if (!file.is_folder) file.content = test::whole_file(entry.path());
        names_[below(entry.path().string())] = add(std::move(file));
    }
    names_on_disk_ = names_;
}

std::string DiskImage::below(const std::string& path) const {
    return path.size() > root_.size() ? path.substr(root_.size() + 1) : std::string();
}

std::size_t DiskImage::add(File file) {
    files_.push_back(std::move(file));
    return files_.size() - 1;
}

void DiskImage::apply(Names& names, const NameChange& change) {
    for (const auto& [name, file] : change) {
        if (file == no_file)
            names.erase(name);
        else
            names[name] = file;
    }
}

void DiskImage::apply(std::string& content, const FileChange& change) {
    if (change.truncates) {
        content.resize(change.at);
        return;
    }
    content.resize(std::max<std::size_t>(content.size(), change.at + change.data.size()));
    content.replace(change.at, change.data.size(), change.data);
}

void DiskImage::change_names(NameChange change) {
    apply(names_, change);
    if (kept_ == NamesKept::at_once) return apply(names_on_disk_, change);
    unsynced_names_.push_back(std::move(change));
}

void DiskImage::apply(const DiskChange& change) {
    using Kind = DiskChange::Kind;
    const std::string name = below(change.path);
    const auto found = names_.find(name);
    switch (change.kind) {
        case Kind::write:
            if (found != names_.end())
                files_[found->second].unsynced.push_back({false, change.number, change.data});
            break;
        case Kind::truncate:
            if (found != names_.end()) files_[found->second].unsynced.push_back({true, change.number, {}});
            break;
        case Kind::create:
            change_names({{name, add({})}});
            break;
        case Kind::make_folder:
            change_names({{name, add({.is_folder = true, .content = {}, .unsynced = {}})}});
            break;
        case Kind::rename:
            if (found != names_.end()) change_names({{below(change.other), found->second}, {name, no_file}});
            break;
        case Kind::link:
            if (found != names_.end()) change_names({{below(change.other), found->second}});
            break;
        case Kind::unlink:
            change_names({{name, no_file}});
            break;
        case Kind::sync:
            if (name.empty() || (found != names_.end() && files_[found->second].is_folder)) {
                std::erase_if(unsynced_names_, [&](const NameChange& one) {
                    const bool here = std::ranges::any_of(
                        one, [&](const auto& entry) { return folder_of(entry.first) == name; });
                    if (here) apply(names_on_disk_, one);
                    return here;
                });
            } else if (found != names_.end()) {
                File& file = files_[found->second];
                for (const FileChange& one : file.unsynced) apply(file.content, one);
                file.unsynced.clear();
            }
            break;
        case Kind::failed_sync:
            if (found != names_.end()) files_[found->second].unsynced.clear();
            break;
        case Kind::told:
            break;
    }
}

/// A folder's names change in the order in which they did, those of two folders in any order. A rename from
/// one into the other is in both orders.
std::vector<DiskImage::NameChange> DiskImage::those_kept(Unsynced unsynced, std::mt19937_64& random) const {
    if (unsynced == Unsynced::lost) return {};
    if (unsynced == Unsynced::kept) return unsynced_names_;
    std::vector<NameChange> left = unsynced_names_, kept;
    for (auto count = random() % (left.size() + 1); count > 0; --count) {
        std::set<std::string> earlier;  // folders with a change that comes first
        std::vector<std::size_t> next;
        for (std::size_t i = 0; i < left.size(); ++i) {
            const auto has_one_before = [&](const auto& entry) {
                return earlier.contains(folder_of(entry.first));
            };
            if (std::ranges::none_of(left[i], has_one_before)) next.push_back(i);
            for (const auto& [name, file] : left[i]) earlier.insert(folder_of(name));
        }
        const auto one = left.begin() + static_cast<std::ptrdiff_t>(next[random() % next.size()]);
        kept.push_back(std::move(*one));
        left.erase(one);
    }
    return kept;
}

void DiskImage::write_to(const fs::path& folder, Unsynced unsynced, std::mt19937_64& random) const {
    Names names = names_on_disk_;
    for (const NameChange& one : those_kept(unsynced, random)) apply(names, one);

    fs::remove_all(folder);
    fs::create_directories(folder);
    for (const auto& [name, number] : names) {  // a folder stands before what is in it
        const File& file = files_[number];
        const fs::path path = folder / name;
        if (!fs::is_directory(path.parent_path())) continue;  // the folder's own name was lost
        if (file.is_folder) {
            fs::create_directory(path);
            continue;
        }
        std::string content = file.content;
        for (FileChange change : file.unsynced) {
            if (unsynced == Unsynced::lost) break;
            if (unsynced == Unsynced::partly) {
                const auto fate = random() % 3;
                if (fate == 0) continue;
                if (fate == 1 && !change.truncates)
                    change.data.resize(
                        std::min(change.data.size(), random() % (change.data.size() / sector + 1) * sector));
            }
            apply(content, change);
        }
        std::ofstream(path, std::ios::binary) << content;
    }
}

}  // namespace fieldfare::tests
