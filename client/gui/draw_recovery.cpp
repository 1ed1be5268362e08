#include "client/gui/screens.h"
#include "client/gui/theme.h"

// The passphrase is forgotten: a request to the study's supervisor, the answer, a new passphrase.
namespace fieldfare::gui {

namespace {

using Step = app::Recovering::Step;

void leave(Ui& ui, const char* key) {
    if (button(ui, ui.t(key))) ui.act(app::LeaveRecovery{});
}

void ask(Ui& ui) {
    paragraph(ui, ui.t("recovery.intro"));
    paragraph(ui, ui.t("recovery.without"));
    gap(ui, 0.3F);
    if (button(ui, ui.t("recovery.ask"), {.kind = ButtonKind::primary})) ui.act(app::AskSupervisor{});
    ImGui::SameLine();
    leave(ui, "recovery.back");
}

/// What to do with the request, in the order in which it is done.
void wait(Ui& ui, const app::Recovering& recovering) {
    {
        const Card card(ui);
        subheading(ui, ui.t("recovery.send"));
        paragraph(ui, recovering.file);
        small_text(ui, ui.t("recovery.send_note"));
        // The profile is a hidden folder: a program that sends files takes its path from the clipboard.
        if (button(ui, ui.t("recovery.copy_path"), {.small = true}))
            ImGui::SetClipboardText(recovering.file.c_str());
        gap(ui, 0.4F);
        subheading(ui, ui.t("recovery.read_out"));
        digits(ui, ui.t("recovery.digits"), recovering.digits);
        small_text(ui, ui.t("recovery.read_out_note"));
        gap(ui, 0.4F);
        subheading(ui, ui.t("recovery.answer"));
        small_text(ui, ui.t("recovery.answer_note"));
        if (button(ui, ui.t("recovery.choose"), {.kind = ButtonKind::primary})) ui.act(app::ChooseAnswer{});
    }
    gap(ui, 0.2F);
    small_text(ui, ui.t("recovery.stay_open"), Tone::warn);
    leave(ui, "recovery.give_up");
}

void choose(Ui& ui) {
    paragraph(ui, ui.t("recovery.choose_intro"));
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("recovery.passphrase"));
    const FieldResult typed = passphrase_field(ui, ui.t("recovery.passphrase"));
    passphrase_strength(ui);
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("passphrase.use"), {.kind = ButtonKind::primary}) || typed.entered)
        ui.act(app::ChoosePassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    leave(ui, "recovery.give_up");
}

void repeat(Ui& ui) {
    paragraph(ui, ui.t("recovery.repeat_intro"));
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("recovery.passphrase"));
    const FieldResult typed = passphrase_field(ui, ui.t("recovery.passphrase"));
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("recovery.open"), {.kind = ButtonKind::primary}) || typed.entered)
        ui.act(app::RepeatPassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    if (button(ui, ui.t("passphrase.back"))) ui.act(app::BackToPassphrase{});
}

const char* title_of(Step step) {
    switch (step) {
        case Step::ask:
            return "recovery.title";
        case Step::wait:
            return "recovery.wait_title";
        case Step::chosen:
        case Step::repeated:
            return "recovery.passphrase_title";
    }
    return "recovery.title";
}

}  // namespace

std::string who_recovers(const Ui& ui, const std::optional<app::NamedKey>& supervisor) {
    const bool unattended = serves_respondents(ui);
    if (!supervisor) return ui.t(unattended ? "kiosk.by_nobody" : "recovery.by_nobody");
    return ui.t(unattended ? "kiosk.by_supervisor" : "recovery.by_supervisor",
                {{"name", supervisor->name.empty() ? ui.t("study_file.unnamed") : supervisor->name}});
}

void draw_recovery(Ui& ui, const app::Recovering& recovering) {
    if (recovering.picker)
        return draw_file_picker(ui, *recovering.picker,
                                {.what_for = ui.t("recovery.picker_for"),
                                 .intro = ui.t("recovery.picker_intro"),
                                 .empty = ui.t("recovery.picker_empty")});
    gap(ui, 1.0F);
    heading(ui, ui.t(title_of(recovering.step)));
    why(ui, recovering.why);
    if (recovering.busy) return paragraph(ui, ui.t("recovery.busy"), Tone::muted);
    switch (recovering.step) {
        case Step::ask:
            return ask(ui);
        case Step::wait:
            return wait(ui, recovering);
        case Step::chosen:
            return choose(ui);
        case Step::repeated:
            return repeat(ui);
    }
}

}  // namespace fieldfare::gui
