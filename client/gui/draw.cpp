#include "client/gui/draw.h"

#include <algorithm>
#include <utility>

#include "client/app/closing.h"
#include "client/app/kiosk.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"
#include "imgui.h"
#include "imgui_internal.h"

namespace fieldfare::gui {

namespace {

float scale_of(app::TextSize size) {
    switch (size) {
        case app::TextSize::normal:
            return 1.0F;
        case app::TextSize::large:
            return 1.2F;
        case app::TextSize::larger:
            return 1.42F;
    }
    return 1.0F;
}

const app::Session* session_of(const app::AppState& state) {
    return std::get_if<app::Session>(&state.stage);
}

bool in_interview(const app::AppState& state) {
    const app::Session* session = session_of(state);
    return session && session->open && session->place == app::Place::interview;
}

/// Over whatever page it is: the cover, or the question for the passphrase.
bool covered(const app::AppState& state) {
    const app::Kiosk* kiosk = app::respondents_side(state);
    return kiosk && (kiosk->cover || kiosk->door);
}

bool asks_to_close(const app::AppState& state) {
    const app::Session* session = session_of(state);
    return session && app::asks_to_close(*session);
}

bool picks_file(const app::AppState& state) {
    return in_interview(state) && session_of(state)->open->picker.has_value();
}

// The screen's name: where it changes, scrolling begins at the top and old fields are forgotten.
std::string screen_of(const app::AppState& state) {
    if (asks_to_close(state)) return "closing";
    if (state.settings_shown) {
        const app::Session* session = session_of(state);
        if (session && session->changing) {
            if (session->changing->picker) return "picker";
            return "changing" + std::to_string(static_cast<int>(session->changing->step));
        }
        if (!session || !session->destroying) return "settings";
        return "destroying" + std::to_string(static_cast<int>(session->destroying->step));
    }
    if (const auto* run = std::get_if<app::FirstRun>(&state.stage)) {
        return "first_run" + std::to_string(static_cast<int>(run->step));
    }
    if (const auto* locked = std::get_if<app::Locked>(&state.stage)) {
        if (locked->sync_shown) return "sync";
        if (locked->recovering && locked->recovering->picker) return "picker";
        if (locked->recovering)
            return "recovering" + std::to_string(static_cast<int>(locked->recovering->step));
        if (locked->token_picker) return "picker";
        if (locked->rescuing) return "rescuing" + std::to_string(static_cast<int>(locked->rescuing->step));
        return "locked";
    }
    const auto* fatal = std::get_if<app::Fatal>(&state.stage);
    if (fatal && fatal->sync_shown) return "sync";
    const app::Session* session = session_of(state);
    if (!session) return "plain";
    if (session->kiosk) {
        if (const std::string name = kiosk_screen(*session); !name.empty()) return name;
    }
    if (picks_file(state)) return "picker";
    if (in_interview(state)) {
        const app::StepKey& step = session->open->step;
        return "step" + std::to_string(static_cast<int>(step.kind)) + '.' + std::to_string(step.anchor);
    }
    if (session->place == app::Place::study_file && session->update) {
        return "study_file" + std::to_string(static_cast<int>(session->update->step));
    }
    if (session->place == app::Place::withdrawal && session->open) {
        return "withdrawal" + std::to_string(static_cast<int>(session->open->code.step));
    }
    return "place" + std::to_string(static_cast<int>(session->place));
}

// A whole-width band; gives the region inside to draw in.
void begin_band(const char* name, float height, ImU32 fill) {
    ImGui::PushStyleColor(ImGuiCol_ChildBg, fill);
    ImGui::BeginChild(
        name, {0, height}, ImGuiChildFlags_NavFlattened,
        ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoSavedSettings);
    ImGui::PopStyleColor();
}

void draw_top(Ui& ui) {
    const float window = ImGui::GetWindowWidth();
    const float height = ImGui::GetWindowHeight();
    const app::Session* session = session_of(ui.state);
    const float small_height = ui.em(2.0F);
    const float button_y = (height - small_height) / 2;
    float right = window - ui.em(0.8F);

    const auto place = [&](const std::string& label) {
        right -= button_width(ui, label, true);
        ImGui::SetCursorPos({right, button_y});
        right -= ui.em(0.2F);
    };
    ButtonLook quiet{.kind = ButtonKind::quiet, .small = true};
    // Drawn from the right; Tab goes from the left, which matters little for three buttons.
    const auto* run = std::get_if<app::FirstRun>(&ui.state.stage);
    const app::Kiosk* kiosk = app::respondents_side(ui.state);
    if (kiosk && session->open && !covered(ui.state)) {
        const std::string hide = ui.t("kiosk.hide");
        place(hide);
        if (button(ui, hide, {.small = true})) ui.act(app::HideAnswers{});
    } else if (kiosk && !session->open && !kiosk->door) {
        const std::string staff = ui.t("kiosk.staff");
        place(staff);
        if (button(ui, staff, quiet)) ui.act(app::AskForStaff{});
    }
    if (!kiosk && (session || (run && run->unlocked))) {
        const std::string lock = ui.t("app.lock");
        place(lock);
        if (button(ui, lock, quiet)) ui.act(app::Lock{});
    }
    if (!kiosk) {
        const std::string settings = ui.t("app.settings");
        place(settings);
        if (button(ui, settings, quiet)) ui.act(app::ShowSettings{});
    }

    const bool open = session && session->open &&
                      (session->place == app::Place::interview || session->place == app::Place::review);
    const bool with_code = session && session->place == app::Place::withdrawal;
    const bool handed_over = open && session->place == app::Place::interview && [&] {
        for (const app::Step& step : session->open->steps) {
            if (step.key == session->open->step) return step.handed_over;
        }
        return false;
    }();
    // The respondent has the machine: the way to the list of interviews is not offered.
    if (session && !kiosk && session->place != app::Place::home && session->place != app::Place::enrolled &&
        !handed_over && !with_code) {
        const std::string home = ui.t("app.home");
        place(home);
        if (button(ui, home, quiet)) ui.act(app::ShowHome{});
    }
    if (open && !covered(ui.state)) {
        ImGui::SetCursorPosY(button_y);
        right = draw_languages(ui, *session->open, right - ui.em(0.4F));
    }

    // What is covered may be hidden from somebody who should not even see what it is about.
    const bool named = session && !session->study.title.empty() && !(kiosk && kiosk->cover);
    const std::string title = named ? session->study.title : ui.t("app.name");
    ImGui::PushFont(ui.scratch.fonts.bold, 0);
    const float text = ImGui::GetFontSize();
    ImGui::SetCursorPos({ui.em(1.2F), (height - text) / 2});
    // What is too long ends in "…"; where not even a word has room, the buttons are worth more.
    const float room = right - ui.em(2.4F);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (room > ui.em(4)) {
        const ImVec2 size = ImGui::CalcTextSize(title.c_str());
        ImGui::RenderTextEllipsis(ImGui::GetWindowDrawList(), at, {at.x + room, at.y + text * 1.5F},
                                  at.x + room, title.c_str(), title.c_str() + title.size(), &size);
        note_widget(ui, Role::heading, title, {}, {at.x, at.y, at.x + room, at.y + text});
    }
    ImGui::PopFont();
    ImGui::Dummy({0, 0});  // where there is no button, ImGui wants to see something else drawn
    const ImVec2 corner = ImGui::GetWindowPos();
    ImGui::GetWindowDrawList()->AddLine({corner.x, corner.y + height - 1},
                                        {corner.x + window, corner.y + height - 1}, colour::line);
}

void pick_answer(Ui& ui, const app::OpenInterview& open) {
    draw_file_picker(ui, *open.picker,
                     {.what_for = open.interview.label(open.picker->node, open.language),
                      .intro = ui.t("picker.intro"),
                      .empty = ui.t("picker.empty")});
}

void draw_fatal(Ui& ui, const app::Fatal& fatal) {
    heading(ui, ui.t("fatal.title"));
    banner(ui, Card::Kind::error, ui.t(fatal.message));
    if (!fatal.hands_over) return;
    draw_handing_over(ui);
    gap(ui, 0.4F);
    if (button(ui, ui.t("unlock.sync"), {.kind = ButtonKind::primary})) ui.act(app::ShowSync{});
}

/// Not over the cover or the question for the passphrase, and to respondents only what is meant for them.
bool shows_notice(const app::AppState& state) {
    if (state.notice.empty() || covered(state)) return false;
    return !app::respondents_side(state) || state.notice.key == app::respondents_notice;
}

void draw_page(Ui& ui) {
    if (asks_to_close(ui.state)) return draw_closing(ui, *session_of(ui.state)->open);
    if (shows_notice(ui.state)) {
        {
            const Card card(ui, Card::Kind::warn);
            paragraph(ui, ui.t(ui.state.notice), Tone::warn, Role::alert);
            if (button(ui, ui.t("app.close_notice"), {.small = true})) ui.act(app::DismissNotice{});
        }
        gap(ui, 0.4F);
    }
    if (ui.state.settings_shown) {
        draw_settings(ui);
        return;
    }
    if (std::holds_alternative<app::Starting>(ui.state.stage)) {
        paragraph(ui, ui.t("app.starting"), Tone::muted);
    } else if (const auto* run = std::get_if<app::FirstRun>(&ui.state.stage)) {
        draw_first_run(ui, *run);
    } else if (const auto* locked = std::get_if<app::Locked>(&ui.state.stage)) {
        locked->sync_shown ? draw_sync(ui) : draw_locked(ui, *locked);
    } else if (const auto* fatal = std::get_if<app::Fatal>(&ui.state.stage)) {
        fatal->sync_shown ? draw_sync(ui) : draw_fatal(ui, *fatal);
    } else if (const app::Session* session = session_of(ui.state)) {
        if (session->kiosk && draw_kiosk(ui, *session)) return;
        switch (session->place) {
            case app::Place::enrolled:
                draw_enrolled(ui, *session);
                break;
            case app::Place::home:
                draw_home(ui, *session);
                break;
            case app::Place::interview:
                if (session->open)
                    session->open->picker ? pick_answer(ui, *session->open)
                                          : draw_interview(ui, *session->open);
                break;
            case app::Place::review:
                if (session->open) draw_review(ui, *session->open);
                break;
            case app::Place::withdrawal:
                draw_withdrawal(ui, *session);
                break;
            case app::Place::sync:
                draw_sync(ui);
                break;
            case app::Place::take_back:
                if (session->taking_back) draw_take_back(ui, *session->taking_back);
                break;
            case app::Place::study_file:
                if (session->update) draw_study_file(ui, *session->update);
                break;
            case app::Place::respondents:
                break;
        }
    }
}

}  // namespace

Frame draw(const app::AppState& state, UiScratch& scratch, app::Actions& actions) {
    const app::Openness openness = app::openness(state);
    if (openness < std::exchange(scratch.openness, openness)) scratch.wipe();
    for (Widget& widget : scratch.tree) {
        app::wipe(widget.label);
        app::wipe(widget.value);
    }
    scratch.tree.clear();

    Ui ui{state, scratch, actions, app::interface_language(state)};
    const std::string screen = screen_of(state);
    const bool fresh = screen != scratch.screen;
    scratch.passphrase_shown_before = std::exchange(scratch.passphrase_shown, false) && !fresh;
    if (fresh) {
        scratch.screen = screen;
        scratch.focused_screen.clear();
        scratch.tops.clear();
        for (auto& [path, text] : scratch.fields) app::wipe(text);
        scratch.fields.clear();
        scratch.choices.wipe();
        scratch.search_again = schema::no_node;
        scratch.forget_passphrase();
        scratch.left_field = schema::no_node;
        // What had the keyboard is gone; Tab begins anew with this screen.
        rescue_keyboard(/*always=*/true);
        scratch.forget_typed();
    }
    // It was told of what stands there: update has forgotten it, since nobody was there for a while.
    if (scratch.passphrase[0] != '\0' && !state.passphrase_typed) {
        scratch.forget_passphrase();
        scratch.passphrase_tried = true;
    }
    scratch.forget_drawn_passphrase();

    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->Pos);
    ImGui::SetNextWindowSize(viewport->Size);
    ImGui::PushFont(scratch.fonts.regular, text_height * scale_of(state.preferences.text_size));
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.em(0.5F), ui.em(0.5F)});
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {ui.em(0.7F), ui.em(0.6F)});
    ImGui::Begin("fieldfare", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse);
    if (app::respondents_side(state)) draw_kiosk_keys(ui, *session_of(state));
    // The page comes first, so that Tab begins there and not with the buttons at the top.
    const float top = ui.em(2.9F);
    ImGui::SetCursorPos({0, top});
    const bool with_bar = in_interview(state) && !picks_file(state) && !covered(state) &&
                          !state.settings_shown && !asks_to_close(state);
    const float bottom = with_bar ? std::max(scratch.bottom_height, ui.em(3.9F)) : 0;
    const float page_height = viewport->Size.y - top - bottom;
    ImGui::BeginChild("page", {0, page_height}, ImGuiChildFlags_NavFlattened,
                      ImGuiWindowFlags_NoSavedSettings);
    if (fresh && ImGui::GetScrollY() > 0) {
        ImGui::SetScrollY(0);  // counts from the next frame on; this one would show the wrong end of the page
        scratch.again = true;
    }
    const float room = viewport->Size.x - ImGui::GetStyle().ScrollbarSize;
    ui.width = std::min(room - ui.em(2.4F), ui.em(40));
    const float margin = (room - ui.width) / 2;
    ImGui::SetCursorPosX(margin);
    ImGui::Indent(margin);
    gap(ui, 1.0F);
    draw_page(ui);
    gap(ui, 1.5F);
    ImGui::Unindent(margin);
    ImGui::EndChild();
    if (with_bar) {
        ImGui::SetCursorPos({0, top + page_height});
        begin_band("bottom", bottom, colour::bar);
        ui.width = std::min(room - ui.em(2.4F), ui.em(40));
        ImGui::SetCursorPosX(margin);
        ImGui::Indent(margin);
        draw_interview_bar(ui, *session_of(state)->open);
        ImGui::Unindent(margin);
        ImGui::EndChild();
    }
    ImGui::SetCursorPos({0, 0});
    begin_band("top", top, colour::bar);
    draw_top(ui);
    ImGui::EndChild();
    if (with_bar) draw_interview_keys(ui, *session_of(state)->open);
    rescue_keyboard(/*always=*/false);
    const bool typed = scratch.passphrase[0] != '\0';
    if (typed != state.passphrase_typed) ui.act(app::PassphraseTyped{typed});
    ImGui::End();
    ImGui::PopStyleVar(2);
    ImGui::PopFont();
    return std::exchange(scratch.again, false) ? Frame::again : Frame::show;
}

}  // namespace fieldfare::gui
