#include "client/gui/screens.h"
#include "client/gui/theme.h"

// From the review to the seal, where the respondent gets a code to take the interview back with.
namespace fieldfare::gui {

namespace {

using Step = app::WithdrawalCode::Step;

void hand_over(Ui& ui) {
    heading(ui, ui.t("withdrawal.title"));
    {
        const Card card(ui, Card::Kind::tinted);
        paragraph(ui, ui.t("withdrawal.interviewer"));
    }
    gap(ui, 0.5F);
    if (button(ui, ui.t("withdrawal.show"), {.kind = ButtonKind::primary, .width = ui.width})) {
        ui.act(app::ShowCode{});
    }
    if (button(ui, ui.t("interview.back"))) ui.act(app::PreviousStep{});
}

void code(Ui& ui, const app::WithdrawalCode& code, bool alone) {
    heading(ui, ui.t("withdrawal.title"));
    paragraph(ui, ui.t("withdrawal.write_down"));
    gap(ui, 0.2F);
    {
        const Card card(ui, Card::Kind::tinted);
        ImGui::PushFont(ui.scratch.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.6F);
        ImGui::TextUnformatted(code.text.data(), code.text.data() + code.text.size());
        ImGui::PopFont();
        const ImVec2 from = ImGui::GetItemRectMin();
        const ImVec2 to = ImGui::GetItemRectMax();
        note_widget(ui, Role::text, ui.t("withdrawal.code"), code.text, {from.x, from.y, to.x, to.y});
        small_text(ui, ui.t("withdrawal.digits"));
    }
    gap(ui, 0.2F);
    paragraph(ui, ui.t(alone ? "kiosk.code_for" : "withdrawal.what_for"));
    small_text(ui, ui.t("withdrawal.only_this"));
    gap(ui, 0.4F);
    if (button(ui, ui.t("withdrawal.noted"), {.kind = ButtonKind::primary, .width = ui.width})) {
        ui.act(app::CodeNoted{});
    }
}

void hand_back(Ui& ui, bool code_of_before) {
    heading(ui, ui.t("handback.title"));
    {
        const Card card(ui, Card::Kind::good);
        paragraph(ui, ui.t("withdrawal.sealed"));
        if (code_of_before) paragraph(ui, ui.t("withdrawal.code_of_before"));
        paragraph(ui, ui.t("withdrawal.give_back"));
    }
    gap(ui, 0.5F);
    if (button(ui, ui.t("handback.begin"), {.kind = ButtonKind::primary, .width = ui.width})) {
        ui.act(app::ShowHome{});
    }
}

}  // namespace

void draw_withdrawal(Ui& ui, const app::Session& session) {
    gap(ui, 2.0F);
    const auto& open = session.open;
    if (!open) return hand_back(ui, session.code_of_before);
    switch (open->code.step) {
        case Step::none:
        case Step::hand_over:
            return hand_over(ui);
        case Step::asked:
            return paragraph(ui, ui.t("app.starting"), Tone::muted);
        case Step::shown:
            return code(ui, open->code, open->alone);
        case Step::noted:
            return paragraph(ui, ui.t("review.sealing"), Tone::muted);
    }
}

}  // namespace fieldfare::gui
