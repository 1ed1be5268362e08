#include "client/gui/screens.h"
#include "client/gui/theme.h"

// The vault is damaged: what can be read of it is rescued, with the study file where that is needed.
namespace fieldfare::gui {

namespace {

using Step = app::Rescuing::Step;

void leave(Ui& ui) {
    if (button(ui, ui.t("rescue.back"))) ui.act(app::LeaveRescue{});
}

void ask(Ui& ui, const app::Locked& locked, const app::Rescuing& rescuing) {
    heading(ui, ui.t("rescue.title"));
    why(ui, rescuing.why);
    if (rescuing.busy) return paragraph(ui, ui.t("rescue.busy"), Tone::muted);
    paragraph(ui, ui.t("rescue.intro"));
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("rescue.copy_first"));
    paragraph(ui, locked.damaged_in);
    small_text(ui, ui.t("rescue.copy_note"));
    if (button(ui, ui.t("rescue.copy_path"), {.small = true}))
        ImGui::SetClipboardText(locked.damaged_in.c_str());
    gap(ui, 0.4F);
    subheading(ui, ui.t("rescue.passphrase"));
    const int wait = app::seconds_to_wait(locked, ui.state.now_ms);
    const FieldResult typed = passphrase_field(ui, ui.t("passphrase.label"));
    gap(ui, 0.2F);
    const bool pressed =
        button(ui, ui.t("rescue.button"), {.kind = ButtonKind::primary, .enabled = wait == 0});
    if ((pressed || typed.entered) && wait == 0) ui.act(app::TryPassphrase{take_passphrase(ui)});
    if (typed.entered && wait > 0) ui.scratch.passphrase_tried = true;  // Enter again, later
    ImGui::SameLine();
    leave(ui);
    if (!ui.state.token_path.empty()) {
        gap(ui, 0.4F);
        subheading(ui, ui.t("token.title"));
        paragraph(ui, ui.t("token.chosen"));
    }
    gap(ui, 0.2F);
    draw_token_buttons(ui, !ui.state.token_path.empty());
    if (wait > 0) small_text(ui, ui.t("unlock.wait", {{"seconds", std::to_string(wait)}}), Tone::warn);
}

void choose_study(Ui& ui, const app::Rescuing& rescuing) {
    heading(ui, ui.t("rescue.study_title"));
    why(ui, rescuing.why);
    paragraph(ui, ui.t("rescue.study_intro"));
    gap(ui, 0.3F);
    draw_package_field(ui, rescuing.path, rescuing.busy);
    gap(ui, 0.3F);
    leave(ui);
}

}  // namespace

void draw_rescue(Ui& ui, const app::Locked& locked, const app::Rescuing& rescuing) {
    gap(ui, 1.0F);
    switch (rescuing.step) {
        case Step::ask:
            return ask(ui, locked, rescuing);
        case Step::study:
            return choose_study(ui, rescuing);
        case Step::check:
            return draw_package_check(ui, rescuing.package);
    }
}

}  // namespace fieldfare::gui
