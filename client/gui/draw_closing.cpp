#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

void draw_closing(Ui& ui, const app::OpenInterview& open) {
    gap(ui, 2.0F);
    heading(ui, ui.t("closing.title"));
    {
        const Card card(ui, Card::Kind::error);
        paragraph(ui, ui.t(open.save_failed), Tone::error, Role::alert);
    }
    paragraph(ui, ui.t("closing.what_is_lost"));
    gap(ui, 0.4F);
    if (button(ui, ui.t("interview.save_again"), {.kind = ButtonKind::primary})) ui.act(app::SaveAgain{});
    ImGui::SameLine();
    if (button(ui, ui.t("closing.stay"))) ui.act(app::StayOpen{});
    ImGui::SameLine();
    if (button(ui, ui.t("closing.anyway"), {.kind = ButtonKind::danger})) ui.act(app::CloseWindow{});
}

}  // namespace fieldfare::gui
