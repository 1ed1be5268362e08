#include <utility>

#include "imgui.h"
#include "imgui_internal.h"

#include "client/gui/theme.h"
#include "client/gui/ui.h"

namespace fieldfare::gui {

namespace {

struct ButtonColours {
    ImU32 fill, text, edge;
};

ButtonColours colours_of(const ButtonLook& look, bool hovered, bool held) {
    if (!look.enabled) {
        const bool filled = look.kind == ButtonKind::primary || look.kind == ButtonKind::danger;
        return {filled ? colour::disabled : 0, colour::on_disabled, filled ? colour::disabled : colour::line};
    }
    if (look.chosen) {
        return {colour::accent_tint, colour::accent_dark, colour::accent};
    }
    switch (look.kind) {
        case ButtonKind::primary: {
            const ImU32 fill = hovered || held ? colour::accent_dark : colour::accent;
            return {fill, colour::on_accent, fill};
        }
        case ButtonKind::secondary:
            return {hovered ? colour::hover : colour::card, colour::text, colour::edge};
        case ButtonKind::quiet:
            return {hovered ? colour::accent_tint : 0, colour::accent, 0};
        case ButtonKind::danger:
            return {hovered ? colour::error : colour::card, hovered ? colour::on_accent : colour::error,
                    colour::error};
    }
    return {};
}

float scaled_size(bool small) {
    return ImGui::GetStyle().FontSizeBase * (small ? 0.88F : 1.0F);
}

// The small square with the digit that picks a choice.
void draw_key(ImDrawList* list, const ImVec2& right_middle, char key, float size) {
    const float side = size * 1.25F;
    const ImVec2 from{right_middle.x - side, right_middle.y - side / 2};
    list->AddRect(from, {from.x + side, from.y + side}, colour::line, 4, 0, 1);
    const char text[2] = {key, '\0'};
    const ImVec2 extent = ImGui::CalcTextSize(text);
    list->AddText({from.x + (side - extent.x) / 2, from.y + (side - extent.y) / 2}, colour::muted, text);
}

void draw_mark(ImDrawList* list, const ImVec2& centre, float radius, const OptionLook& look) {
    const ImU32 edge = look.picked ? colour::accent : colour::edge;
    if (look.several) {
        const ImVec2 from{centre.x - radius, centre.y - radius};
        const ImVec2 to{centre.x + radius, centre.y + radius};
        list->AddRectFilled(from, to, look.picked ? colour::accent : colour::card, 4);
        list->AddRect(from, to, edge, 4, 0, 2);
        if (look.picked) {
            const ImVec2 tick[3] = {{centre.x - radius * 0.5F, centre.y},
                                    {centre.x - radius * 0.1F, centre.y + radius * 0.42F},
                                    {centre.x + radius * 0.55F, centre.y - radius * 0.42F}};
            list->AddPolyline(tick, 3, colour::on_accent, 0, 2.4F);
        }
    } else {
        list->AddCircleFilled(centre, radius, colour::card);
        list->AddCircle(centre, radius, edge, 0, 2);
        if (look.picked) list->AddCircleFilled(centre, radius * 0.55F, colour::accent);
    }
}

/// What is typed while it lives goes to no clipboard, whether or not it can be read on the screen. What can't
/// be copied isn't cut out either, by a slip of the finger.
class NoCopies {
  public:
    NoCopies() : put_(std::exchange(ImGui::GetPlatformIO().Platform_SetClipboardTextFn, nullptr)) {
        const ImGuiIO& io = ImGui::GetIO();
        if (io.KeyCtrl) ImGui::SetKeyOwner(ImGuiKey_X, ImGui::GetID("nobody's"));
        if (io.KeyShift) ImGui::SetKeyOwner(ImGuiKey_Delete, ImGui::GetID("nobody's"));
    }
    ~NoCopies() { ImGui::GetPlatformIO().Platform_SetClipboardTextFn = put_; }
    NoCopies(const NoCopies&) = delete;
    NoCopies& operator=(const NoCopies&) = delete;

