#include <algorithm>

#include "client/app/handing_over.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

namespace {

void draw_file(Ui& ui, const app::SyncFile& file) {
    const std::string name = file.name.substr(0, 12) + (file.name.size() > 12 ? "…" : "");
    const std::string size = ui.t("sync.kilobytes", {{"count", std::to_string((file.bytes + 1023) / 1024)}});
    const auto percent = file.bytes == 0 ? 0 : static_cast<int>(100 * file.sent / file.bytes);
    std::string standing;
    Tone tone = Tone::muted;
    switch (file.state) {
        case app::FileState::waiting:
            standing = ui.t("sync.file_waiting");
            break;
        case app::FileState::sending:
            standing = ui.t("sync.file_sending", {{"percent", std::to_string(percent)}});
            tone = Tone::accent;
            break;
        case app::FileState::handed_over:
            standing = ui.t("sync.file_done");
            tone = Tone::good;
            break;
        case app::FileState::failed:
            standing = ui.t("sync.file_failed");
            tone = Tone::error;
            break;
    }
    const float x = ImGui::GetCursorPosX();
    const float y = ImGui::GetCursorPosY();
    paragraph(ui, name + " · " + size);
    const float end = ImGui::GetCursorPosY();
    ImGui::SetCursorPos({x + ui.width - ImGui::CalcTextSize(standing.c_str()).x, y});
    const float whole = ui.width;
    paragraph(ui, standing, tone);
    ui.width = whole;
    ImGui::SetCursorPosX(x);
    ImGui::SetCursorPosY(end);
    const float done =
        file.state == app::FileState::handed_over ? 1.0F : static_cast<float>(percent) / 100.0F;
    progress_bar(ui, name, done, ui.width);
    if (!file.why.empty()) small_text(ui, ui.t(file.why), Tone::error);
    gap(ui, 0.2F);
}

std::string time_in_words(const Ui& ui, int minutes) {
    return minutes < 90 ? ui.t("sync.minutes", {{"count", std::to_string(minutes)}})
                        : ui.t("sync.hours", {{"count", std::to_string((minutes + 30) / 60)}});
}

/// Sent, taken by a store, confirmed by the researchers: three things that people take for one.
void draw_totals(Ui& ui, const app::SyncState& sync) {
    const Card card(ui);
    const app::SyncTotals& totals = sync.totals;
    const auto done =
        static_cast<float>(totals.bytes_sent) / static_cast<float>(std::max<std::uint64_t>(totals.bytes, 1));
    const std::string sent = ui.t("sync.total_sent", {{"sent", size_in_words(ui, totals.bytes_sent)},
                                                      {"all", size_in_words(ui, totals.bytes)}});
    paragraph(ui, sent);
    progress_bar(ui, sent, std::min(done, 1.0F), ui.width);
    paragraph(ui, ui.t("sync.total_taken",
                       {{"count", std::to_string(totals.taken)}, {"files", std::to_string(totals.files)}}));
    const auto* session = std::get_if<app::Session>(&ui.state.stage);
    const auto confirmed = session != nullptr ? std::optional(session->counts.confirmed) : sync.confirmed;
    if (!confirmed) return;
    paragraph(ui, ui.t("sync.total_confirmed", {{"count", std::to_string(*confirmed)}}));
}

/// Whoever has the locked machine reads only what a person has asked it for: no store's name, no counts, no
/// time at which it sends.
bool may_tell(const Ui& ui) {
    return std::holds_alternative<app::Session>(ui.state.stage) || !ui.state.sync.by_itself;
}

/// The switch, what a network sees of it, and what comes next.
void draw_by_itself(Ui& ui) {
    const bool on = ui.state.preferences.handing_over == app::HandingOver::by_itself;
    const bool open = std::holds_alternative<app::Session>(ui.state.stage);
    // Where nobody can unlock it can only be switched off.
    if (!on && std::holds_alternative<app::Fatal>(ui.state.stage)) return;
    const Card card(ui);
    const std::string label = ui.t("sync.by_itself");
    if (option(ui, "by_itself", label, ui.t("sync.title"),
               {.several = true, .picked = on, .enabled = on || open}, false)
            .pressed) {
        ui.act(app::ChooseHandingOver{on ? app::HandingOver::when_asked : app::HandingOver::by_itself});
    }
    if (!on && !open) small_text(ui, ui.t("sync.by_itself_locked"));
    small_text(ui, ui.t("sync.by_itself_note"));
    small_text(ui, ui.t("sync.by_itself_seen"), on ? Tone::muted : Tone::warn);
    if (!on || !open || ui.state.sync.running) return;
    if (const auto minutes = app::minutes_to_next(ui.state))
        paragraph(ui, ui.t("sync.next", {{"time", time_in_words(ui, *minutes)}}));
    for (const app::FailedStore& store : ui.state.schedule.failed) {
        const auto minutes = app::minutes_of_rest(ui.state, store);
        if (!minutes || store.rests_until_ms <= ui.state.now_ms) continue;
        gap(ui, 0.2F);
        small_text(ui, ui.t(store.why), Tone::warn);
        small_text(ui, ui.t("sync.rests", {{"time", time_in_words(ui, *minutes)}}));
    }
}

/// Whether a store keeps the newest files back is found out by two people who talk.
void draw_newest(Ui& ui) {
    const auto* session = std::get_if<app::Session>(&ui.state.stage);
    if (session == nullptr || session->newest.digits.empty()) return;
    gap(ui, 0.4F);
    const Card card(ui);
    const app::NewestFile& newest = session->newest;
    const std::string label = ui.t("sync.newest", {{"number", std::to_string(newest.batch)}});
    subheading(ui, label);
    digits(ui, label, newest.digits);
    small_text(ui, ui.t("sync.newest_note"));
}

}  // namespace

