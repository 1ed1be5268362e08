#include <algorithm>
#include <vector>

#include "client/app/after_crash.h"
#include "client/app/taking_back.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

namespace {

void draft_card(Ui& ui, const app::Session& session, const app::DraftSummary& draft) {
    const Card card(ui);
    const std::string day = day_in_words(ui, draft.day);
    const float x = ImGui::GetCursorPosX();
    const float y = ImGui::GetCursorPosY();
    if (session.confirm_delete == draft.id) {
        paragraph(ui, ui.t("home.delete_ask"), Tone::error);
        if (button(ui, ui.t("home.delete_yes"), {.kind = ButtonKind::danger}, draft.id)) {
            ui.act(app::ConfirmDelete{});
        }
        ImGui::SameLine();
        if (button(ui, ui.t("home.delete_no"), {}, draft.id)) ui.act(app::CancelDelete{});
        return;
    }
    const std::string resume = ui.t("home.resume");
    const std::string remove = ui.t("home.delete");
    const float buttons = button_width(ui, resume, true) + button_width(ui, remove, true) + ui.em(0.5F);
    const float whole = ui.width;
    ui.width = whole - buttons - ui.em(1);
    paragraph(ui, ui.t("home.draft", {{"day", day}}));
    std::string about = ui.t("home.draft_answers", {{"count", std::to_string(draft.answered)}});
    if (draft.form_version != session.study.version) {
        about += " · " + ui.t("home.draft_version", {{"version", draft.form_version}});
    }
    small_text(ui, about);
    if (draft.finalising) small_text(ui, ui.t("home.draft_interrupted"), Tone::warn);
    ui.width = whole;
    const float end = ImGui::GetCursorPosY();
    ImGui::SetCursorPos({x + whole - buttons, y + ui.em(0.35F)});
    const bool free = !session.loading;
    const std::string resume_name = ui.t("home.resume_named", {{"day", day}});
    const std::string remove_name = ui.t("home.delete_named", {{"day", day}});
    if (button(ui, resume, {.enabled = free, .small = true, .name = resume_name}, draft.id)) {
        ui.act(app::ResumeDraft{draft.id});
    }
    ImGui::SameLine();
    if (button(ui, remove, {.kind = ButtonKind::quiet, .enabled = free, .small = true, .name = remove_name},
               draft.id)) {
        ui.act(app::AskDelete{draft.id});
    }
    ImGui::SetCursorPosX(x);
    ImGui::SetCursorPosY(std::max(end, ImGui::GetCursorPosY()));
}

void draw_counts(Ui& ui, const app::Counts& counts) {
    struct Count {
        const char* key;
        int count;
    };
    std::vector<Count> all = {{"home.count.drafts", counts.drafts},
                              {"home.count.sealed", counts.sealed},
                              {"home.count.handed_over", counts.handed_over},
                              {"home.count.confirmed", counts.confirmed}};
    if (serves_respondents(ui)) all.erase(all.begin());  // it has no unfinished ones
    const float whole = ui.width;
    const float column = whole / static_cast<float>(all.size());
    const float x = ImGui::GetCursorPosX();
    const float y = ImGui::GetCursorPosY();
    float end = y;
    for (std::size_t i = 0; i < all.size(); ++i) {
        ImGui::SetCursorPosY(y);
        const float left = x + column * static_cast<float>(i);
        ImGui::Indent(left - x > 0 ? left - x : 0.001F);
        ImGui::SetCursorPosX(left);
        ui.width = column - ui.em(0.6F);
        const std::string label = ui.t(all[i].key);
        const std::string number = std::to_string(all[i].count);
        ImGui::PushFont(ui.scratch.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.6F);
        ImGui::TextUnformatted(number.c_str());
        ImGui::PopFont();
        const ImVec2 a = ImGui::GetItemRectMin();
        const ImVec2 b = ImGui::GetItemRectMax();
        note_widget(ui, Role::text, label, number, {a.x, a.y, b.x, b.y});
        paragraph(ui, label);
        small_text(ui, ui.t(std::string(all[i].key) + "_note"));
        end = std::max(end, ImGui::GetCursorPosY());
        ImGui::Unindent(left - x > 0 ? left - x : 0.001F);
    }
    ui.width = whole;
    ImGui::SetCursorPosX(x);
    ImGui::SetCursorPosY(end);
}

void draw_beginning(Ui& ui, const app::Session& session) {
    heading(ui, ui.t("home.title"));
    gap(ui, 0.1F);
    if (button(ui, ui.t("home.start"), {.kind = ButtonKind::primary, .enabled = !session.loading})) {
        ui.act(app::StartInterview{});
    }
    ImGui::SameLine();
    if (button(ui, ui.t("home.sync"))) ui.act(app::ShowSync{});
    if (session.loading) small_text(ui, ui.t("home.loading"));
}

void draw_drafts(Ui& ui, const app::Session& session) {
    subheading(ui, ui.t("home.drafts"));
    if (session.drafts.empty()) small_text(ui, ui.t("home.no_drafts"));
    for (const app::DraftSummary& draft : session.drafts) {
        draft_card(ui, session, draft);
    }
    gap(ui, 0.5F);
}

}  // namespace

