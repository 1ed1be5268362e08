#include "client/app/picking.h"

#include <algorithm>
#include <utility>

#include "client/app/passphrase.h"

namespace fieldfare::app {

FilePicker::~FilePicker() {
    for (FolderEntry& entry : shown.entries) wipe(entry.name);
    wipe(shown.path);
    wipe(shown.parent);
}

void read_folder(FilePicker& picker, const std::string& path, std::vector<std::string> kinds,
                 Effects& effects) {
    if (picker.busy) return;
    picker.busy = true;
    picker.why = {};
    effects.emplace_back(ListFolder{path, std::move(kinds)});
}

bool take(FilePicker& picker, FolderListed& action) {
    if (!picker.busy) return false;
    picker.busy = false;
    picker.shown = std::move(action.contents);
    return true;
}

bool take(FilePicker& picker, FolderRefused& action) {
    if (!picker.busy) return false;
    picker.busy = false;
    picker.why = std::move(action.why);
    return true;
}

std::string path_of(const FilePicker& picker, const PickFile& action) {
    if (picker.busy) return {};
    const auto& entries = picker.shown.entries;
    const auto found = std::ranges::find(entries, action.name, &FolderEntry::name);
    if (found == entries.end() || found->kind != FolderEntry::Kind::file) return {};
    return picker.shown.path + "/" + action.name;
}

}  // namespace fieldfare::app
