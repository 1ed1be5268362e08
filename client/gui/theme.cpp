#include "client/gui/theme.h"

namespace fieldfare::gui {

void apply_theme() {
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigNavEscapeClearFocusItem = false;
    io.ConfigInputTextCursorBlink = false;  // a blinking cursor would wake an idle machine
    io.ConfigErrorRecoveryEnableTooltip = false;

    ImGuiStyle& style = ImGui::GetStyle();
    ImGui::StyleColorsLight(&style);
    style.FontSizeBase = text_height;
    style.WindowPadding = {0, 0};
    style.WindowBorderSize = 0;
    style.WindowRounding = 0;
    style.ChildBorderSize = 0;
    style.FramePadding = {12, 10};
    style.FrameRounding = 8;
    style.FrameBorderSize = 1;
    style.PopupRounding = 8;
    style.PopupBorderSize = 1;
    style.ItemSpacing = {10, 10};
    style.ItemInnerSpacing = {8, 6};
    style.ScrollbarSize = 14;
    style.ScrollbarRounding = 7;
    style.DisabledAlpha = 1.0F;  // disabled controls have colours of their own, which can be read
    style.HoverStationaryDelay = 0;

    const auto set = [&](ImGuiCol_ index, ImU32 value) {
        style.Colors[index] = ImGui::ColorConvertU32ToFloat4(value);
    };
    set(ImGuiCol_Text, colour::text);
    set(ImGuiCol_TextDisabled, colour::muted);
    set(ImGuiCol_WindowBg, colour::ground);
    set(ImGuiCol_ChildBg, IM_COL32(0, 0, 0, 0));
    set(ImGuiCol_PopupBg, colour::card);
    set(ImGuiCol_Border, colour::edge);
    set(ImGuiCol_FrameBg, colour::card);
    set(ImGuiCol_FrameBgHovered, colour::card);
    set(ImGuiCol_FrameBgActive, colour::card);
    set(ImGuiCol_Button, colour::card);
    set(ImGuiCol_ButtonHovered, colour::hover);
    set(ImGuiCol_ButtonActive, colour::accent_tint);
    set(ImGuiCol_Header, colour::accent_tint);
    set(ImGuiCol_HeaderHovered, colour::hover);
    set(ImGuiCol_HeaderActive, colour::accent_tint);
    set(ImGuiCol_TextSelectedBg, IM_COL32(178, 210, 245, 255));
    set(ImGuiCol_InputTextCursor, colour::text);
    set(ImGuiCol_NavCursor, colour::accent);
    set(ImGuiCol_ScrollbarBg, IM_COL32(0, 0, 0, 0));
    set(ImGuiCol_ScrollbarGrab, IM_COL32(176, 186, 198, 255));
    set(ImGuiCol_ScrollbarGrabHovered, colour::edge);
    set(ImGuiCol_ScrollbarGrabActive, colour::edge);
}

}  // namespace fieldfare::gui
