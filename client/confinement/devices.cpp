#include "client/confinement/devices.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>

namespace fieldfare::confinement {
namespace {

// What their names begin with; some are folders.
constexpr std::array<std::string_view, 22> of_graphics{
    "dri",    "dma_heap",  "udmabuf",  "sw_sync", "vga_arbiter",  // the kernel's own
    "nvidia", "nvhost",    "nvmap",    "nvgpu",                   // NVIDIA, and its small machines
    "kfd",                                                        // AMD
    "mali",   "ump",       "ion",                                 // ARM
    "kgsl",   "pvr",       "galcore",  "vchiq",   "vcsm",         // Qualcomm, Imagination, Vivante, Broadcom
    "dxg",    "vboxguest", "vboxuser", "prl_"                     // machines within machines
};

}  // namespace

std::vector<std::filesystem::path> plain_devices() {
    return {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
}

std::vector<std::filesystem::path> devices_of_the_screen(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (std::ranges::any_of(of_graphics, [&](std::string_view word) { return name.starts_with(word); }))
            found.push_back(entry->path());
    }
    return found;
}

}  // namespace fieldfare::confinement
