#include "client/collector/start_confined.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "client/confinement/devices.h"
#include "client/confinement/environment.h"
#include "client/confinement/system_calls.h"
#include "client/store/profile.h"
#include "crypto/random.h"

namespace fieldfare::collector {
namespace {

using confinement::KeptVariable;
using enum KeptVariable::Value;

// Languages and time.
constexpr KeptVariable of_the_person[] = {
    {"HOME", any}, {"LANG"}, {"LANGUAGE"}, {"LC_*"}, {"TZ", zone},
};
// The screen, the keyboard and its input method; and what helps a driver of the screen over its faults.
// Nothing that says where files are looked for.
// clang-format off
constexpr KeptVariable of_the_screen[] = {
    {"DISPLAY", any}, {"XAUTHORITY", any}, {"WAYLAND_DISPLAY", any}, {"XDG_RUNTIME_DIR", any},
    {"XDG_SESSION_TYPE"}, {"XMODIFIERS"}, {"XCURSOR_THEME"}, {"XCURSOR_SIZE"},
    {"LIBGL_ALWAYS_SOFTWARE"}, {"LIBGL_DRI3_DISABLE"}, {"GALLIUM_DRIVER"}, {"LP_NUM_THREADS"}, {"DRI_PRIME"},
    {"MESA_LOADER_DRIVER_OVERRIDE"}, {"MESA_GL_VERSION_OVERRIDE"}, {"MESA_GLSL_VERSION_OVERRIDE"},
    {"__GLX_VENDOR_LIBRARY_NAME"}, {"__NV_PRIME_RENDER_OFFLOAD"}, {"vblank_mode"}};
// clang-format on

void give_up_variables_and_calls(Screen screen) {
    std::vector<KeptVariable> kept(std::begin(of_the_person), std::end(of_the_person));
    if (screen == Screen::used) std::ranges::copy(of_the_screen, std::back_inserter(kept));
    confinement::keep_variables(kept);
    (void)confinement::forbid_system_calls();
}

void give_up_files_and_sockets(const confinement::FileGrants& files) {
    (void)confinement::confine_files(files);
    (void)confinement::forbid_network();
    (void)confinement::forbid_local_sockets();
}

/// With the folders above it that are missing. One that is there stays as it is. A power cut takes none of
/// their names away, and with it what is kept in there.
std::error_code make_folder(const std::filesystem::path& folder) {
    const auto make = [&] { return ::mkdir(folder.c_str(), 0700) == 0 ? 0 : errno; };
    int fault = make();
    if (fault == ENOENT && folder.has_relative_path()) {
        if (const auto failed = make_folder(folder.parent_path())) return failed;
        fault = make();
    }
    if (fault == EEXIST) return {};
    if (fault != 0) return {fault, std::generic_category()};
    // A folder in which one may make others but not look can't be asked for that; the vault asks the same
    // way.
    const auto above = folder.parent_path();
    if (::access(above.c_str(), R_OK | W_OK) != 0) return {};
    if (!store::sync_folder(above)) return std::make_error_code(std::errc::io_error);
    return {};
}

confinement::FileGrants grants_of(const std::filesystem::path& profile, Screen screen) {
    if (screen == Screen::none)
        return {.reading = confinement::Reading::where_given,
                .read = {},
                .change = {profile},
                .devices = {"/dev/null", "/dev/urandom"}};
    auto devices = confinement::plain_devices();
    std::ranges::move(confinement::devices_of_the_screen(), std::back_inserter(devices));
    return {.reading = confinement::Reading::anywhere,
            .read = {},
            .change = {profile},
            .devices = std::move(devices)};
}

}  // namespace

tl::expected<courier::Courier, std::string> start_confined(const std::filesystem::path& profile,
                                                           const std::string& proxy, Screen screen) {
    const auto fail = [](std::string sentence) { return tl::unexpected(std::move(sentence)); };
    give_up_variables_and_calls(screen);
    if (!crypto::start())
        return fail("The system gives no random numbers, so nothing could be kept secret. Restart it.");
    if (const auto failed = make_folder(profile))
        return fail("The folder " + profile.string() + " could not be made: " + failed.message() + ".");
    auto courier = courier::Courier::start({.profile = profile, .proxy = proxy});
    if (!courier) return fail("The system starts no further process. Close other programs, or restart it.");
    const auto files = grants_of(profile, screen);
    if (screen == Screen::none)
        give_up_files_and_sockets(files);
    else
        (void)confinement::confine_files(files);
    return std::move(*courier);
}

void confine_alone(const confinement::FileGrants& files) {
    give_up_variables_and_calls(Screen::none);
    give_up_files_and_sockets(files);
}

}  // namespace fieldfare::collector
