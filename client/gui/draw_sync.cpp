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

}  // namespace

void draw_sync(Ui& ui) {
    const app::SyncState& sync = ui.state.sync;
    heading(ui, ui.t("sync.title"));
    paragraph(ui, ui.t("sync.intro"));
    gap(ui, 0.4F);
    if (sync.running) {
        paragraph(ui, ui.t("sync.running"), Tone::accent);
    } else if (!sync.result.empty()) {
        banner(ui, sync.failed ? Card::Kind::error : Card::Kind::good, ui.t(sync.result));
    }
    gap(ui, 0.2F);
    if (sync.running) {
        if (button(ui, ui.t("sync.stop"))) ui.act(app::CancelSync{});
    } else if (button(ui, ui.t(sync.ever_ran ? "sync.again" : "sync.start"), {.kind = ButtonKind::primary})) {
        ui.act(app::BeginSync{});
    }
    ImGui::SameLine();
    if (button(ui, ui.t("interview.back"))) ui.act(app::ShowHome{});
    gap(ui, 0.4F);
    if (sync.files.empty()) {
        if (sync.ever_ran && !sync.running && !sync.failed && sync.result.empty()) {
            paragraph(ui, ui.t("sync.nothing"), Tone::muted);
        }
        return;
    }
    const Card card(ui);
    for (const app::SyncFile& file : sync.files) {
        draw_file(ui, file);
    }
}

}  // namespace fieldfare::gui
