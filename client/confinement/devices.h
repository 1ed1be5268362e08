#pragma once

#include <filesystem>
#include <vector>

namespace fieldfare::confinement {

/// Device files that a program may open for writing: /dev/null and its like, and the terminal that it was
/// started from. Not the disks, not memory that programs share (/dev/shm), no other terminal, nothing that
/// types keys.
std::vector<std::filesystem::path> plain_devices();

/// Those by which drivers of graphics cards draw, as far as this machine has them. Of every maker that is
/// known, and of some machines that nobody has tried: a driver that lacks its device opens no window, which
/// is worse than one device too many.
std::vector<std::filesystem::path> devices_of_the_screen(const std::filesystem::path& folder = "/dev");

}  // namespace fieldfare::confinement
