#include "client/gui/screens.h"
#include "client/gui/theme.h"

// Another passphrase, with a token file or without.
namespace fieldfare::gui {

namespace {

using Step = app::NewPassphrase::Step;
using Token = app::ChangePassphrase::Token;

void leave(Ui& ui) {
    if (button(ui, ui.t("app.cancel"))) ui.act(app::HideSettings{});
}

void current(Ui& ui) {
    paragraph(ui, ui.t("changing.intro"));
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("destroying.current"));
    const FieldResult typed = passphrase_field(ui, ui.t("destroying.current"));
    gap(ui, 0.2F);
    if (button(ui, ui.t("changing.go_on"), {.kind = ButtonKind::primary}) || typed.entered)
        ui.act(app::TryPassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    leave(ui);
}

void token(Ui& ui, const app::Session& session, const app::NewPassphrase& change) {
    const Card card(ui);
    subheading(ui, ui.t("token.title"));
    small_text(ui, ui.t("token.intro"));
    small_text(ui, ui.t("token.limits"));
    small_text(ui, ui.t("token.made_with"));
    gap(ui, 0.2F);
    switch (change.token) {
        case Token::none:
            paragraph(ui, ui.t("token.none"));
            break;
        case Token::same:
            paragraph(ui, ui.t("token.same"));
            break;
        case Token::of_file:
            paragraph(ui, change.token_path);
            break;
    }
    if (change.token != Token::none && !session.study.supervisor)
        paragraph(ui, ui.t("token.no_supervisor"), Tone::warn);
    draw_token_buttons(ui, change.token != Token::none);
}

/// The token first: who has typed the passphrase goes on.
void choose(Ui& ui, const app::Session& session, const app::NewPassphrase& change) {
    token(ui, session, change);
    gap(ui, 0.4F);
    const Card card(ui);
    subheading(ui, ui.t("changing.label"));
    const FieldResult typed = passphrase_field(ui, ui.t("changing.label"));
    passphrase_strength(ui);
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("changing.go_on"), {.kind = ButtonKind::primary}) || typed.entered)
        ui.act(app::ChoosePassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    leave(ui);
}

void repeat(Ui& ui, const app::NewPassphrase& change) {
    paragraph(ui, ui.t("changing.repeat_intro"));
    if (change.token != Token::none) paragraph(ui, ui.t("token.second_copy"), Tone::warn);
    gap(ui, 0.3F);
    const Card card(ui);
    subheading(ui, ui.t("changing.label"));
    const FieldResult typed = passphrase_field(ui, ui.t("changing.label"));
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("changing.change"), {.kind = ButtonKind::primary}) || typed.entered)
        ui.act(app::RepeatPassphrase{take_passphrase(ui)});
    ImGui::SameLine();
    if (button(ui, ui.t("passphrase.back"))) ui.act(app::BackToPassphrase{});
}

}  // namespace

void draw_token_buttons(Ui& ui, bool chosen) {
    if (button(ui, ui.t(chosen ? "token.choose_other" : "token.choose"), {.small = true}))
        ui.act(app::ChooseToken{});
    if (!chosen) return;
    ImGui::SameLine();
    if (button(ui, ui.t("token.drop"), {.small = true})) ui.act(app::DropToken{});
}

void draw_token_picker(Ui& ui, const app::FilePicker& picker) {
    draw_file_picker(ui, picker,
                     {.what_for = ui.t("token.title"),
                      .intro = ui.t("token.picker_intro"),
                      .empty = ui.t("token.picker_empty")});
}

void draw_changing(Ui& ui, const app::Session& session, const app::NewPassphrase& change) {
    if (change.picker) return draw_token_picker(ui, *change.picker);
    heading(ui, ui.t("changing.title"));
    why(ui, change.why);
    if (change.busy) return paragraph(ui, ui.t("changing.busy"), Tone::muted);
    switch (change.step) {
        case Step::current:
            return current(ui);
        case Step::chosen:
            return choose(ui, session, change);
        case Step::repeated:
            return repeat(ui, change);
        case Step::done:
            paragraph(ui, ui.t(session.needs_token ? "changing.done_with_token" : "changing.done"));
            paragraph(ui, ui.t("changing.destroying_gone"));
            gap(ui, 0.3F);
            if (button(ui, ui.t("settings.done"), {.kind = ButtonKind::primary})) ui.act(app::HideSettings{});
    }
}

}  // namespace fieldfare::gui