void draw_missing(Ui& ui) {
    const auto* session = std::get_if<app::Session>(&ui.state.stage);
    if (session == nullptr || session->counts.missing_files == 0) return;
    gap(ui, 0.2F);
    banner(ui, Card::Kind::warn,
           ui.t("home.missing", {{"files", std::to_string(session->counts.missing_files)},
                                 {"count", std::to_string(session->counts.missing)}}));
}

void draw_sync(Ui& ui) {
    const app::SyncState& sync = ui.state.sync;
    heading(ui, ui.t("sync.title"));
    paragraph(ui, ui.t("sync.intro"));
    gap(ui, 0.4F);
    if (sync.running) {
        paragraph(ui, ui.t(sync.stopped ? "sync.stopping" : "sync.running"), Tone::accent);
    } else if (!sync.result.empty() && may_tell(ui)) {
        banner(ui, sync.failed ? Card::Kind::error : Card::Kind::good, ui.t(sync.result));
    }
    draw_missing(ui);
    gap(ui, 0.2F);
    if (sync.running) {
        if (button(ui, ui.t(sync.stopped ? "sync.stop_at_once" : "sync.stop"))) ui.act(app::CancelSync{});
    } else if (button(ui, ui.t(sync.ever_ran ? "sync.again" : "sync.start"), {.kind = ButtonKind::primary})) {
        ui.act(app::BeginSync{});
    }
    ImGui::SameLine();
    if (button(ui, ui.t("interview.back"))) ui.act(app::ShowHome{});
    gap(ui, 0.4F);
    if (sync.totals.files > 0 && may_tell(ui)) {
        draw_totals(ui, sync);
        gap(ui, 0.4F);
    }
    draw_by_itself(ui);
    draw_newest(ui);
    if (sync.files.empty() || !may_tell(ui)) return;
    gap(ui, 0.4F);
    const Card card(ui);
    for (const app::SyncFile& file : sync.files) {
        draw_file(ui, file);
    }
    const auto more = sync.totals.files - static_cast<int>(sync.files.size());
    if (more > 0) small_text(ui, ui.t("sync.more_files", {{"count", std::to_string(more)}}));
}

void draw_handing_over(Ui& ui) {
    const app::SyncState& sync = ui.state.sync;
    if (sync.running) {
        const bool counted = sync.totals.files > 0 && std::holds_alternative<app::Session>(ui.state.stage);
        small_text(ui, sync.stopped ? ui.t("sync.line_stopping")
                       : counted    ? ui.t("sync.line_running", {{"done", std::to_string(sync.totals.done)},
                                                                 {"files", std::to_string(sync.totals.files)}})
                                    : ui.t("sync.running"));
        if (button(ui, ui.t(sync.stopped ? "sync.line_stop_at_once" : "sync.line_stop"), {.small = true}))
            ui.act(app::CancelSync{});
        return;
    }
    if (ui.state.preferences.handing_over != app::HandingOver::by_itself) return;
    const bool trouble = sync.by_itself && sync.failed;
    small_text(ui, ui.t(trouble ? "sync.line_trouble" : "sync.line_waits"));
}

}  // namespace fieldfare::gui
