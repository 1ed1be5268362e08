#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/file_picker.h"

namespace fieldfare::app {

// What a picker does whatever it is open for; whose it is says what it does with the file.

template <typename Action>
concept PickerAction =
    std::same_as<Action, OpenFolder> || std::same_as<Action, PickFile> || std::same_as<Action, LeavePicker> ||
    std::same_as<Action, FolderListed> || std::same_as<Action, FolderRefused>;

/// Has a folder read, for files of these kinds; empty: every file. Nothing while another one is being read.
void read_folder(FilePicker& picker, const std::string& path, std::vector<std::string> kinds,
                 Effects& effects);

/// Whether it was waited for.
bool take(FilePicker& picker, FolderListed& action);
bool take(FilePicker& picker, FolderRefused& action);

/// The path of a file that is shown; empty when none of that name is. For the caller to wipe.
std::string path_of(const FilePicker& picker, const PickFile& action);

}  // namespace fieldfare::app
