#include "client/collector/window.h"

#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "client/collector/clipboard.h"

namespace fieldfare::collector {
namespace {

// After an event Dear ImGui needs a few frames until hover, focus and scrolling have settled.
constexpr int frames_after_event = 3;
constexpr int design_width = 1024;
constexpr int design_height = 720;

std::string last_glfw_error() {
    const char* text = nullptr;
    glfwGetError(&text);
    return text ? text : "no reason given";
}

}  // namespace

struct Window::Parts {
    GLFWwindow* handle = nullptr;
    float scale = 1.0F;
    bool closing = false;
    bool person_active = false;
    bool stirred = false;  ///< an event has come that the next frames must show
    std::vector<std::filesystem::path> dropped;
    std::optional<Clipboard> clipboard;

    static void stir(GLFWwindow* handle);
    static void person(GLFWwindow* handle);

    ~Parts() {
        clipboard.reset();
        if (ImGui::GetCurrentContext()) {
            ImGui_ImplOpenGL3_Shutdown();
            ImGui_ImplGlfw_Shutdown();
            ImGui::DestroyContext();
        }
        if (handle) glfwDestroyWindow(handle);
        glfwTerminate();
    }
};

void Window::Parts::stir(GLFWwindow* handle) {
    static_cast<Parts*>(glfwGetWindowUserPointer(handle))->stirred = true;
}

void Window::Parts::person(GLFWwindow* handle) {
    static_cast<Parts*>(glfwGetWindowUserPointer(handle))->person_active = true;
    stir(handle);
}

tl::expected<Window, std::string> Window::open(const std::string& title) {
    // Graphics drivers keep compiled shaders in the home folder unless told not to: a trace that we leave
    // out.
    setenv("MESA_SHADER_CACHE_DISABLE", "true", 1);
    setenv("MESA_GLSL_CACHE_DISABLE", "true", 1);  // the older name of the same switch
    setenv("__GL_SHADER_DISK_CACHE", "0", 1);      // the same of NVIDIA's driver

    if (!glfwInit())
        return tl::unexpected("There is no display to open a window on: " + last_glfw_error() + ".");
    auto parts = std::make_unique<Parts>();
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 2);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
    glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
    glfwWindowHint(GLFW_DEPTH_BITS, 0);
    glfwWindowHint(GLFW_STENCIL_BITS, 0);
    parts->handle = glfwCreateWindow(design_width, design_height, title.c_str(), nullptr, nullptr);
    if (!parts->handle) {
        return tl::unexpected(
            "The graphics driver could not open a window with OpenGL 3.2: " + last_glfw_error() + ".");
    }
    glfwSetWindowSizeLimits(parts->handle, 640, 480, GLFW_DONT_CARE, GLFW_DONT_CARE);
    glfwMakeContextCurrent(parts->handle);
    glfwSwapInterval(1);

    float x_scale = 1.0F;
    float y_scale = 1.0F;
    glfwGetWindowContentScale(parts->handle, &x_scale, &y_scale);
    parts->scale = std::clamp(std::max(x_scale, y_scale), 1.0F, 4.0F);

    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;  // no file that tells where windows stood
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigInputTextCursorBlink = false;  // a blinking cursor would wake the processor twice a second

