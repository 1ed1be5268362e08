#include "client/collector/clipboard.h"

#include <GLFW/glfw3.h>
#include <imgui.h>
#include <string.h>

#include <string>

namespace fieldfare::collector {

Clipboard::Clipboard(GLFWwindow* window) : window_(window) {
    ImGuiPlatformIO& platform = ImGui::GetPlatformIO();
    platform.Platform_ClipboardUserData = this;
    platform.Platform_SetClipboardTextFn = [](ImGuiContext*, const char* text) {
        static_cast<Clipboard*>(ImGui::GetPlatformIO().Platform_ClipboardUserData)->put(text);
    };
    platform.Platform_GetClipboardTextFn = [](ImGuiContext*) {
        return static_cast<Clipboard*>(ImGui::GetPlatformIO().Platform_ClipboardUserData)->get();
    };
}

void Clipboard::put(const char* text) {
    forget();
    if (!shared_) {
        own_ = text;
        return;
    }
    if (*text == '\0') return;
    glfwSetClipboardString(window_, text);
    // GLFW answers with its own copy as long as the clipboard is ours: memory of malloc, which may be
    // written.
    held_ = const_cast<char*>(glfwGetClipboardString(window_));
}

/// When the clipboard is not ours any more, GLFW lets its copy go as it is: it is overwritten before that,
/// and written again when it turns out to be ours.
const char* Clipboard::get() {
    if (!shared_) return own_.c_str();
    if (held_ == nullptr) return glfwGetClipboardString(window_);
    std::string copied = held_;
    ::explicit_bzero(held_, copied.size());
    const char* const found = glfwGetClipboardString(window_);
    if (found == held_)
        ::memcpy(held_, copied.data(), copied.size());
    else
        held_ = nullptr;
    ::explicit_bzero(copied.data(), copied.size());
    return found;
}

void Clipboard::keep_to_ourselves() {
    if (shared_) forget();
    shared_ = false;
}

void Clipboard::share() {
    if (!shared_) forget();
    shared_ = true;
}

void Clipboard::forget() {
    ::explicit_bzero(own_.data(), own_.size());
    own_.clear();
    if (held_ == nullptr) return;
    ::explicit_bzero(held_, ::strlen(held_));
    const bool ours = glfwGetClipboardString(window_) == held_;
    held_ = nullptr;
    if (ours) glfwSetClipboardString(window_, "");
}

}  // namespace fieldfare::collector
