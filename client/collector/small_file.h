#pragma once

#include <filesystem>
#include <string_view>

namespace fieldfare::collector {

/// Puts a small file of the profile in its place, whole and durable, or leaves what was there. False: it
/// could not be written.
bool write_small_file(const std::filesystem::path& target, std::string_view bytes);

}  // namespace fieldfare::collector
