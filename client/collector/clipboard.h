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

    /// From now on what is copied stands here alone, and only that is pasted: the next person at a shared
    /// machine and its clipboard manager get nothing. What was copied before is forgotten, where that was
    /// otherwise.
    void keep_to_ourselves();
    void share();  ///< the other way round; so it is at first

  private:
    void put(const char* text);
    const char* get();

    GLFWwindow* window_;
    bool shared_ = true;
    std::string own_;       ///< while it is not
    char* held_ = nullptr;  ///< the library's own copy of what was put there last; it may not own the
                            ///< clipboard any more
};

}  // namespace fieldfare::collector
