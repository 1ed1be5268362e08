#include "client/app/closing.h"
#include "client/app/passphrase.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

namespace {

void choose_package(Ui& ui, const app::FirstRun& run) {
    heading(ui, ui.t("first_run.title"));
    paragraph(ui, ui.t("first_run.intro"));
    gap(ui, 0.4F);
    why(ui, run.why);
    draw_package_field(ui, run.path, run.busy);
}

void choose_passphrase(Ui& ui, const app::FirstRun& run) {
    heading(ui, ui.t("first_run.passphrase_title"));
    paragraph(ui, ui.t(run.package.unattended ? "kiosk.passphrase_intro" : "first_run.passphrase_intro"));
    paragraph(ui, who_recovers(ui, run.package.supervisor));
    gap(ui, 0.4F);
    why(ui, run.why);
    const Card card(ui);
    subheading(ui, ui.t("passphrase.label"));
    const FieldResult typed = passphrase_field(ui, ui.t("passphrase.label"));
    passphrase_strength(ui);
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("passphrase.use"), {.kind = ButtonKind::primary}) || typed.entered) {
        ui.act(app::ChoosePassphrase{take_passphrase(ui)});
    }
}

void repeat_passphrase(Ui& ui, const app::FirstRun& run) {
    heading(ui, ui.t("first_run.repeat_title"));
    paragraph(ui, ui.t("first_run.repeat_intro"));
    gap(ui, 0.4F);
    why(ui, run.why);
    const Card card(ui);
    if (run.busy) {
        paragraph(ui, ui.t("first_run.creating"), Tone::muted);
        return;
    }
    subheading(ui, ui.t("passphrase.label"));
    const FieldResult typed = passphrase_field(ui, ui.t("passphrase.label"));
    show_typing(ui);
    gap(ui, 0.2F);
    if (button(ui, ui.t("passphrase.repeat"), {.kind = ButtonKind::primary}) || typed.entered) {
        ui.act(app::RepeatPassphrase{take_passphrase(ui)});
    }
    ImGui::SameLine();
    if (button(ui, ui.t("passphrase.back"))) ui.act(app::BackToPassphrase{});
}

}  // namespace

void why(Ui& ui, const app::Message& message) {
    if (message.empty()) return;
    banner(ui, Card::Kind::error, ui.t(message));
    gap(ui, 0.2F);
}

app::Passphrase take_passphrase(Ui& ui) {
    app::Passphrase typed{std::string_view(ui.scratch.passphrase.data())};
    ui.scratch.forget_passphrase();
    ui.scratch.passphrase_tried = true;
    return typed;
}

void show_typing(Ui& ui) {
    if (option(ui, "show", ui.t("passphrase.show"), {},
               {.several = true, .picked = ui.scratch.show_passphrase}, false)
            .pressed) {
        ui.scratch.show_passphrase = !ui.scratch.show_passphrase;
    }
}

void passphrase_strength(Ui& ui) {
    struct Look {
        const char* key;
        float fraction;
        Tone tone;
    };
    const auto look = [&]() -> Look {
        switch (app::strength_of(ui.scratch.passphrase.data())) {
            case app::Strength::too_short:
                return {"passphrase.strength.too_short", 0.1F, Tone::error};
            case app::Strength::weak:
                return {"passphrase.strength.weak", 0.35F, Tone::warn};
            case app::Strength::fair:
                return {"passphrase.strength.fair", 0.65F, Tone::accent};
            case app::Strength::strong:
                return {"passphrase.strength.strong", 1.0F, Tone::good};
        }
        return {};
    }();
    const bool empty = ui.scratch.passphrase[0] == '\0';
    progress_bar(ui, ui.t("passphrase.label"), empty ? 0 : look.fraction, ui.width);
    small_text(ui, empty ? " " : ui.t(look.key), look.tone);
}

void draw_package_field(Ui& ui, const std::string& known_path, bool busy) {
    const Card card(ui);
    subheading(ui, ui.t("first_run.path"));
    std::string path;
    const bool take_focus = ui.scratch.focused_screen != ui.scratch.screen;
    ui.scratch.focused_screen = ui.scratch.screen;
    std::string& kept = ui.scratch.fields["first_run.path.kept"];
    if (kept.empty()) kept = known_path;
    const FieldResult typed = field(ui, "first_run.path", kept, path,
                                    {.label = ui.t("first_run.path"),
                                     .hint = ui.t("first_run.path_hint"),
                                     .enabled = !busy,
                                     .max_characters = 4096},
                                    take_focus);
    if (typed.edited) kept = path;
    const bool pressed = button(ui, ui.t("first_run.read"), {.kind = ButtonKind::primary, .enabled = !busy});
    if (pressed || (typed.entered && !busy)) ui.act(app::ChoosePackage{path});
    if (busy) small_text(ui, ui.t("first_run.reading"));
}

