#include "client/collector/residue_report.h"

#include <GLFW/glfw3.h>

#include <cstdio>
#include <string_view>
#include <system_error>

#include "client/collector/start_confined.h"
#include "client/confinement/files.h"
#include "client/confinement/system_calls.h"
#include "client/residue/report.h"

namespace fieldfare::collector {
namespace {

/// GLFW 3.3 is built for one of the two; 3.4 may have both and goes by the kind of the session.
residue::WindowLibrary window_library(const residue::Variables& variables) {
    using residue::WindowLibrary;
    const std::string_view built = glfwGetVersionString();
    if (built.find("Wayland") == std::string_view::npos) return WindowLibrary::x11;
    if (built.find("X11") == std::string_view::npos) return WindowLibrary::wayland;
    const bool wayland = residue::value_of(variables, "XDG_SESSION_TYPE") == "wayland" &&
                         !residue::value_of(variables, "WAYLAND_DISPLAY").empty();
    return wayland ? WindowLibrary::wayland : WindowLibrary::x11;
}

}  // namespace

int residue_report(const residue::Variables& variables, const std::filesystem::path& profile,
                   ReportForm form) {
    std::error_code failed;
    const auto real = std::filesystem::weakly_canonical(profile, failed);
    const residue::Program program{.profile = failed ? profile : real,
                                   .lock_bytes_needed = lock_bytes_needed,
                                   .window_library = window_library(variables),
                                   .landlock_version = confinement::landlock_version(),
                                   .filters_calls = confinement::can_filter_calls()};
    confine_alone({.reading = confinement::Reading::where_given,
                   .read = residue::read_for_report("/", variables, program.profile),
                   .change = {},
                   .devices = {}});
    const auto findings = residue::look_around("/", variables, program);
    const std::string report =
        form == ReportForm::json ? residue::as_json(findings) : residue::as_text(findings);
    if (std::fputs(report.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
        std::fputs("fieldfare: the report could not be written\n", stderr);
        return 3;
    }
    return residue::anything_bad(findings) ? 1 : 0;
}

}  // namespace fieldfare::collector
