#include "client/residue/running.h"

#include <algorithm>
#include <system_error>

#include "client/residue/system_file.h"

namespace fieldfare::residue {

std::vector<std::string> read_running(const std::filesystem::path& root) {
    std::vector<std::string> names;
    std::error_code failed;
    const std::filesystem::path proc = below(root, "/proc");
    for (std::filesystem::directory_iterator entry(proc, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string number = entry->path().filename().string();
        if (number.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto lines = lines_of(text_of(entry->path() / "comm").value_or(""));
        if (!lines.empty()) names.push_back(lines.front());
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::vector<std::string> among(const std::vector<std::string>& running,
                               const std::vector<std::string>& known) {
    std::vector<std::string> found;
    for (const auto& name : known) {
        if (std::ranges::binary_search(running, name.substr(0, 15))) found.push_back(name);
    }
    return found;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

Finding judge_clipboard(const std::vector<std::string>& running) {
    static const std::vector<std::string> managers{
        "klipper", "xfce4-clipman", "copyq",          "parcellite", "clipit",   "gpaste-daemon",
        "diodon",  "greenclip",     "clipmenud",      "clipcatd",   "cliphist", "wl-paste",
        "qlipper", "autocutsel",    "mate-clipboard", "xclipboard", "glipper",  "lxqt-qlipper"};
    const auto found = among(running, managers);
    if (!found.empty()) {
        return {
            "clipboard", Verdict::look,
            "A clipboard manager runs (" + listed(found) + "): it keeps what is copied, perhaps on the disk.",
            "End it during interviews, or copy nothing out of the form app."};
    }
    if (std::ranges::binary_search(running, "plasmashell")) {
        return {"clipboard", Verdict::look,
                "KDE's desktop has a clipboard manager built in, which keeps what is copied.",
                "In its settings, keep no history, or copy nothing out of the form app."};
    }
    return {"clipboard", Verdict::unknown,
            "None of the clipboard managers that this report knows is running; one may be built into the "
            "desktop, or bear another name.",
            ""};
}

Finding judge_watchers(const std::vector<std::string>& running) {
    static const std::vector<std::string> watchers{"x11vnc",
                                                   "x0vncserver",
                                                   "x0tigervncserver",
                                                   "krfb",
                                                   "vino-server",
                                                   "wayvnc",
                                                   "gnome-remote-desktop-daemon",
                                                   "xrdp",
                                                   "xrdp-sesman",
                                                   "TeamViewer",
                                                   "teamviewerd",
                                                   "anydesk",
                                                   "rustdesk",
                                                   "chrome-remote-desktop",
                                                   "nxserver",
                                                   "obs",
                                                   "simplescreenrecorder",
                                                   "kazam",
                                                   "recordmydesktop",
                                                   "gpu-screen-recorder",
                                                   "wf-recorder",
                                                   "vokoscreenNG",
                                                   "peek"};
    const auto found = among(running, watchers);
    if (!found.empty()) {
        return {"watchers", Verdict::look,
                "A program that can show or record the screen runs (" + listed(found) + ").",
                "End it during interviews, if you did not start it for this."};
    }
    return {"watchers", Verdict::unknown,
            "None of the programs for remote control or recording that this report knows is running; that "
            "there is none can't be told.",
            ""};
}

}  // namespace fieldfare::residue
