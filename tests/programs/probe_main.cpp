// The form app, with what stands on the screen written to file descriptor 3 after each frame that changed it.
// For tests and the demo only: it is a program of its own so that the real one has no such door.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "client/collector/run.h"

namespace {

using fieldfare::gui::Role;
using fieldfare::gui::Widget;

const char* word(Role role) {
    switch (role) {
        case Role::text:
            return "text";
        case Role::heading:
            return "heading";
        case Role::button:
            return "button";
        case Role::radio:
            return "radio";
        case Role::checkbox:
            return "checkbox";
        case Role::field:
            return "field";
        case Role::password:
            return "password";
        case Role::progress:
            return "progress";
        case Role::alert:
            return "alert";
        case Role::list_item:
            return "list_item";
    }
    return "?";
}

std::string one_line(std::string text) {
    for (char& c : text) {
        if (c == '\n' || c == '\t') c = ' ';
    }
    return text;
}

std::string described(const Widget& widget) {
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, "%d\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f",
                  widget.enabled, widget.checked, widget.focused, widget.typing, widget.invalid,
                  static_cast<double>(widget.rect.left), static_cast<double>(widget.rect.top),
                  static_cast<double>(widget.rect.right), static_cast<double>(widget.rect.bottom),
                  static_cast<double>(widget.view.top), static_cast<double>(widget.view.bottom));
    return std::string(word(widget.role)) + '\t' + numbers + '\t' + one_line(widget.label) + '\t' +
           one_line(widget.value) + '\n';
}

/// A minute for each SIGUSR1: tests don't wait for an idle lock.
std::atomic<std::int64_t> ahead_ms = 0;

/// With SIGUSR2 it tries what is left to it of the machine, as somebody would who has taken it over.
std::atomic<bool> asked_to_try = false;

/// 0, or the errno of what failed.
int tried(int descriptor) {
    if (descriptor < 0) return errno;
    close(descriptor);
    return 0;
}

int tried_to_write(const std::string& path) {
    return tried(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

void try_all(FILE* out, const std::string& profile) {
    const auto tell = [&](const char* what, int error) { std::fprintf(out, "tried\t%s\t%d\n", what, error); };
    const char* home = std::getenv("HOME");
    const std::string in_profile = profile + "/tried";
    tell("a file of the profile", tried_to_write(in_profile));
    unlink(in_profile.c_str());
    tell("a file at home", tried_to_write(std::string(home != nullptr ? home : "/none") + "/tried"));
    tell("memory that others share",
         tried(open(("/dev/shm/fieldfare_probe_" + std::to_string(getpid())).c_str(), O_WRONLY | O_CLOEXEC)));
    tell("/dev/null", tried(open("/dev/null", O_RDWR | O_CLOEXEC)));
    tell("a local socket", tried(socket(AF_UNIX, SOCK_STREAM, 0)));
    tell("a socket of the internet", tried(socket(AF_INET, SOCK_STREAM, 0)));
    tell("a socket of IPv6", tried(socket(AF_INET6, SOCK_STREAM, 0)));
    char* const nothing[] = {nullptr};
    tell("a program that is not there", tried(execve("/not there", nothing, nothing)));
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
        std::fprintf(out, "variable\t%s\n", *variable);
    std::fputs("tried all\n", out);
    std::fflush(out);
}

}  // namespace

int main(int argc, char** argv) {
    umask(077);
    std::signal(SIGUSR1, [](int) { ahead_ms += 60'000; });
    std::signal(SIGUSR2, [](int) { asked_to_try = true; });
    if (argc < 2) {
        std::fputs(
            "usage: fieldfare_probe PROFILE [STUDY.ffstudy]  (writes the screen's widgets to descriptor 3)\n",
            stderr);
        return 2;
    }
    FILE* out = fdopen(3, "w");
    if (out) setvbuf(out, nullptr, _IONBF, 0);  // the screen's text is to stand in no buffer of ours
    if (!out) {
        std::fputs("fieldfare_probe: descriptor 3 is not open\n", stderr);
        return 2;
    }
    std::fprintf(out, "process\t%d\n", getpid());
    std::string before;
    double longest = 0;  // of the frames since the last one told
    const auto tell = [&](const fieldfare::gui::WidgetTree& tree, double seconds) {
        if (asked_to_try.exchange(false)) try_all(out, argv[1]);
        longest = std::max(longest, seconds);
        std::string now = "frame\n";
        for (const Widget& widget : tree) now += described(widget);
        now += "end\n";
        if (now == before) return;
        std::fprintf(out, "took\t%.6f\n", longest);
        longest = 0;
        std::fputs(now.c_str(), out);
        std::fflush(out);
        before = std::move(now);
    };
    const char* system = std::getenv("FIELDFARE_PROBE_SYSTEM");
    return fieldfare::collector::run(
        {.profile = argv[1], .package = argc > 2 ? argv[2] : "", .cost = fieldfare::crypto::cost_floor},
        {.after_frame = tell,
         .ahead_ms = [] { return ahead_ms.load(); },
         .system = system != nullptr ? system : "/"});
}
