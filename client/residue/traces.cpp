#include "client/residue/traces.h"

#include <system_error>

#include "client/residue/system_file.h"

namespace fieldfare::residue {

namespace fs = std::filesystem;

fs::path list_of_recent_files(const Variables& variables) {
    const std::string data = value_of(variables, "XDG_DATA_HOME");
    const fs::path home = value_of(variables, "HOME");
    return (data.empty() ? home / ".local" / "share" : fs::path(data)) / "recently-used.xbel";
}

Traces read_traces(const fs::path& root, const Variables& variables) {
    Traces found;
    std::error_code failed;
    found.nvidia_driver = fs::exists(below(root, "/proc/driver/nvidia/version"), failed);
    const fs::path list = list_of_recent_files(variables);
    constexpr std::size_t most = 16 << 20;
    if (text_of(below(root, list), most).value_or("").find(".ffstudy") != std::string::npos)
        found.recent_list = list.string();
    return found;
}

Finding judge_shader_cache(const Traces& traces) {
    return {"shader_cache", Verdict::good,
            traces.nvidia_driver ? "The graphics driver's caches (Mesa's, NVIDIA's) are switched off for "
                                   "this program: no file tells that "
                                   "it ran."
                                 : "The graphics driver's cache (Mesa's) is switched off for this program: "
                                   "no file tells that it ran.",
            ""};
}

Finding judge_recent_files(const Traces& traces) {
    if (!traces.recent_list.empty()) {
        return {"recent_files", Verdict::look,
                "The desktop's list of recent files names a study file (" + traces.recent_list + ").",
                "Clear the list of recent files in the desktop's settings, and start the form app before "
                "you open a study file in it."};
    }
    return {"recent_files", Verdict::good,
            "The program keeps no list of recent files and writes no log; the desktop's own list names no "
            "study file.",
            ""};
}

}  // namespace fieldfare::residue
