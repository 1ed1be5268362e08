#include "imgui.h"
#include "imgui_internal.h"

#include "client/gui/soft_wrap.h"
#include "client/gui/theme.h"
#include "client/gui/ui.h"

namespace fieldfare::gui {

namespace {

struct Editing {
    std::string* buffer;
    std::size_t max_characters;
    std::size_t max_bytes;
    float wrap_width;            ///< 0: single line
};

// ImGui asks for room, for leave to insert a character, and shows each edit of a multi-line field.
int on_input(ImGuiInputTextCallbackData* data) {
    auto& editing = *static_cast<Editing*>(data->UserData);
    switch (data->EventFlag) {
        case ImGuiInputTextFlags_CallbackResize:
            editing.buffer->resize(static_cast<std::size_t>(data->BufTextLen));
            data->Buf = editing.buffer->data();
            return 0;
        case ImGuiInputTextFlags_CallbackCharFilter:
            // A typed line end is kept as its mark, which may not be typed itself.
            if (data->EventChar == soft_wrap::line_end_mark) return 1;
            if (data->EventChar == '\n') data->EventChar = soft_wrap::line_end_mark;
            return 0;
        case ImGuiInputTextFlags_CallbackEdit: {
            soft_wrap::Text text{std::string(data->Buf, static_cast<std::size_t>(data->BufTextLen)),
                                 static_cast<std::size_t>(data->CursorPos)};
            // What is on the screen is what is kept: a field takes no more than its answer may have.
            text = soft_wrap::shortened(std::move(text), editing.buffer->c_str(), editing.max_characters,
                                        editing.max_bytes);
            if (editing.wrap_width > 0) {
                text = soft_wrap::rewrap(
                    std::move(text), editing.buffer->c_str(),
                    [&](const char* from, const char* to) {
                        return ImGui::GetFont()->CalcWordWrapPosition(ImGui::GetFontSize(), from, to,
                                                                      editing.wrap_width);
                    },
                    ImGui::IsKeyPressed(ImGuiKey_Backspace) ? soft_wrap::Erased::before
                    : ImGui::IsKeyPressed(ImGuiKey_Delete)  ? soft_wrap::Erased::after
                                                            : soft_wrap::Erased::nothing);
            }
            if (text.bytes == std::string_view(data->Buf, static_cast<std::size_t>(data->BufTextLen)) &&
                editing.wrap_width <= 0)
                return 0;
            if (text.bytes != std::string_view(data->Buf, static_cast<std::size_t>(data->BufTextLen))) {
                data->DeleteChars(0, data->BufTextLen);
                data->InsertChars(0, text.bytes.data(), text.bytes.data() + text.bytes.size());
            }
            data->CursorPos = data->SelectionStart = data->SelectionEnd = static_cast<int>(text.cursor);
            return 0;
        }
        default:
            return 0;
    }
}

}  // namespace

FieldEdge::FieldEdge(ImGuiID field, bool invalid) {
    const bool active = ImGui::GetActiveID() == field;
    ImGui::PushStyleColor(ImGuiCol_Border, invalid ? colour::error : active ? colour::accent : colour::edge);
    ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, active ? 2.0F : 1.0F);
}

FieldEdge::~FieldEdge() {
    ImGui::PopStyleVar();
    ImGui::PopStyleColor();
}

FieldResult field(Ui& ui, const std::string& id, const std::string& value, std::string& text,
                  const FieldLook& look, bool take_focus) {
    FieldResult result;
    std::string& buffer = ui.scratch.fields[id];
    ImGui::PushID(id.c_str());
    const float width = look.width > 0 ? look.width : ui.width;
    const ImVec2 padding = ImGui::GetStyle().FramePadding;
    const float wrap_width =
        look.multiline ? width - 2 * padding.x - ImGui::GetStyle().ScrollbarSize - ui.em(0.5F) : 0;
    const auto wrap = [&](const char* from, const char* to) {
        return ImGui::GetFont()->CalcWordWrapPosition(ImGui::GetFontSize(), from, to, wrap_width);
    };
    // While it is typed in, ImGui's own copy leads; otherwise the state does.
    const ImGuiID item = ImGui::GetID("##field");
    if (ImGui::GetActiveID() != item) {
        buffer = look.multiline ? soft_wrap::wrapped(value, wrap) : value;
    }
    Editing editing{&buffer, look.max_characters, look.max_bytes, wrap_width};
    const bool was_active = ImGui::GetActiveID() == item;
    const FieldEdge edge(item, look.invalid);
    if (!look.enabled) ImGui::BeginDisabled();
    if (take_focus) {
        let_go_of_keyboard();
        ImGui::SetKeyboardFocusHere();
    }
    const ImGuiInputTextFlags flags = ImGuiInputTextFlags_CallbackResize |
                                      ImGuiInputTextFlags_CallbackCharFilter |
                                      ImGuiInputTextFlags_CallbackEdit;
    if (look.multiline) {
        result.edited =
            ImGui::InputTextMultiline("##field", buffer.data(), buffer.capacity() + 1, {width, ui.em(7.5F)},
                                      flags | ImGuiInputTextFlags_NoHorizontalScroll, on_input, &editing);
    } else {
        ImGui::SetNextItemWidth(width);
        result.edited = ImGui::InputTextWithHint("##field", look.hint.c_str(), buffer.data(),
                                                 buffer.capacity() + 1, flags, on_input, &editing);
    }
    if (!look.enabled) ImGui::EndDisabled();
    const bool is_active = ImGui::GetActiveID() == item;
    result.left = ImGui::IsItemDeactivated();
    // Whoever comes back to a long text by keyboard goes on at its end.
    if (look.multiline && is_active && !was_active && !ImGui::GetIO().MouseDown[0]) {
        if (ImGuiInputTextState* state = ImGui::GetInputTextState(item)) state->ReloadUserBufAndMoveToEnd();
    }
    result.focused = ImGui::IsItemFocused() || ImGui::GetActiveID() == item;
    const bool enter = ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter);
    result.entered = look.multiline ? ImGui::GetActiveID() == item && enter && ImGui::GetIO().KeyCtrl
                                    : ImGui::IsItemDeactivated() && enter;
    text = look.multiline ? soft_wrap::unwrapped(buffer) : buffer;
    ImGui::PopID();
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    note_widget(ui, Role::field, look.label, text, {from.x, from.y, to.x, to.y}, look.enabled, false,
                result.focused, look.invalid);
    ui.scratch.tree.back().typing = is_active;
    return result;
}

}  // namespace fieldfare::gui
