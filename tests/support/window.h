#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fieldfare::tests {

/// A widget of the form app as it stands on the (virtual) screen; see gui::Widget.
struct ScreenWidget {
    std::string role, label, value;
    bool enabled = false, checked = false, focused = false, typing = false, invalid = false;
    float left = 0, top = 0, right = 0, bottom = 0;
    float view_top = 0, view_bottom = 0;

    float x() const { return (left + right) / 2; }
    float y() const { return (top + bottom) / 2; }
    bool operator==(const ScreenWidget&) const = default;
};

/// What the form app finds of the machine when it tries by itself, as somebody would who has taken it over.
struct Reached {
    std::map<std::string, int> tries;              ///< what was tried: 0, or the errno that refused it
    std::map<std::string, std::string> variables;  ///< of the environment that its libraries see
};

/// A display without a screen: an Xvfb of its own.
class VirtualDisplay {
  public:
    VirtualDisplay(int width, int height);
    ~VirtualDisplay();
    VirtualDisplay(const VirtualDisplay&) = delete;
    VirtualDisplay& operator=(const VirtualDisplay&) = delete;

    const std::string& name() const { return name_; }  ///< ":99"
    void screenshot(const std::filesystem::path& png) const;

  private:
    pid_t process_ = -1;
    std::string name_;
};

/// The form app in a real window, driven by real key presses and clicks. It runs as `fieldfare_probe`: the
/// program itself with a main() that also says what is on the screen. Every wait ends after `patience` with
/// std::runtime_error naming what was waited for and what was on the screen.
class AppWindow {
  public:
    struct Start {
        std::filesystem::path probe, profile, study;  ///< study may be empty
        std::vector<std::pair<std::string, std::string>> environment;
        std::vector<std::string> under{};  ///< a program and its words that starts it in turn (strace)
        /// Below it /proc and /sys tell the program of swap; empty: of a machine that has none, whatever this
        /// one has, so that no test meets a warning that it does not want.
        std::filesystem::path system{};
    };
    AppWindow(const VirtualDisplay& display, const Start& start);
    ~AppWindow();  ///< kills it, if it still runs
    AppWindow(const AppWindow&) = delete;
    AppWindow& operator=(const AppWindow&) = delete;

    std::chrono::milliseconds patience{20'000};

    std::vector<ScreenWidget> widgets() const;
    bool sees(const std::string& label) const;
    void wait_for(const std::string& label);
    void wait_until(const std::string& what,
                    const std::function<bool(const std::vector<ScreenWidget>&)>& holds);

    /// The same without a complaint: whether it came to hold within this time.
    bool comes_true(std::chrono::milliseconds within,
                    const std::function<bool(const std::vector<ScreenWidget>&)>& holds);

    /// Until nothing on the screen has changed for a moment: longer where frames take long, as on a machine
    /// that builds beside it, for what was typed or clicked may still wait its turn.
    void settle();

    /// Clicks the one widget of this label (and, for an option, question), scrolling to it with the wheel.
    void click(const std::string& label, const std::string& question = {});
    /// The same where several share label and question, as in the instances of a repeat; the first is 0.
    void click_nth(const std::string& label, const std::string& question, int nth);
    void type(const std::string& text);  ///< any script
    void press(const std::string& key);  ///< as xdotool names keys: Return, Tab, ctrl+a
    void close_window();                 ///< the close button: WM_DELETE_WINDOW
    int wait_for_end();                  ///< exit code
    void kill();                         ///< SIGKILL
    void let_minutes_pass(int minutes);  ///< for the program, at once; nobody has touched it meanwhile
    bool holds_clipboard() const;        ///< whether anything on the display does; nothing else runs there
    pid_t process() const { return program_; }  ///< the form app itself, whatever has started it
    Reached what_it_reaches();  ///< programs/probe_main.cpp has the list

    /// Seconds that the longest frame took since the last call, and from the start of the program to its
    /// first.
    double longest_frame();
    double first_frame_seconds() const { return first_frame_seconds_; }

  private:
    void end();
    void read_frames();
    ScreenWidget find(const std::string& label, const std::string& question, int nth);
    void xdotool(const std::vector<std::string>& words) const;

    std::string display_;
    pid_t process_ = -1;               // that we have started, and wait for
    std::atomic<pid_t> program_ = -1;  // the form app, as it says itself
    FILE* pipe_ = nullptr;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<ScreenWidget> now_;
    bool ended_ = false;
    Reached reached_;
    bool tried_all_ = false;
    double longest_ = 0, recent_ = 0, first_frame_seconds_ = 0;
    std::thread reader_;
};

/// Runs a program and waits; its exit code. Output goes to ours unless `output` is given.
int run_program(const std::vector<std::string>& words, std::string* output = nullptr,
                const std::vector<std::pair<std::string, std::string>>& environment = {});

}  // namespace fieldfare::tests
