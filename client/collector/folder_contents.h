#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "client/app/file_picker.h"

namespace fieldfare::collector {

/// More would not help anyone who looks for a file.
inline constexpr std::size_t most_entries = 2000;

/// What the picker shows of a folder: its folders, and its files with one of these extensions
/// (schema::media_extension; none: all). Links are followed, what is hidden is left out, nothing is opened.
/// An empty path means the home folder. Refusals are sentences for the person.
tl::expected<app::FolderContents, app::Message> list_folder(const std::string& path,
                                                            const std::vector<std::string>& kinds);

}  // namespace fieldfare::collector
