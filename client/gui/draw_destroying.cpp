#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

namespace {

using Step = app::DestroyPassphrase::Step;

void leave(Ui& ui, const char* key) {
    if (button(ui, ui.t(key))) ui.act(app::HideSettings{});
}

/// What it does and what it can't, then the passphrase that opens.
void current(Ui& ui, const app::Session& session) {
    paragraph(ui, ui.t(serves_respondents(ui) ? "kiosk.destroying" : "destroying.intro"));
    paragraph(ui, ui.t(session.study.destroys_sealed ? "destroying.sealed_go" : "destroying.sealed_stay"));
    paragraph(ui, ui.t("destroying.limits"));
    small_text(ui, ui.t("destroying.replaced"));
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("destroying.current"));
    const FieldResult typed = passphrase_field(ui, ui.t("destroying.current"));
    gap(ui, 0.2F);
    if (button(ui, ui.t("destroying.go_on"), {.kind = ButtonKind::primary}) || typed.entered)
        ui.act(app::TryPassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    leave(ui, "app.cancel");
}

void choose(Ui& ui) {
    paragraph(ui, ui.t("destroying.choose_intro"));
    gap(ui, 0.3F);
    {
        const Card card(ui);
        subheading(ui, ui.t("destroying.label"));
        const FieldResult typed = passphrase_field(ui, ui.t("destroying.label"));
        passphrase_strength(ui);
        show_typing(ui);
        gap(ui, 0.2F);
        if (button(ui, ui.t("destroying.go_on"), {.kind = ButtonKind::primary}) || typed.entered)
            ui.act(app::ChoosePassphrase{take_passphrase(ui)});
        ImGui::SameLine();
        leave(ui, "app.cancel");
    }
    gap(ui, 0.4F);
    small_text(ui, ui.t("destroying.or_remove"));
    if (button(ui, ui.t("destroying.remove"))) ui.act(app::RemoveDestroyPassphrase{});
}

void repeat(Ui& ui) {
    paragraph(ui, ui.t("destroying.repeat_intro"));
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("destroying.label"));
    const FieldResult typed = passphrase_field(ui, ui.t("destroying.label"));
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("destroying.use"), {.kind = ButtonKind::danger}) || typed.entered)
        ui.act(app::RepeatPassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    if (button(ui, ui.t("passphrase.back"))) ui.act(app::BackToPassphrase{});
}

}  // namespace

void draw_destroying(Ui& ui, const app::Session& session, const app::DestroyPassphrase& destroying) {
    heading(ui, ui.t("destroying.title"));
    why(ui, destroying.why);
    if (destroying.busy) return paragraph(ui, ui.t("destroying.busy"), Tone::muted);
    switch (destroying.step) {
        case Step::current:
            return current(ui, session);
        case Step::chosen:
            return choose(ui);
        case Step::repeated:
            return repeat(ui);
        case Step::done:
            paragraph(ui, ui.t(destroying.told));
            gap(ui, 0.3F);
            if (button(ui, ui.t("settings.done"), {.kind = ButtonKind::primary})) ui.act(app::HideSettings{});
    }
}

}  // namespace fieldfare::gui