    glfwSetWindowUserPointer(parts->handle, parts.get());
    // Dear ImGui puts its own callbacks before these and calls them.
    glfwSetKeyCallback(parts->handle, [](GLFWwindow* handle, int, int, int, int) { Parts::person(handle); });
    glfwSetCharCallback(parts->handle, [](GLFWwindow* handle, unsigned) { Parts::person(handle); });
    glfwSetMouseButtonCallback(parts->handle,
                               [](GLFWwindow* handle, int, int, int) { Parts::person(handle); });
    glfwSetCursorPosCallback(parts->handle,
                             [](GLFWwindow* handle, double, double) { Parts::person(handle); });
    glfwSetCursorEnterCallback(parts->handle, [](GLFWwindow* handle, int) { Parts::stir(handle); });
    glfwSetScrollCallback(parts->handle, [](GLFWwindow* handle, double, double) { Parts::person(handle); });
    glfwSetWindowFocusCallback(parts->handle, [](GLFWwindow* handle, int) { Parts::stir(handle); });
    glfwSetWindowRefreshCallback(parts->handle, [](GLFWwindow* handle) { Parts::stir(handle); });
    glfwSetFramebufferSizeCallback(parts->handle, [](GLFWwindow* handle, int, int) { Parts::stir(handle); });
    glfwSetDropCallback(parts->handle, [](GLFWwindow* handle, int count, const char** paths) {
        auto* self = static_cast<Parts*>(glfwGetWindowUserPointer(handle));
        for (int i = 0; i < count; ++i) self->dropped.emplace_back(paths[i]);
    });
    if (!ImGui_ImplGlfw_InitForOpenGL(parts->handle, true) || !ImGui_ImplOpenGL3_Init("#version 150")) {
        return tl::unexpected(std::string("The graphics driver could not be used to draw."));
    }
    parts->clipboard.emplace(parts->handle);
    return Window(std::move(parts));
}

void Window::run(const Frame& frame, const std::function<void(double)>& shown,
                 const std::function<void()>& asked_to_close) {
    GLFWwindow* handle = parts_->handle;
    int frames_left = frames_after_event;
    double sleep_seconds = 0.0;
    while (!parts_->closing) {
        if (frames_left > 0) {
            glfwPollEvents();
            --frames_left;
        } else {
            const double before = glfwGetTime();
            glfwWaitEventsTimeout(std::clamp(sleep_seconds, 0.001, 3600.0));
            // Woken by the worker, not by the clock: let what it brings settle.
            if (glfwGetTime() - before < sleep_seconds) frames_left = frames_after_event;
        }
        // Dear ImGui takes a press and a release, or one key after the other, in frames of their own: as long
        // as it has some of them left there is more to draw.
        if (std::exchange(parts_->stirred, false) || ImGui::GetCurrentContext()->InputEventsQueue.Size > 0) {
            frames_left = frames_after_event;
        }
        if (glfwWindowShouldClose(handle)) {
            glfwSetWindowShouldClose(handle, GLFW_FALSE);
            asked_to_close();
        }
        const double begun = glfwGetTime();
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        ImGui::NewFrame();
        const Drawn drawn = frame();
        ImGui::Render();
        sleep_seconds = drawn.show ? drawn.sleep_seconds : 0.0;
        if (sleep_seconds <= 0.0) frames_left = frames_after_event;  // and those in which it settles
        if (!drawn.show) continue;

        int width = 0;
        int height = 0;
        glfwGetFramebufferSize(handle, &width, &height);
        glViewport(0, 0, width, height);
        const ImVec4& background = ImGui::GetStyle().Colors[ImGuiCol_WindowBg];
        glClearColor(background.x, background.y, background.z, 1.0F);
        glClear(GL_COLOR_BUFFER_BIT);
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
        glfwSwapBuffers(handle);
        shown(glfwGetTime() - begun);
    }
}

void Window::close() {
    parts_->closing = true;
}

void Window::wake() {
    glfwPostEmptyEvent();
}

bool Window::take_person_active() {
    return std::exchange(parts_->person_active, false);
}

std::vector<std::filesystem::path> Window::take_dropped_files() {
    return std::exchange(parts_->dropped, {});
}

void Window::forget_copied() {
    parts_->clipboard->forget();
}

void Window::keep_copies_to_ourselves() {
    parts_->clipboard->keep_to_ourselves();
}

void Window::share_copies() {
    parts_->clipboard->share();
}

float Window::scale() const {
    return parts_->scale;
}

Window::Window(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Window::Window(Window&&) noexcept = default;
Window& Window::operator=(Window&&) noexcept = default;
Window::~Window() = default;

}  // namespace fieldfare::collector
