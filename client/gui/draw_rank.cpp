#include <algorithm>
#include <optional>

#include "client/app/ranking.h"
#include "client/gui/question_card.h"
#include "client/gui/theme.h"
#include "imgui_internal.h"

namespace fieldfare::gui {

namespace {

enum class Arrow { up, down };

// A small square button. It keeps the keyboard at the ends of the list, where it does nothing: a control that
// vanished under the finger would leave it nowhere.
bool arrow_button(QuestionCard& card, Arrow arrow, const std::string& choice, bool moves, bool& focused) {
    Ui& ui = card.ui;
    const float side = ui.em(2.0F);
    const bool enabled = card.editable && moves;
    ImGui::PushID(arrow == Arrow::up ? "up" : "down");
    ImGui::PushItemFlag(ImGuiItemFlags_NoTabStop, true);
    if (!card.editable) ImGui::BeginDisabled();
    const bool pressed = ImGui::InvisibleButton("a", {side, side}, ImGuiButtonFlags_EnableNav);
    const bool hovered = ImGui::IsItemHovered() && enabled;
    const bool has_keyboard = ImGui::IsItemFocused();
    if (!card.editable) ImGui::EndDisabled();
    ImGui::PopItemFlag();
    ImGui::PopID();
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    if (ImGui::IsRectVisible(from, to)) {
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddRectFilled(from, to, hovered ? colour::hover : colour::card, 8);
        list->AddRect(from, to, enabled ? colour::edge : colour::line, 8, 0, 1);
        const ImVec2 middle{(from.x + to.x) / 2, (from.y + to.y) / 2};
        const float reach = ui.em(0.38F);
        const float tip = arrow == Arrow::up ? -reach * 0.8F : reach * 0.8F;
        const ImVec2 corners[] = {{middle.x - reach, middle.y - tip},
                                  {middle.x, middle.y + tip},
                                  {middle.x + reach, middle.y - tip}};
        list->AddPolyline(corners, 3, enabled ? colour::accent : colour::line, 0, 2.2F);
    }
    const char* key = arrow == Arrow::up ? "question.rank_up" : "question.rank_down";
    note_widget(ui, Role::button, ui.t(key, {{"choice", choice}}), {}, {from.x, from.y, to.x, to.y}, enabled,
                false, has_keyboard);
    focused = focused || has_keyboard;
    return pressed && enabled;
}

// The digit pressed now, as a place counted from 0.
std::optional<std::size_t> place_pressed() {
    if (ImGui::GetIO().WantTextInput) return std::nullopt;
    for (int digit = 0; digit < 10; ++digit) {
        if (ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_0 + digit), false) ||
            ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_Keypad0 + digit), false))
            return static_cast<std::size_t>((digit + 9) % 10);
    }
    return std::nullopt;
}

// One choice in its place. Its identity is its name, so the keyboard goes where it goes.
void draw_row(QuestionCard& card, const schema::Choice& choice, std::size_t place, std::size_t count,
              bool answered) {
    Ui& ui = card.ui;
    const std::string label = card.interview.choice_label(card.node, choice, card.open.language);
    const float arrows = 2 * ui.em(2.0F) + 2 * ui.em(0.4F);
    const float width = ui.width - arrows;
    const float left = ui.em(2.6F);
    const ImVec2 text = ImGui::CalcTextSize(label.c_str(), nullptr, false, width - left - ui.em(0.8F));
    const float height = std::max(ui.em(2.4F), text.y + ui.em(1.1F));
    const bool focus_here = card.wants_focus && place == 0;

    ImGui::PushID(choice.name.c_str());
    ImGui::PushItemFlag(ImGuiItemFlags_NoTabStop, place != 0);
    if (!card.editable) ImGui::BeginDisabled();
    const ImVec2 start = ImGui::GetCursorPos();
    ImGui::InvisibleButton("row", {width, height}, ImGuiButtonFlags_EnableNav);
    if (focus_here) {
        let_go_of_keyboard();
        ImGui::FocusItem();
        ImGui::SetNavCursorVisible(true);
    }
    const bool has_keyboard = ImGui::IsItemFocused();
    if (!card.editable) ImGui::EndDisabled();
    ImGui::PopItemFlag();
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    if (ImGui::IsRectVisible(from, to)) {
        ImDrawList* list = ImGui::GetWindowDrawList();
        const float middle = (from.y + to.y) / 2;
        if (answered) list->AddRectFilled(from, to, colour::accent_tint, 8);
        list->AddRect(from, to, answered ? colour::accent : colour::line, 8, 0, 1);
        const std::string number = std::to_string(place + 1);
        const ImVec2 size = ImGui::CalcTextSize(number.c_str());
        list->AddText({from.x + (left - size.x) / 2, middle - size.y / 2},
                      answered ? colour::accent_dark : colour::muted, number.c_str());
        list->AddText(nullptr, 0, {from.x + left, middle - text.y / 2}, colour::text, label.c_str(), nullptr,
                      width - left - ui.em(0.8F));
    }
    note_widget(ui, Role::list_item, label, std::to_string(place + 1), {from.x, from.y, to.x, to.y},
                card.editable, answered, has_keyboard);

    bool focused = has_keyboard;
    const float y = start.y + (height - ui.em(2.0F)) / 2;
    const ImVec2 end = ImGui::GetCursorPos();
    std::optional<std::size_t> wanted;
    ImGui::SetCursorPos({start.x + width + ui.em(0.4F), y});
    if (arrow_button(card, Arrow::up, label, place > 0, focused)) wanted = place - 1;
    ImGui::SetCursorPos({start.x + width + ui.em(2.8F), y});
    if (arrow_button(card, Arrow::down, label, place + 1 < count, focused)) wanted = place + 1;
    ImGui::SetCursorPos(end);
    ImGui::Dummy({0, 0});
    ImGui::SetCursorPos(end);
    ImGui::PopID();
    if (focused && card.editable && !wanted) wanted = place_pressed();
    if (wanted && *wanted < count) ui.act(app::MoveRanked{card.node, choice.name, *wanted});
    card.focused = card.focused || focused;
}

}  // namespace

void draw_rank(QuestionCard& card) {
    Ui& ui = card.ui;
    const auto order = app::ranking(card.interview, card.node);
    if (order.empty()) {
        small_text(ui, ui.t("question.nothing_to_rank"));
        return;
    }
    const bool answered = app::ranked(card.interview, card.node);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.em(0.4F), ui.em(0.4F)});
    ImGui::PushID(card.path.c_str());
    for (std::size_t place = 0; place < order.size(); ++place)
        draw_row(card, *order[place], place, order.size(), answered);
    ImGui::PopID();
    card.focus_taken = card.wants_focus;
    OptionLook look;
    look.several = true;
    look.picked = answered;
    look.enabled = card.editable;
    const OptionResult result =
        option(ui, card.path + "//", ui.t("question.rank_right"), card.label, look, false);
    ImGui::PopStyleVar();
    card.focused = card.focused || result.focused;
    if (!result.pressed) return;
    if (answered) {
        ui.act(app::ClearAnswer{card.node});
    } else {
        ui.act(app::ConfirmRanking{card.node});
    }
}

}  // namespace fieldfare::gui
