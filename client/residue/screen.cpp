#include "client/residue/screen.h"

#include "client/residue/running.h"

namespace fieldfare::residue {

Finding judge_screen(const Variables& variables, WindowLibrary library) {
    constexpr auto about = "screen";
    const std::string display = value_of(variables, "DISPLAY");
    const bool wayland = !value_of(variables, "WAYLAND_DISPLAY").empty();
    // X(7): host:number; nothing or "unix" before the colon is this machine.
    const std::string host = display.substr(0, display.find(':'));
    if (library == WindowLibrary::x11 && !host.empty() && host != "unix" && !host.starts_with('/')) {
        return {about, Verdict::bad,
                "The window opens over a connection (" + display +
                    "): its picture and all keys pass through another program, or another machine.",
                "Start the program on the machine at which you sit."};
    }
    if (library == WindowLibrary::wayland && wayland) {
        return {about, Verdict::good,
                "Wayland: other programs see neither the window nor the keys, unless you let one record the "
                "screen.",
                ""};
    }
    if (display.empty() || (library == WindowLibrary::wayland && !wayland))
        return {about, Verdict::unknown,
                "No display is named in the environment, so who could see it can't be told.", ""};
    if (wayland) {
        return {about, Verdict::look,
                "X11 programs in this Wayland session can see the window and the keys that go to it; "
                "Wayland programs can't.",
                "Close other programs during interviews."};
    }
    return {about, Verdict::look,
            "X11: every program of this session can see the window and all keys, passphrases among them.",
            "Close other programs during interviews, or log in to a session with Wayland."};
}

Finding judge_input_method(const Variables& variables, const std::vector<std::string>& running) {
    constexpr auto about = "input_method";
    static const std::vector<std::string> daemons{"ibus-daemon", "fcitx", "fcitx5", "scim",
                                                  "uim-xim",     "gcin",  "hime",   "maliit-keyboard",
                                                  "onboard",     "nabi"};
    const std::string modifiers = value_of(variables, "XMODIFIERS");
    const auto mark = modifiers.find("@im=");
    const std::string named = mark == std::string::npos ? "" : modifiers.substr(mark + 4);
    const auto found = among(running, daemons);
    constexpr auto fix =
        "If you need none, start the program with: env XMODIFIERS=@im=none fieldfare. If you need it, turn "
        "its memory for words off.";
    if (!named.empty() && named != "none") {
        return {
            about, Verdict::look,
            "What is typed passes through an input method first (" + named + "), which may remember words.",
            fix};
    }
    if (!found.empty()) {
        return {about, Verdict::look,
                "An input method or a keyboard on the screen runs (" + listed(found) +
                    "), which may remember words that are typed with it.",
                fix};
    }
    return {about, Verdict::good,
            "No input method is named for X11 programs, and none that this report knows is running.", ""};
}

}  // namespace fieldfare::residue