void draw_package_check(Ui& ui, const app::PackageSummary& package) {
    heading(ui, ui.t("first_run.check_title"));
    {
        const Card card(ui);
        // The code stands at the right with its caption below; the rest has the room beside it.
        const float x = ImGui::GetCursorPosX();
        const float y = ImGui::GetCursorPosY();
        const float whole = ui.width;
        const float code_width = ui.em(10);
        ui.width = whole - code_width - ui.em(1.5F);
        subheading(ui, package.title);
        small_text(ui, ui.t("first_run.version", {{"version", package.version}}));
        std::string languages;
        for (const std::string& language : package.languages) {
            languages += (languages.empty() ? "" : ", ") + language.substr(0, language.find(" ("));
        }
        if (!languages.empty()) small_text(ui, ui.t("first_run.languages", {{"languages", languages}}));
        const std::string count = std::to_string(package.recipients);
        if (package.opening_quorum == 0)
            small_text(ui, ui.t("first_run.recipients", {{"count", count}}));
        else
            small_text(ui, ui.t("first_run.custodians",
                                {{"quorum", std::to_string(package.opening_quorum)}, {"count", count}}));
        if (package.supervisor) small_text(ui, who_recovers(ui, package.supervisor));
        if (package.unattended) small_text(ui, ui.t("kiosk.package"), Tone::warn);
        gap(ui, 0.4F);
        digits(ui, ui.t("first_run.fingerprint"), package.fingerprint);
        const float end = ImGui::GetCursorPosY();
        const float column = x + whole - code_width;
        ImGui::SetCursorPosY(y);
        ImGui::Indent(column - x);
        ui.width = code_width;
        qr_code(ui, ui.t("first_run.qr"), package.fingerprint);
        small_text(ui, ui.t("first_run.qr"));
        ui.width = whole;
        ImGui::Unindent(column - x);
        ImGui::SetCursorPosX(x);
        ImGui::SetCursorPosY(std::max(end, ImGui::GetCursorPosY()));
    }
    gap(ui, 0.2F);
    paragraph(ui, ui.t("first_run.check"));
    gap(ui, 0.3F);
    if (button(ui, ui.t("first_run.same"), {.kind = ButtonKind::primary})) ui.act(app::ConfirmPackage{});
    ImGui::SameLine();
    if (button(ui, ui.t("first_run.other"))) ui.act(app::RejectPackage{});
}

void draw_first_run(Ui& ui, const app::FirstRun& run) {
    switch (run.step) {
        case app::FirstRunStep::choose_package:
            return choose_package(ui, run);
        case app::FirstRunStep::check_package:
            return draw_package_check(ui, run.package);
        case app::FirstRunStep::choose_passphrase:
            return choose_passphrase(ui, run);
        case app::FirstRunStep::repeat_passphrase:
            return repeat_passphrase(ui, run);
    }
}

void draw_enrolled(Ui& ui, const app::Session& session) {
    heading(ui, ui.t("first_run.enrolled_title"));
    paragraph(ui, ui.t("first_run.enrolled_intro"));
    gap(ui, 0.4F);
    {
        const Card card(ui);
        subheading(ui, ui.t("first_run.enrolment_number"));
        digits(ui, ui.t("first_run.enrolment_number"), session.study.enrolment_number);
    }
    gap(ui, 0.4F);
    if (button(ui, ui.t("first_run.enrolled_done"), {.kind = ButtonKind::primary}))
        ui.act(app::FinishFirstRun{});
}

void draw_locked(Ui& ui, const app::Locked& locked) {
    if (locked.recovering) return draw_recovery(ui, *locked.recovering);
    if (locked.token_picker) return draw_token_picker(ui, *locked.token_picker);
    if (locked.rescuing) return draw_rescue(ui, locked, *locked.rescuing);
    gap(ui, 2.0F);
    heading(ui, ui.t("unlock.title"));
    if (locked.by_itself) paragraph(ui, ui.t("unlock.idle"), Tone::muted);
    if (app::tells_of_unsaved(locked)) paragraph(ui, ui.t("unlock.unsaved"), Tone::warn, Role::alert);
    gap(ui, 0.4F);
    why(ui, locked.why);
    if (!locked.damaged_in.empty() && !locked.busy) {
        if (button(ui, ui.t("rescue.show"))) ui.act(app::ShowRescue{});
        gap(ui, 0.3F);
    }
    {
        const Card card(ui);
        subheading(ui, ui.t("passphrase.label"));
        if (locked.busy) {
            paragraph(ui, ui.t("unlock.busy"), Tone::muted);
        } else {
            const int wait = app::seconds_to_wait(locked, ui.state.now_ms);
            const FieldResult typed = passphrase_field(ui, ui.t("passphrase.label"));
            gap(ui, 0.2F);
            const bool pressed =
                button(ui, ui.t("unlock.button"), {.kind = ButtonKind::primary, .enabled = wait == 0});
            if ((pressed || typed.entered) && wait == 0) {
                ui.act(app::TryPassphrase{take_passphrase(ui)});
            }
            if (typed.entered && wait > 0) ui.scratch.passphrase_tried = true;  // Enter again, later
            if (wait > 0)
                small_text(ui, ui.t("unlock.wait", {{"seconds", std::to_string(wait)}}), Tone::warn);
            if (!ui.state.token_path.empty()) {
                gap(ui, 0.4F);
                subheading(ui, ui.t("token.title"));
                paragraph(ui, ui.t("token.chosen"));  // not where: others may look
                draw_token_buttons(ui, true);
            }
        }
    }
    draw_handing_over(ui);
    gap(ui, 0.6F);
    if (ui.state.token_path.empty() &&
        button(ui, ui.t("token.unlock"), {.kind = ButtonKind::quiet, .enabled = !locked.busy}))
        ui.act(app::ChooseToken{});
    if (button(ui, ui.t("unlock.sync"), {.kind = ButtonKind::quiet})) ui.act(app::ShowSync{});
    if (button(ui, ui.t("unlock.forgotten"), {.kind = ButtonKind::quiet, .enabled = !locked.busy}))
        ui.act(app::ShowRecovery{});
}

}  // namespace fieldfare::gui
