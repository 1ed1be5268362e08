#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fieldfare::tests {

/// Every file below `folder` with its bytes, by its path.
std::map<std::string, std::string> contents_of(const std::filesystem::path& folder);

/// The files below `folder` in which one of the texts stands, in whatever spelling (memory_search.h); what
/// and where.
std::vector<std::string> files_with_any(const std::filesystem::path& folder,
                                        const std::vector<std::string>& texts);

}  // namespace fieldfare::tests
