#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldfare::residue {

/// What a file of /proc, /sys or a settings folder says, up to `most` bytes; nothing when it can't be read. A
/// file that is not there is no fault: kernels differ.
std::optional<std::string> text_of(const std::filesystem::path& file, std::size_t most = 1 << 20);

std::vector<std::string> lines_of(std::string_view text);
std::vector<std::string> words_of(std::string_view text);  ///< parted by blanks

/// The number that a text begins with, behind blanks; nothing when there is none, or none so large.
std::optional<std::uint64_t> number_of(std::string_view text);

/// /proc writes blanks and the like in names as three octal digits after a backslash (proc(5)).
std::string unescaped(std::string_view text);

/// The path below another root of the file tree: tests give a made-up /proc and /sys.
std::filesystem::path below(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace fieldfare::residue
