#include <algorithm>
#include <utility>

#include "client/gui/screens.h"
#include "imgui.h"

// The form's languages, to choose from.
namespace fieldfare::gui {

std::string own_name(const schema::Language& language) {
    static constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"en", "English"}, {"ru", "Русский"}, {"de", "Deutsch"}, {"ka", "ქართული"},
        {"hy", "Հայերեն"}, {"sr", "Srpski"},  {"kk", "Қазақша"}, {"tr", "Türkçe"}};
    const auto known = std::ranges::find(names, language.code, [](const auto& name) { return name.first; });
    return known != std::end(names) ? std::string(known->second)
                                    : language.name.substr(0, language.name.find(" ("));
}

float draw_languages(Ui& ui, const app::OpenInterview& open, float right) {
    const auto& languages = open.interview.form().form().languages;
    if (languages.size() < 2) return right;
    const auto name_of = [&](std::size_t index) { return own_name(languages[index]); };
    if (languages.size() <= 3) {
        float width = 0;
        for (std::size_t i = 0; i < languages.size(); ++i)
            width += button_width(ui, name_of(i), true) + ui.em(0.3F);
        ImGui::SetCursorPosX(right - width);
        for (std::size_t i = 0; i < languages.size(); ++i) {
            if (button(ui, name_of(i), {.small = true, .chosen = i == open.language}, "language")) {
                ui.act(app::SetFormLanguage{i});
            }
            ImGui::SameLine(0, ui.em(0.3F));
        }
        return right - width;
    }
    const float width = ui.em(9);
    ImGui::SetCursorPosX(right - width);
    ImGui::SetNextItemWidth(width);
    const bool listed = ImGui::BeginCombo("##languages", name_of(open.language).c_str());
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    const bool focused = !listed && ImGui::IsItemFocused();
    note_widget(ui, Role::button, ui.t("interview.language"), name_of(open.language),
                {from.x, from.y, to.x, to.y}, /*enabled=*/true, /*checked=*/false, focused);
    if (listed) {
        for (std::size_t i = 0; i < languages.size(); ++i) {
            if (ImGui::Selectable(name_of(i).c_str(), i == open.language)) ui.act(app::SetFormLanguage{i});
            const ImVec2 a = ImGui::GetItemRectMin();
            const ImVec2 b = ImGui::GetItemRectMax();
            note_widget(ui, Role::button, name_of(i), {}, {a.x, a.y, b.x, b.y}, /*enabled=*/true,
                        /*checked=*/i == open.language, ImGui::IsItemFocused());
        }
        ImGui::EndCombo();
    }
    ImGui::SameLine();
    return right - width;
}

}  // namespace fieldfare::gui
