#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/gui/draw.h"
#include "client/gui/theme.h"
#include "imgui.h"
#include "tests/support/app_driver.h"

// Words of the tests that use the screen: an app, its scripted worker and ImGui without a display. Widgets
// are found in the widget tree by what a person reads on them.
namespace fieldfare::gui::test {

/// ImGui without a display over anything that has a `state` to draw and takes an `act`.
template <typename Driven>
class ScreenOf : public Driven {
  public:
    template <typename... Arguments>
    explicit ScreenOf(Arguments&&... arguments) : Driven(std::forward<Arguments>(arguments)...) {
        const float width = 1024;
        const float height = 700;
        install_wiping_allocator();
        context_ = ImGui::CreateContext();
        apply_theme();
        ImGuiIO& io = ImGui::GetIO();
        io.DisplaySize = {width, height};
        io.DeltaTime = 1.0F / 60;
        io.ConfigInputTrickleEventQueue = false;
        io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures;
        io.AddFocusEvent(true);
        auto fonts = load_fonts({});
        REQUIRE(fonts.has_value());
        scratch_ = std::make_unique<UiScratch>();
        scratch_->fonts = *fonts;
    }
    ~ScreenOf() {
        scratch_.reset();
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures)
            texture->SetStatus(ImTextureStatus_Destroyed);
        ImGui::DestroyContext(context_);
    }

    /// Draws frames until nothing moves any more; what the person did is applied in between.
    void settle_frames(int at_least = 3) {
        for (int i = 0; i < at_least; ++i) frame();
    }

    /// Presses the widget that a person would call so; scrolls to it when it is out of sight.
    void click(std::string_view label) {
        click_on(label, [&]() -> const Widget& { return this->widget(label); });
    }
    /// The same for a widget that its label alone does not tell from others.
    template <typename Find>
    void click_on(std::string_view label, const Find& find) {
        bring_into_view(label, find);
        const Widget& widget = find();
        REQUIRE_MESSAGE(widget.enabled, std::string(label));
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent((widget.rect.left + widget.rect.right) / 2,
                            (widget.rect.top + widget.rect.bottom) / 2);
        frame();
        io.AddMouseButtonEvent(0, true);
        frame();
        io.AddMouseButtonEvent(0, false);
        settle_frames();
    }
    void type(std::string_view text) {
        ImGui::GetIO().AddInputCharactersUTF8(std::string(text).c_str());
        settle_frames(2);
    }
    void press(ImGuiKey key, ImGuiKey modifier = ImGuiKey_None) {
        ImGuiIO& io = ImGui::GetIO();
        if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, true);
        io.AddKeyEvent(key, true);
        frame();
        io.AddKeyEvent(key, false);
        if (modifier != ImGuiKey_None) io.AddKeyEvent(modifier, false);
        settle_frames();
    }
    void show() { settle_frames(); }

    bool sees(std::string_view text) const {
        return std::ranges::any_of(scratch_->tree, [&](const Widget& widget) {
            return widget.label.find(text) != std::string::npos;
        });
    }
    const Widget* find(std::string_view label) const {
        const auto controls = [&](const Widget& widget) {
            return widget.label == label && widget.role != Role::text && widget.role != Role::heading &&
                   widget.role != Role::alert;
        };
        auto found = std::ranges::find_if(scratch_->tree, controls);
        if (found == scratch_->tree.end()) found = std::ranges::find(scratch_->tree, label, &Widget::label);
        return found == scratch_->tree.end() ? nullptr : &*found;
    }
    const Widget& widget(std::string_view label) const {
        const Widget* found = find(label);
        REQUIRE_MESSAGE(found, std::string(label), " is not on the screen:", contents());
        return *found;
    }
    std::string value_of(std::string_view label) const { return widget(label).value; }
    const WidgetTree& tree() const { return scratch_->tree; }
    UiScratch& scratch() { return *scratch_; }

    /// Everything that a person reads now, for the message of a failed test.
    std::string contents() const {
        std::string all;
        for (const Widget& widget : scratch_->tree) all += "\n  " + widget.label;
        return all;
    }

    int frames_drawn = 0;

    void frame() {
        for (int i = 0; i < 3; ++i) {
            if (draw_once() == Frame::show) return;
        }
    }

  private:
    Frame draw_once() {
        ++frames_drawn;
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            if (texture->Status != ImTextureStatus_OK && texture->Status != ImTextureStatus_Destroyed) {
                texture->SetTexID(1);
                texture->SetStatus(ImTextureStatus_OK);
            }
        }
        ImGui::NewFrame();
        app::Actions actions;
        const Frame result = draw(this->state, *scratch_, actions);
        ImGui::Render();
        for (app::Action& action : actions) this->act(std::move(action));
        return result;
    }

    template <typename Find>
    void bring_into_view(std::string_view label, const Find& find) {
        ImGuiIO& io = ImGui::GetIO();
        for (int i = 0; i < 200; ++i) {
            const Widget& widget = find();
            const float middle = (widget.rect.top + widget.rect.bottom) / 2;
            if (middle > widget.view.top + 1 && middle < widget.view.bottom - 1) return;
            io.AddMousePosEvent(io.DisplaySize.x / 2, (widget.view.top + widget.view.bottom) / 2);
            io.AddMouseWheelEvent(0, middle > widget.view.bottom - 1 ? -1.0F : 1.0F);
            frame();
            frame();
        }
        FAIL("cannot scroll to ", std::string(label));
    }

    ImGuiContext* context_ = nullptr;
    std::unique_ptr<UiScratch> scratch_;
};

using Screen = ScreenOf<app::test::App>;

}  // namespace fieldfare::gui::test
