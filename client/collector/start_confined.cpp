#include "client/collector/start_confined.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "client/confinement/devices.h"
#include "client/confinement/environment.h"
#include "client/confinement/files.h"
#include "client/confinement/system_calls.h"
#include "crypto/random.h"

namespace fieldfare::collector {
namespace {

// The screen, the keyboard and its input method, languages and time; and what helps a driver of the screen
// over its faults. Nothing that says where files are looked for.
// clang-format off
constexpr std::string_view kept_names[] = {
    "HOME", "LANG", "LANGUAGE", "LC_*", "TZ",
    "DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE",
    "XMODIFIERS", "XCURSOR_THEME", "XCURSOR_SIZE",
    "LIBGL_ALWAYS_SOFTWARE", "LIBGL_DRI3_DISABLE", "GALLIUM_DRIVER", "LP_NUM_THREADS", "DRI_PRIME",
    "MESA_LOADER_DRIVER_OVERRIDE", "MESA_GL_VERSION_OVERRIDE", "MESA_GLSL_VERSION_OVERRIDE",
    "__GLX_VENDOR_LIBRARY_NAME", "__NV_PRIME_RENDER_OFFLOAD", "vblank_mode"};
// clang-format on

/// A folder that is there stays as it is.
std::error_code make_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder.parent_path(), failed);
    if (!failed && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        failed = {errno, std::generic_category()};
    return failed;
}

}  // namespace

tl::expected<courier::Courier, std::string> start_confined(const std::filesystem::path& profile,
                                                           const std::string& proxy) {
    const auto fail = [](std::string sentence) { return tl::unexpected(std::move(sentence)); };
    confinement::keep_variables(kept_names);
    (void)confinement::forbid_system_calls();
    if (!crypto::start())
        return fail("The system gives no random numbers, so nothing could be kept secret. Restart it.");
    if (const auto failed = make_folder(profile))
        return fail("The folder " + profile.string() + " could not be made: " + failed.message() + ".");
    auto courier = courier::Courier::start({.profile = profile, .proxy = proxy});
    if (!courier) return fail("The system starts no further process. Close other programs, or restart it.");
    // Reading stays open, and that is decided: files to attach and study files lie wherever the person has
    // them, on a stick that is plugged in later too, and drivers, fonts, keyboards and input methods read
    // where each system keeps them. Whoever takes the program over can read what its owner can, and has no
    // network of its own to say it on.
    auto devices = confinement::plain_devices();
    std::ranges::move(confinement::devices_of_the_screen(), std::back_inserter(devices));
    (void)confinement::confine_files({.reading = confinement::Reading::anywhere,
                                      .read = {},
                                      .change = {profile},
                                      .devices = std::move(devices)});
    return std::move(*courier);
}

}  // namespace fieldfare::collector
