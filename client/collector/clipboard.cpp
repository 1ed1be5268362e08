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
    held_ = const_cast<char*>(glfwGetClipboardString(window_));
    ours_ = true;
}

const char* Clipboard::get() {
    if (!shared_) return own_.c_str();
    std::string kept = held_ == nullptr ? std::string() : held_;
    const bool same = look_anew();
    if (same) ::memcpy(held_, kept.data(), kept.size());
    ::explicit_bzero(kept.data(), kept.size());
    return held_;
}

/// GLFW answers with a copy of its own, memory of malloc, which may be written; and when the clipboard has
/// passed to another program it lets that go as it is, and may have the next one at the same place. So it is
/// overwritten before, by which it is known again.
bool Clipboard::look_anew() {
    if (held_ != nullptr) ::explicit_bzero(held_, ::strlen(held_));
    char* const found = const_cast<char*>(glfwGetClipboardString(window_));
    const bool same = ours_ && found != nullptr && found == held_ && *found == '\0';
    held_ = found;
    ours_ = same;
    return same;
}

void Clipboard::forget_pasted() {
    if (ours_ || held_ == nullptr) return;
    ::explicit_bzero(held_, ::strlen(held_));
    held_ = nullptr;
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
    if (ours_ && look_anew()) {
        glfwSetClipboardString(window_, "");
        held_ = nullptr;
        ours_ = false;
    }
    forget_pasted();
}

}  // namespace fieldfare::collector