  private:
    decltype(ImGuiPlatformIO::Platform_SetClipboardTextFn) put_;
};

}  // namespace

void let_go_of_keyboard() {
    ImGui::GetCurrentContext()->NavId = 0;
}

void rescue_keyboard(bool always) {
    const ImGuiContext& context = *ImGui::GetCurrentContext();
    const bool lost = context.NavId != 0 && !context.NavIdIsAlive && !context.NavMoveSubmitted;
    if (always || lost) {
        let_go_of_keyboard();
        ImGui::SetNavCursorVisible(false);
    }
}

float button_width(const Ui& ui, const std::string& label, bool small) {
    ImGui::PushFont(small ? nullptr : ui.scratch.fonts.bold, scaled_size(small));
    const float text = ImGui::CalcTextSize(label.c_str()).x;
    ImGui::PopFont();
    return text + ui.em(small ? 1.5F : 2.0F);
}

bool button(Ui& ui, const std::string& label, const ButtonLook& look, std::string_view id) {
    const bool small = look.small;
    const bool light = small || look.kind == ButtonKind::quiet;
    const float height = ui.em(small ? 2.0F : 2.5F);
    const float padding = ui.em(small ? 1.5F : 2.0F);
    ImGui::PushFont(light ? nullptr : ui.scratch.fonts.bold, scaled_size(small));
    const ImVec2 text = ImGui::CalcTextSize(label.c_str());
    const float width = look.width > 0 ? look.width : text.x + padding;
    if (look.flush) ImGui::SetCursorPosX(ImGui::GetCursorPosX() - padding / 2);
    const std::string unique = label + '\n' + std::string(id);
    ImGui::PushID(unique.c_str());
    if (!look.enabled) ImGui::BeginDisabled();
    const bool pressed = ImGui::InvisibleButton("b", {width, height}, ImGuiButtonFlags_EnableNav);
    const bool hovered = ImGui::IsItemHovered();
    const bool held = ImGui::IsItemActive();
    const bool focused = ImGui::IsItemFocused();
    if (!look.enabled) ImGui::EndDisabled();
    const ButtonColours colours = colours_of(look, hovered, held);
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    if (ImGui::IsRectVisible(from, to)) {
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddRectFilled(from, to, colours.fill, 8);
        if (colours.edge != 0) list->AddRect(from, to, colours.edge, 8, 0, 1);
        list->AddText({from.x + (width - text.x) / 2, from.y + (height - text.y) / 2}, colours.text,
                      label.c_str());
    }
    ImGui::PopID();
    ImGui::PopFont();
    note_widget(ui, Role::button, look.name.empty() ? label : std::string(look.name), {},
                {from.x, from.y, to.x, to.y}, look.enabled, look.chosen, focused, false, text.x > width - 4);
    return pressed;
}

void take_focus_on_last_item() {
    let_go_of_keyboard();
    ImGui::FocusItem();
    ImGui::SetNavCursorVisible(true);
}

OptionResult option(Ui& ui, std::string_view id, const std::string& label, const std::string& question,
                    const OptionLook& look, bool take_focus) {
    const float width = look.width > 0 ? look.width : ui.width;
    const float mark = ui.em(0.55F);
    const float side = ui.em(0.8F);
    const float left = look.link ? ui.em(0.8F) : look.centred ? ui.em(0.4F) : side + 2 * mark + ui.em(0.7F);
    const float right = look.link      ? ui.em(0.8F)
                        : look.centred ? ui.em(0.4F)
                                       : (look.key != '\0' ? ui.em(2.2F) : side);
    const ImVec2 tag = ImGui::CalcTextSize(look.tag.c_str());
    const float room = width - left - right - (look.tag.empty() ? 0 : tag.x + ui.em(1.0F));
    const ImVec2 text = ImGui::CalcTextSize(label.c_str(), nullptr, false, room);
    const float height = std::max(ui.em(2.4F), text.y + ui.em(1.1F));

    ImGui::PushID(id.data(), id.data() + id.size());
    ImGui::PushItemFlag(ImGuiItemFlags_NoTabStop, !look.tab_stop);
    if (!look.enabled) ImGui::BeginDisabled();
    OptionResult result;
    result.pressed = ImGui::InvisibleButton("o", {width, height}, ImGuiButtonFlags_EnableNav);
    if (take_focus) take_focus_on_last_item();
    const bool hovered = ImGui::IsItemHovered();
    result.focused = ImGui::IsItemFocused();
    if (!look.enabled) ImGui::EndDisabled();
    ImGui::PopItemFlag();
    ImGui::PopID();

    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float middle = from.y + height / 2;
    const bool in_sight = ImGui::IsRectVisible(from, to);
    if (in_sight) {
        // A plain option lies on a card of the same colour: only what differs is filled.
        if (look.picked || hovered)
            list->AddRectFilled(from, to, look.picked ? colour::accent_tint : colour::hover, 8);
        // A square has no mark that shows where it is: its edge does.
        const ImU32 edge = look.centred ? colour::edge : colour::line;
        list->AddRect(from, to, look.picked ? colour::accent : edge, 8, 0, look.picked ? 2.0F : 1.0F);
    }
    if (!in_sight) {
        // Rounded boxes are not clipped by ImGui: hundreds out of sight would cost as much as those in sight.
    } else if (look.centred) {
        list->AddText({from.x + (width - text.x) / 2, middle - text.y / 2}, colour::text, label.c_str());
    } else if (look.link) {
        list->AddText(nullptr, 0, {from.x + left, middle - text.y / 2}, colour::accent, label.c_str(),
                      nullptr, room);
        list->AddText({to.x - ui.em(0.8F) - tag.x, middle - tag.y / 2},
                      look.tag_is_fault ? colour::error : colour::muted, look.tag.c_str());
    } else {
        draw_mark(list, {from.x + side + mark, middle}, mark, look);
        list->AddText(nullptr, 0, {from.x + left, middle - text.y / 2}, colour::text, label.c_str(), nullptr,
                      room);
        if (look.key != '\0') draw_key(list, {to.x - ui.em(0.6F), middle}, look.key, ImGui::GetFontSize());
    }
    note_widget(ui,
                look.link      ? Role::button
                : look.several ? Role::checkbox
                               : Role::radio,
                look.name.empty() ? label : std::string(look.name), question, {from.x, from.y, to.x, to.y},
                look.enabled, look.picked, result.focused);
    return result;
}

FieldResult passphrase_field(Ui& ui, const std::string& label) {
    FieldResult result;
    ImGui::SetNextItemWidth(ui.width);
    if (!ui.scratch.passphrase_shown_before || std::exchange(ui.scratch.passphrase_tried, false)) {
        let_go_of_keyboard();
        ImGui::SetKeyboardFocusHere();
    }
    ui.scratch.passphrase_shown = true;
    ImGuiInputTextFlags flags = ImGuiInputTextFlags_NoUndoRedo;
    if (ui.scratch.show_passphrase)
        ui.scratch.passphrase_drawn = true;
    else
        flags |= ImGuiInputTextFlags_Password;
    auto& buffer = ui.scratch.passphrase;
    const NoCopies no_copies;
    const FieldEdge edge(ImGui::GetID("##passphrase"), /*invalid=*/false);
    result.edited = ImGui::InputText("##passphrase", buffer.data(), buffer.size(), flags);
    result.focused = ImGui::IsItemFocused();
    result.entered = ImGui::IsItemDeactivated() &&
                     (ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter));
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    note_widget(ui, Role::password, label, {}, {from.x, from.y, to.x, to.y}, true, false, result.focused);
    return result;
}

}  // namespace fieldfare::gui
