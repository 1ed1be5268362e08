// The form app, with what stands on the screen written to file descriptor 3 after each frame that changed it.
// For tests and the demo only: it is a program of its own so that the real one has no such door.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
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

}  // namespace

int main(int argc, char** argv) {
    umask(077);
    std::signal(SIGUSR1, [](int) { ahead_ms += 60'000; });
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
    std::string before;
    double longest = 0;  // of the frames since the last one told
    const auto tell = [&](const fieldfare::gui::WidgetTree& tree, double seconds) {
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
    return fieldfare::collector::run(
        {.profile = argv[1], .package = argc > 2 ? argv[2] : "", .cost = fieldfare::crypto::cost_floor},
        {.after_frame = tell, .ahead_ms = [] { return ahead_ms.load(); }});
}
