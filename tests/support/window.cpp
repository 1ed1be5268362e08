#include "tests/support/window.h"

#include <X11/Xlib.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace fieldfare::tests {
namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// Starts a program; descriptors of `mapped` become those numbers in it. Its standard output stays ours.
pid_t start(const std::vector<std::string>& words, const Environment& environment,
            const std::vector<std::pair<int, int>>& mapped) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
        for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
        for (const auto& [from, to] : mapped) dup2(from, to);
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    return child;
}

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
    // Out of the way of the low numbers that children get.
    for (int& end : ends) {
        const int high = fcntl(end, F_DUPFD_CLOEXEC, 20);
        close(end);
        end = high;
    }
    return ends;
}

int exit_code(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string_view> split(std::string_view line, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = line.find(at);
        parts.push_back(line.substr(0, end));
        if (end == std::string_view::npos) return parts;
        line.remove_prefix(end + 1);
    }
}

float number(std::string_view text) {
    return std::strtof(std::string(text).c_str(), nullptr);
}

std::optional<ScreenWidget> parsed(std::string_view line) {
    const auto parts = split(line, '\t');
    if (parts.size() != 14) return std::nullopt;
    ScreenWidget widget;
    widget.role = parts[0];
    widget.enabled = parts[1] == "1";
    widget.checked = parts[2] == "1";
    widget.focused = parts[3] == "1";
    widget.typing = parts[4] == "1";
    widget.invalid = parts[5] == "1";
    widget.left = number(parts[6]);
    widget.top = number(parts[7]);
    widget.right = number(parts[8]);
    widget.bottom = number(parts[9]);
    widget.view_top = number(parts[10]);
    widget.view_bottom = number(parts[11]);
    widget.label = parts[12];
    widget.value = parts[13];
    return widget;
}

std::string told(const std::vector<ScreenWidget>& widgets) {
    std::string text;
    for (const ScreenWidget& widget : widgets) text += "\n  " + widget.role + " \"" + widget.label + "\"";
    return text;
}

}  // namespace

int run_program(const std::vector<std::string>& words, std::string* output, const Environment& environment) {
    if (!output) return exit_code(start(words, environment, {}));
    const auto ends = make_pipe();
    const pid_t child = start(words, environment, {{ends[1], 1}});
    close(ends[1]);
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = read(ends[0], piece.data(), piece.size())) > 0;) {
        output->append(piece.data(), static_cast<std::size_t>(n));
    }
    close(ends[0]);
    return exit_code(child);
}

VirtualDisplay::VirtualDisplay(int width, int height) {
    const auto ends = make_pipe();
    const std::string size = std::to_string(width) + "x" + std::to_string(height) + "x24";
    process_ = start({"Xvfb", "-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp", "-noreset"}, {},
                     {{ends[1], 3}});
    close(ends[1]);
    std::string text;
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') text += c;
    close(ends[0]);
    if (text.empty()) throw std::runtime_error("Xvfb did not start; it comes with the package xvfb");
    name_ = ":" + text;
    // A keyboard with both alphabets: letters that it lacked would have to be lent keys for a moment, and a
    // slow program reads them when the key has gone back.
    if (run_program({"setxkbmap", "-display", name_, "-layout", "us,ru"}) != 0) {
        throw std::runtime_error("setxkbmap failed; it comes with the package x11-xkb-utils");
    }
}

VirtualDisplay::~VirtualDisplay() {
    ::kill(process_, SIGTERM);
    exit_code(process_);
}

void VirtualDisplay::screenshot(const std::filesystem::path& png) const {
    std::filesystem::create_directories(png.parent_path());
    if (run_program({"import", "-window", "root", png.string()}, nullptr, {{"DISPLAY", name_}}) != 0) {
        throw std::runtime_error("no screenshot could be made; 'import' comes with the package imagemagick");
    }
}

AppWindow::AppWindow(const VirtualDisplay& display, const Start& how) : display_(display.name()) {
    const auto ends = make_pipe();
    std::vector<std::string> words = how.under;
    words.insert(words.end(), {how.probe.string(), how.profile.string()});
    if (!how.study.empty()) words.push_back(how.study.string());
    Environment environment = how.environment;
    environment.emplace_back("DISPLAY", display_);
    environment.emplace_back("LC_ALL", "C.UTF-8");
    environment.emplace_back("LIBGL_ALWAYS_SOFTWARE", "1");
    const std::string without_swap = FIELDFARE_SOURCE_DIR "/tests/data/system_without_swap";
    environment.emplace_back("FIELDFARE_PROBE_SYSTEM",
                             how.system.empty() ? without_swap : how.system.string());
    const auto begun = std::chrono::steady_clock::now();
    process_ = start(words, environment, {{ends[1], 3}});
    close(ends[1]);
    pipe_ = fdopen(ends[0], "r");
    reader_ = std::thread([this] { read_frames(); });
    try {
        wait_until("the first frame", [](const auto& widgets) { return !widgets.empty(); });
        first_frame_seconds_ =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        // There is no window manager that would give it the keyboard.
        xdotool({"search", "--sync", "--onlyvisible", "--name", "^Fieldfare$", "windowfocus", "--sync"});
    } catch (...) {
        end();
        throw;
    }
}

