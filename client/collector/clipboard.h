#pragma once

#include <string>

struct GLFWwindow;

namespace fieldfare::collector {

/// Between Dear ImGui's fields and the system's clipboard. The window library keeps what was copied, and at
/// its end hands it to the desktop's clipboard manager: here it is overwritten first. From the main thread;
/// after Dear ImGui's backend was made, and gone before the window is.
class Clipboard {
  public:
    explicit Clipboard(GLFWwindow* window);
    ~Clipboard() { forget(); }
    Clipboard(const Clipboard&) = delete;
    Clipboard& operator=(const Clipboard&) = delete;

    /// Overwrites what was copied here; and empties the system's clipboard, if that still stands there. What
    /// another program has taken from it meanwhile stays with that program.
    void forget();

  private:
    void put(const char* text);
    const char* get();

    GLFWwindow* window_;
    char* held_ = nullptr;  ///< the library's own copy of what was put there last; it may not own the
                            ///< clipboard any more
};

}  // namespace fieldfare::collector
