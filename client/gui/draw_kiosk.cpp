#include "client/app/kiosk.h"

#include <variant>

#include "client/gui/screens.h"
#include "client/gui/theme.h"
#include "imgui_internal.h"
#include "schema/withdrawal.h"

// The respondent's side of an unattended machine.
namespace fieldfare::gui {

namespace {

using Cover = app::Kiosk::Cover;

std::string seconds(int count) {
    return std::to_string(count);
}

void languages(Ui& ui, const std::vector<schema::Language>& offered, std::size_t chosen) {
    if (offered.size() < 2) return;
    subheading(ui, ui.t("kiosk.language"));
    for (std::size_t i = 0; i < offered.size(); ++i) {
        if (option(ui, "language" + std::to_string(i), own_name(offered[i]), ui.t("kiosk.language"),
                   {.picked = i == chosen}, false)
                .pressed) {
            ui.act(app::SetFormLanguage{i});
        }
    }
    gap(ui, 0.4F);
}

void start(Ui& ui, const app::Session& session, const app::Kiosk& kiosk) {
    gap(ui, 1.0F);
    heading(ui, session.study.title);
    gap(ui, 0.2F);
    if (session.form) languages(ui, session.form->form().languages, kiosk.language);
    {
        const Card card(ui, Card::Kind::tinted);
        paragraph(ui, ui.t("kiosk.alone"));
        paragraph(ui, ui.t("kiosk.memory"));
        paragraph(ui, ui.t("kiosk.leaving"));
        paragraph(ui, ui.t("kiosk.hiding"));
    }
    gap(ui, 0.5F);
    if (button(ui, ui.t("kiosk.begin"), {.kind = ButtonKind::primary, .width = ui.width}))
        ui.act(app::StartInterview{});
}

void sealed(Ui& ui, const app::Session& session) {
    gap(ui, 2.0F);
    heading(ui, ui.t("kiosk.thanks"));
    {
        const Card card(ui, Card::Kind::good);
        paragraph(ui, ui.t("kiosk.sealed"));
        if (session.form && schema::offers_withdrawal(session.form->form()))
            paragraph(ui, ui.t("kiosk.sealed_code"));
    }
    gap(ui, 0.5F);
    if (button(ui, ui.t("kiosk.done"), {.kind = ButtonKind::primary, .width = ui.width}))
        ui.act(app::NextRespondent{});
    const int left = app::seconds_until(app::end_screen_until(ui.state, *session.kiosk), ui.state.now_ms);
    small_text(ui, ui.t("kiosk.sealed_next", {{"seconds", seconds(left)}}));
}

void cover(Ui& ui, const Cover& cover, bool sealing) {
    const bool idle = cover.why == Cover::Why::idle;
    gap(ui, 2.0F);
    if (sealing) {  // nothing can be erased or shown before the worker has answered
        heading(ui, ui.t("kiosk.hidden_title"));
        paragraph(ui, ui.t("kiosk.hidden_sealing"));
        return;
    }
    heading(ui, ui.t(idle ? "kiosk.idle_title" : "kiosk.hidden_title"));
    paragraph(ui, ui.t(idle ? "kiosk.idle" : "kiosk.hidden"));
    const int left = app::seconds_until(cover.until_ms, ui.state.now_ms);
    paragraph(ui, ui.t("kiosk.erased_in", {{"seconds", seconds(left)}}), Tone::warn, Role::alert);
    gap(ui, 0.5F);
    const auto go_on = [&] {
        const ButtonKind kind = idle ? ButtonKind::primary : ButtonKind::secondary;
        if (button(ui, ui.t("kiosk.go_on"), {.kind = kind, .width = ui.width})) ui.act(app::ShowAnswers{});
    };
    // First what whoever comes here most likely wants: who has hidden the answers may be in a hurry.
    if (idle) go_on();
    if (button(ui, ui.t("kiosk.erase"), {.kind = ButtonKind::danger, .width = ui.width}))
        ui.act(app::EraseAnswers{});
    if (!idle) go_on();
}

void door(Ui& ui, const app::Session& session, const app::Kiosk& kiosk) {
    const app::Kiosk::StaffDoor& door = *kiosk.door;
    gap(ui, 1.0F);
    heading(ui, ui.t("kiosk.door_title"));
    paragraph(ui, ui.t(door.closes ? "kiosk.door_closes" : "kiosk.door_intro"));
    if (session.open && !session.open->sealing)
        paragraph(ui, ui.t("kiosk.door_erases"), Tone::warn, Role::alert);
    gap(ui, 0.4F);
    why(ui, door.why);
    {
        const Card card(ui);
        subheading(ui, ui.t("passphrase.label"));
        if (door.busy) return paragraph(ui, ui.t("unlock.busy"), Tone::muted);
        const int wait = app::seconds_until(kiosk.waits_until_ms, ui.state.now_ms);
        const FieldResult typed = passphrase_field(ui, ui.t("passphrase.label"));
        gap(ui, 0.2F);
        const std::string opens = ui.t(door.closes ? "kiosk.door_close" : "kiosk.door_open");
        const bool pressed = button(ui, opens, {.kind = ButtonKind::primary, .enabled = wait == 0});
        if ((pressed || typed.entered) && wait == 0) ui.act(app::TryPassphrase{take_passphrase(ui)});
        if (typed.entered && wait > 0) ui.scratch.passphrase_tried = true;  // Enter again, later
        ImGui::SameLine();
        if (button(ui, ui.t("kiosk.door_back"))) ui.act(app::LeaveStaffDoor{});
        if (wait > 0) small_text(ui, ui.t("unlock.wait", {{"seconds", seconds(wait)}}), Tone::warn);
    }
}

}  // namespace

std::string kiosk_screen(const app::Session& session) {
    const app::Kiosk& kiosk = *session.kiosk;
    if (kiosk.door) return "door";
    if (kiosk.cover) return "cover";
    if (session.place == app::Place::respondents) return kiosk.sealed ? "sealed" : "start";
    return {};
}

bool draw_kiosk(Ui& ui, const app::Session& session) {
    const app::Kiosk& kiosk = *session.kiosk;
    if (kiosk_screen(session).empty()) return false;
    if (kiosk.door)
        door(ui, session, kiosk);
    else if (kiosk.cover)
        cover(ui, *kiosk.cover, session.open && session.open->sealing);
    else if (kiosk.sealed)
        sealed(ui, session);
    else
        start(ui, session, kiosk);
    return true;
}

void draw_kiosk_keys(Ui& ui, const app::Session& session) {
    const app::Kiosk& kiosk = *session.kiosk;
    // Nobody else's: a field would take it as "what stood here before".
    const ImGuiID owner = ImGui::GetID("hide");
    ImGui::SetKeyOwner(ImGuiKey_Escape, owner, ImGuiInputFlags_LockThisFrame);
    if (!ImGui::IsKeyPressed(ImGuiKey_Escape, ImGuiInputFlags_None, owner)) return;
    if (kiosk.door)
        ui.act(app::LeaveStaffDoor{});
    else if (kiosk.cover)
        ui.act(app::EraseAnswers{});
    else if (kiosk.sealed)
        ui.act(app::NextRespondent{});
    else
        ui.act(app::HideAnswers{});
}

void draw_staff(Ui& ui) {
    heading(ui, ui.t("kiosk.staff_title"));
    paragraph(ui, ui.t("kiosk.staff_intro"), Tone::muted);
    gap(ui, 0.1F);
    if (button(ui, ui.t("kiosk.open_to"), {.kind = ButtonKind::primary})) ui.act(app::OpenToRespondents{});
    ImGui::SameLine();
    if (button(ui, ui.t("home.sync"))) ui.act(app::ShowSync{});
}

bool serves_respondents(const Ui& ui) {
    const auto* session = std::get_if<app::Session>(&ui.state.stage);
    if (session != nullptr) return app::unattended(session->study);
    const auto* run = std::get_if<app::FirstRun>(&ui.state.stage);
    return run != nullptr && run->package.unattended;
}

}  // namespace fieldfare::gui