void draw_home(Ui& ui, const app::Session& session) {
    if (session.just_finalised) {
        banner(ui, Card::Kind::good, ui.t("home.thanks"));
        gap(ui, 0.2F);
    }
    for (const app::Message& news : {session.news, session.found}) {
        if (news.empty()) continue;
        const bool loss = news.key == app::news_of_loss;
        banner(ui, loss ? Card::Kind::warn : Card::Kind::good, ui.t(news));
        gap(ui, 0.2F);
    }
    const std::string& last_day = session.study.last_day;
    if (!last_day.empty() && ui.state.utc_day > last_day) {
        banner(ui, Card::Kind::warn, ui.t("home.study_over", {{"day", day_in_words(ui, last_day)}}));
        gap(ui, 0.2F);
    }
    const bool keeps_drafts = !serves_respondents(ui);
    if (keeps_drafts)
        draw_beginning(ui, session);
    else
        draw_staff(ui);
    gap(ui, 0.5F);
    {
        const Card card(ui);
        subheading(ui, ui.t("home.counts"));
        gap(ui, 0.2F);
        draw_counts(ui, session.counts);
    }
    draw_missing(ui);
    draw_handing_over(ui);
    gap(ui, 0.5F);
    if (keeps_drafts) draw_drafts(ui, session);
    subheading(ui, ui.t("home.about"));
    const Card card(ui);
    small_text(
        ui, ui.t("home.study_version", {{"version", session.study.version}}) + " · " +
                ui.t("home.package_version", {{"version", std::to_string(session.study.package_version)}}));
    if (button(ui, ui.t("home.study_file"), {.enabled = !session.loading, .small = true})) {
        ui.act(app::ShowStudyFile{});
    }
    if (app::offers_taking_back(session)) {
        ImGui::SameLine();
        if (button(ui, ui.t("home.take_back"), {.enabled = !session.loading, .small = true})) {
            ui.act(app::ShowTakeBack{});
        }
    }
    gap(ui, 0.2F);
    small_text(ui, who_recovers(ui, session.study.supervisor));
    gap(ui, 0.2F);
    small_text(ui, ui.t("home.enrolment"));
    digits(ui, ui.t("home.enrolment"), session.study.enrolment_number);
    small_text(ui, ui.t("home.fingerprint"));
    digits(ui, ui.t("home.fingerprint"), session.study.fingerprint);
}

void draw_settings(Ui& ui) {
    const auto* session = std::get_if<app::Session>(&ui.state.stage);
    if (session != nullptr && session->changing) return draw_changing(ui, *session, *session->changing);
    if (session != nullptr && session->destroying) return draw_destroying(ui, *session, *session->destroying);
    heading(ui, ui.t("settings.title"));
    {
        const Card card(ui);
        subheading(ui, ui.t("settings.language"));
        const app::Preferences& now = ui.state.preferences;
        const auto language = [&](const char* key, app::InterfaceLanguage value) {
            if (option(ui, key, ui.t(key), ui.t("settings.language"), {.picked = now.language == value},
                       false)
                    .pressed) {
                ui.act(app::SetInterfaceLanguage{value});
            }
        };
        language("settings.language.english", app::InterfaceLanguage::english);
        language("settings.language.russian", app::InterfaceLanguage::russian);
        gap(ui, 0.4F);
        subheading(ui, ui.t("settings.text_size"));
        const auto size = [&](const char* key, app::TextSize value) {
            if (option(ui, key, ui.t(key), ui.t("settings.text_size"), {.picked = now.text_size == value},
                       false)
                    .pressed) {
                ui.act(app::SetTextSize{value});
            }
        };
        size("settings.text_size.normal", app::TextSize::normal);
        size("settings.text_size.large", app::TextSize::large);
        size("settings.text_size.larger", app::TextSize::larger);
    }
    gap(ui, 0.4F);
    if (session != nullptr) {
        if (button(ui, ui.t("settings.passphrase"), {.kind = ButtonKind::quiet, .flush = true}))
            ui.act(app::ShowNewPassphrase{});
        if (button(ui, ui.t("settings.destroying"), {.kind = ButtonKind::quiet, .flush = true}))
            ui.act(app::ShowDestroyPassphrase{});
        gap(ui, 0.4F);
    }
    if (button(ui, ui.t("settings.done"), {.kind = ButtonKind::primary})) ui.act(app::HideSettings{});
}

}  // namespace fieldfare::gui
