#include <functional>

#include "client/gui/screens.h"

// Choosing a file: a list of names, no previews, nothing remembered.
namespace fieldfare::gui {

namespace {

void draw_places(Ui& ui, const app::FilePicker& picker) {
    bool first = true;
    for (const app::FilePlace& place : picker.shown.places) {
        const std::string label = place.kind == app::FilePlace::Kind::home ? ui.t("picker.home") : place.name;
        if (!first) ImGui::SameLine();
        first = false;
        if (button(ui, label,
                   {.enabled = !picker.busy, .small = true, .chosen = place.path == picker.shown.path},
                   place.path))
            ui.act(app::OpenFolder{place.path});
    }
}

void draw_entries(Ui& ui, const app::FilePicker& picker, bool take_focus) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.em(0.4F), ui.em(0.25F)});
    OptionLook look;
    look.link = true;
    look.enabled = !picker.busy;
    const auto row = [&](const std::string& id, const std::string& label, const std::string& tag) {
        look.tag = tag;
        const bool pressed = option(ui, id, label, ui.t("picker.list"), look, take_focus).pressed;
        take_focus = false;
        return pressed;
    };
    if (!picker.shown.parent.empty() && row("up", ui.t("picker.up"), "")) {
        ui.act(app::OpenFolder{picker.shown.parent});
    }
    for (const app::FolderEntry& entry : picker.shown.entries) {
        if (entry.kind == app::FolderEntry::Kind::folder) {
            if (row("folder/" + entry.name, entry.name + "/", ui.t("picker.folder")))
                ui.act(
                    app::OpenFolder{picker.shown.path + (picker.shown.path == "/" ? "" : "/") + entry.name});
        } else if (row("file/" + entry.name, entry.name, size_in_words(ui, entry.size))) {
            ui.act(app::PickFile{entry.name});
        }
    }
    ImGui::PopStyleVar();
}

}  // namespace

void draw_file_picker(Ui& ui, const app::FilePicker& picker, const PickerWords& words) {
    heading(ui, ui.t("picker.title"));
    paragraph(ui, words.what_for);
    small_text(ui, words.intro);
    gap(ui, 0.2F);
    if (button(ui, ui.t("picker.cancel"), {.small = true}) ||
        ImGui::IsKeyPressed(ImGuiKey_Escape, /*repeat=*/false))
        ui.act(app::LeavePicker{});
    gap(ui, 0.2F);
    draw_places(ui, picker);
    if (!picker.why.empty()) banner(ui, Card::Kind::error, ui.t(picker.why));
    if (picker.shown.path.empty()) {
        if (picker.busy) paragraph(ui, ui.t("picker.reading"), Tone::muted);
        return;
    }
    const Card card(ui);
    small_text(ui, picker.shown.path);
    if (!picker.busy && ImGui::IsKeyPressed(ImGuiKey_Backspace, /*repeat=*/false) &&
        !picker.shown.parent.empty())
        ui.act(app::OpenFolder{picker.shown.parent});
    // Each folder begins with its first line.
    const std::string folder = "picker " + std::to_string(std::hash<std::string>{}(picker.shown.path));
    const bool fresh = ui.scratch.focused_screen != folder;
    ui.scratch.focused_screen = folder;
    draw_entries(ui, picker, fresh);
    if (picker.shown.entries.empty()) small_text(ui, words.empty);
    if (picker.shown.cut_short) small_text(ui, ui.t("picker.cut_short"), Tone::warn);
}

}  // namespace fieldfare::gui
