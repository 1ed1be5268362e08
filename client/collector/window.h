#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace fieldfare::collector {

/// The one window of the form app: GLFW and OpenGL around Dear ImGui. Sleeps until there is something to do:
/// an event, wake(), or the time that the frame function asked for. All calls but wake() from the main
/// thread.
class Window {
  public:
    /// How a frame ended.
    struct Drawn {
        bool show = true;          ///< false: it must be drawn once more before anybody sees it
        double sleep_seconds = 0;  ///< how long the window may sleep when nothing happens; 0: draw on at once
    };
    using Frame = std::function<Drawn()>;

    /// Opens the window. The error is a sentence for the person (no display, OpenGL too old, …).
    static tl::expected<Window, std::string> open(const std::string& title);

    Window(Window&&) noexcept;
    Window& operator=(Window&&) noexcept;
    ~Window();

    /// Runs until close() is called. `shown` follows each frame that has reached the screen, with the seconds
    /// that it took to draw; `asked_to_close` follows each press of the window's close button, which closes
    /// nothing by itself.
    void run(const Frame& frame, const std::function<void(double seconds)>& shown,
             const std::function<void()>& asked_to_close);
    void close();

    /// Brings a sleeping run() to its next frame at once. Safe from any thread.
    static void wake();

    /// Whether a person has pressed, typed or moved something since the last call.
    bool take_person_active();

    /// Files dropped onto the window since the last call.
    std::vector<std::filesystem::path> take_dropped_files();

    /// Overwrites what was copied out of the window's fields, and empties the clipboard if that stands there.
    void forget_copied();
    /// What is copied goes to no other program and none of theirs is pasted; until it is shared again.
    void keep_copies_to_ourselves();
    void share_copies();

    /// Pixels of the screen per unit of the design: 1.0 on an ordinary display, 2.0 on a dense one.
    float scale() const;

  private:
    struct Parts;
    explicit Window(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace fieldfare::collector
