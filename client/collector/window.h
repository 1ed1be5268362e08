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
    /// What one frame draws. Returns how many seconds the window may sleep when nothing happens; a window
    /// that waits for nothing returns a large number.
    using Frame = std::function<double()>;

    /// Opens the window. The error is a sentence for the person (no display, OpenGL too old, …).
    static tl::expected<Window, std::string> open(const std::string& title);

    Window(Window&&) noexcept;
    Window& operator=(Window&&) noexcept;
    ~Window();

    /// Runs until the person closes the window or `frame` asks for it by calling close().
    void run(const Frame& frame);
    void close();

    /// Brings a sleeping run() to its next frame at once. Safe from any thread.
    static void wake();

    /// Files dropped onto the window since the last call.
    std::vector<std::filesystem::path> take_dropped_files();

    /// Pixels of the screen per unit of the design: 1.0 on an ordinary display, 2.0 on a dense one.
    float scale() const;

  private:
    struct Parts;
    explicit Window(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace fieldfare::collector