AppWindow::~AppWindow() {
    end();
}

void AppWindow::end() {
    kill();
    if (reader_.joinable()) reader_.join();
    if (pipe_) fclose(pipe_);
    pipe_ = nullptr;
}

void AppWindow::let_minutes_pass(int minutes) {
    settle();  // a key that it takes only now would count as somebody who is still there
    for (int minute = 0; minute < minutes; ++minute) {
        ::kill(program_, SIGUSR1);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    // It may sleep until something happens. What it does then comes after what time has brought.
    xdotool({"mousemove_relative", "--", "1", "0"});
}

Reached AppWindow::what_it_reaches() {
    {
        const std::lock_guard lock(mutex_);
        reached_ = {};
        tried_all_ = false;
    }
    ::kill(program_, SIGUSR2);
    xdotool({"mousemove_relative", "--", "1", "0"});  // it tries with its next frame
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return tried_all_ || ended_; }) || !tried_all_)
        throw std::runtime_error("the program did not try what it reaches");
    return reached_;
}

void AppWindow::kill() {
    if (process_ <= 0) return;
    if (program_ > 0) ::kill(program_, SIGKILL);
    ::kill(process_, SIGKILL);
    exit_code(process_);
    process_ = program_ = -1;
}

int AppWindow::wait_for_end() {
    const int code = exit_code(process_);
    process_ = program_ = -1;
    return code;
}

void AppWindow::read_frames() {
    std::vector<ScreenWidget> frame;
    char* line = nullptr;
    std::size_t capacity = 0;
    ssize_t length = 0;
    while ((length = getline(&line, &capacity, pipe_)) > 0) {
        const std::string_view text(line, static_cast<std::size_t>(length) - 1);
        if (text == "frame") {
            frame.clear();
        } else if (text == "end") {
            const std::lock_guard lock(mutex_);
            now_ = std::move(frame);
            frame = {};
            changed_.notify_all();
        } else if (text.starts_with("process\t")) {
            program_ = std::atoi(std::string(text.substr(8)).c_str());
        } else if (text.starts_with("took\t")) {
            const std::lock_guard lock(mutex_);
            const double took = std::strtod(std::string(text.substr(5)).c_str(), nullptr);
            longest_ = std::max(longest_, took);
            recent_ = std::max(recent_ * 0.9, took);
        } else if (text.starts_with("tried\t")) {
            const auto parts = split(text, '\t');
            const std::lock_guard lock(mutex_);
            if (parts.size() == 3) reached_.tries[std::string(parts[1])] = static_cast<int>(number(parts[2]));
        } else if (text.starts_with("variable\t")) {
            const std::string_view variable = text.substr(text.find('\t') + 1);
            const auto equals = std::min(variable.find('='), variable.size() - 1);
            const std::lock_guard lock(mutex_);
            reached_.variables[std::string(variable.substr(0, equals))] = variable.substr(equals + 1);
        } else if (text == "tried all") {
            const std::lock_guard lock(mutex_);
            tried_all_ = true;
            changed_.notify_all();
        } else if (auto widget = parsed(text)) {
            frame.push_back(std::move(*widget));
        }
    }
    std::free(line);
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

double AppWindow::longest_frame() {
    const std::lock_guard lock(mutex_);
    return std::exchange(longest_, 0);
}

std::vector<ScreenWidget> AppWindow::widgets() const {
    const std::lock_guard lock(mutex_);
    return now_;
}

bool AppWindow::sees(const std::string& label) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(now_.begin(), now_.end(), [&](const auto& widget) { return widget.label == label; });
}

void AppWindow::wait_for(const std::string& label) {
    wait_until("\"" + label + "\"", [&](const auto& widgets) {
        return std::any_of(widgets.begin(), widgets.end(),
                           [&](const auto& widget) { return widget.label == label; });
    });
}

void AppWindow::wait_until(const std::string& what,
                           const std::function<bool(const std::vector<ScreenWidget>&)>& holds) {
    std::unique_lock lock(mutex_);
    const bool held = changed_.wait_for(lock, patience, [&] { return holds(now_) || ended_; });
    if (!held) throw std::runtime_error("waited in vain for " + what + "; on the screen:" + told(now_));
    if (ended_ && !holds(now_)) throw std::runtime_error("the program ended before " + what + " was seen");
}

bool AppWindow::comes_true(std::chrono::milliseconds within,
                           const std::function<bool(const std::vector<ScreenWidget>&)>& holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return holds(now_); });
}

void AppWindow::settle() {
    for (auto before = widgets();;) {
        double frame_seconds = 0;
        {
            const std::lock_guard lock(mutex_);
            frame_seconds = recent_;
        }
        std::this_thread::sleep_for(std::chrono::duration<double>(std::max(0.08, 4 * frame_seconds)));
        auto now = widgets();
        if (now == before) return;
        before = std::move(now);
    }
}

ScreenWidget AppWindow::find(const std::string& label, const std::string& question, int nth) {
    std::optional<ScreenWidget> found;
    wait_until("\"" + label + "\" to press", [&](const auto& widgets) {
        int left = nth;
        for (const ScreenWidget& widget : widgets) {
            const bool meant = widget.label == label && (question.empty() || widget.value == question) &&
                               widget.enabled && widget.role != "text" && widget.role != "heading" &&
                               widget.role != "alert" && widget.role != "progress";
            if (meant && left-- == 0) {
                found = widget;
                return true;
            }
        }
        return false;
    });
    return *found;
}

void AppWindow::click(const std::string& label, const std::string& question) {
    click_nth(label, question, 0);
}

void AppWindow::click_nth(const std::string& label, const std::string& question, int nth) {
    // A layout may still be settling: press only what has stood still for a moment, as a person would.
    ScreenWidget widget = find(label, question, nth);
    for (bool still = false; !still;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(40));
        const ScreenWidget now = find(label, question, nth);
        still = now.left == widget.left && now.top == widget.top;
        widget = now;
    }
    for (int turns = 0; turns < 200; ++turns) {
        const bool above = widget.y() < widget.view_top + 4;
        const bool below = widget.y() > widget.view_bottom - 4;
        if (!above && !below) break;
        const float middle = (widget.view_top + widget.view_bottom) / 2;
        const float distance = above ? widget.view_top - widget.y() : widget.y() - widget.view_bottom;
        const std::string clicks = distance > 400 ? "4" : "1";
        xdotool({"mousemove", std::to_string(static_cast<int>(widget.x())),
                 std::to_string(static_cast<int>(middle)), "click", "--repeat", clicks, "--delay", "15",
                 above ? "4" : "5"});
        const float before = widget.top;
        // Until the page has moved and stands still.
        for (int waits = 0; waits < 20; ++waits) {
            std::this_thread::sleep_for(std::chrono::milliseconds(15));
            const ScreenWidget now = find(label, question, nth);
            const bool still = now.top == widget.top;
            widget = now;
            if (still && widget.top != before) break;
        }
    }
    xdotool({"mousemove", std::to_string(static_cast<int>(widget.x())),
             std::to_string(static_cast<int>(widget.y())), "click", "1"});
}

void AppWindow::type(const std::string& text) {
    xdotool({"type", "--delay", "20", "--", text});
}

void AppWindow::press(const std::string& key) {
    const auto plus = key.rfind('+');
    if (plus == std::string::npos || plus + 1 == key.size()) return xdotool({"key", key});
    // As fingers do it: the modifier is down before the key and until after it.
    const std::string modifiers = key.substr(0, plus);
    xdotool({"keydown", modifiers, "sleep", "0.08", "key", "--delay", "60", key.substr(plus + 1), "sleep",
             "0.08", "keyup", modifiers});
}

void AppWindow::close_window() {
    // What a window manager sends for the close button; xdotool's windowclose would cut the connection
    // instead.
    std::string found;
    run_program({"xdotool", "search", "--onlyvisible", "--name", "^Fieldfare$"}, &found,
                {{"DISPLAY", display_}});
    Display* const display = XOpenDisplay(display_.c_str());
    if (!display || found.empty()) throw std::runtime_error("there is no window to close");
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = std::stoul(found);
    event.xclient.message_type = XInternAtom(display, "WM_PROTOCOLS", False);
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(XInternAtom(display, "WM_DELETE_WINDOW", False));
    XSendEvent(display, event.xclient.window, False, NoEventMask, &event);
    XCloseDisplay(display);
}

bool AppWindow::holds_clipboard() const {
    Display* const display = XOpenDisplay(display_.c_str());
    if (!display) throw std::runtime_error("there is no display");
    const bool held = XGetSelectionOwner(display, XInternAtom(display, "CLIPBOARD", False)) != None;
    XCloseDisplay(display);
    return held;
}

void AppWindow::xdotool(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"xdotool"};
    all.insert(all.end(), words.begin(), words.end());
    std::string output;
    if (run_program(all, &output, {{"DISPLAY", display_}, {"LC_ALL", "C.UTF-8"}}) != 0) {
        throw std::runtime_error("xdotool failed: " + words.front());
    }
}

}  // namespace fieldfare::tests
