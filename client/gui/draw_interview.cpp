#include <algorithm>
#include <map>
#include <utility>

#include "client/app/typed_answer.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"
#include "imgui.h"
#include "imgui_internal.h"
#include "schema/media_file.h"

namespace fieldfare::gui {

using app::OpenInterview;
using app::Step;
using app::StepKind;
using schema::NodeId;
using schema::NodeKind;

namespace {

class Page {
  public:
    Page(Ui& ui, const OpenInterview& open) : ui_(ui), open_(open) {}

    void draw(const Step& step) {
        if (step.heading != schema::no_node && open_.interview.kind(step.heading) == NodeKind::group) {
            heading(ui_, open_.interview.label(step.heading, open_.language));
            small_text(ui_, open_.interview.hint(step.heading, open_.language));
            gap(ui_, 0.2F);
        }
        for (const NodeId node : step.nodes) {
            this->node(node);
        }
    }

    NodeId keyboard() const { return keyboard_; }
    const std::map<NodeId, float>& tops() const { return tops_; }
    float focused_bottom() const { return focused_bottom_; }

  private:
    void node(NodeId node) {
        if (!app::shown(open_.interview, node)) return;
        switch (open_.interview.kind(node)) {
            case NodeKind::question:
                question(node);
                break;
            case NodeKind::group:
                gap(ui_, 0.3F);
                subheading(ui_, open_.interview.label(node, open_.language));
                children(node);
                break;
            case NodeKind::repeat:
                repeat(node);
                break;
            case NodeKind::root:
            case NodeKind::instance:
                children(node);
                break;
        }
    }

    void children(NodeId node) {
        for (const NodeId child : open_.interview.children(node)) {
            this->node(child);
        }
    }

    void question(NodeId node) {
        tops_[node] = ImGui::GetCursorPosY();
        if (draw_question(ui_, open_, node)) keyboard_ = node;
        if (node == open_.focused) focused_bottom_ = ImGui::GetCursorPosY();
        gap(ui_, 0.1F);
    }

    // Each instance is set off by a bar at its left, under its own heading.
    void repeat(NodeId repeat) {
        const auto instances = open_.interview.children(repeat);
        const std::string label = open_.interview.label(repeat, open_.language);
        const bool free = open_.interview.item(repeat).repeat_count.empty() && !open_.sealing;
        // Without an instance the button alone would not say what the page is about.
        if (instances.empty()) subheading(ui_, label);
        for (std::size_t i = 0; i < instances.size(); ++i) {
            const std::string number = std::to_string(i + 1);
            gap(ui_, 0.3F);
            const ImVec2 from = ImGui::GetCursorScreenPos();
            const float whole = ui_.width;
            ImGui::Indent(ui_.em(0.9F));
            ui_.width = whole - ui_.em(0.9F);
            subheading(ui_, ui_.t("interview.instance", {{"label", label},
                                                         {"number", number},
                                                         {"count", std::to_string(instances.size())}}));
            children(instances[i]);
            if (free && button(ui_, ui_.t("interview.remove", {{"label", label}, {"number", number}}),
                               {.kind = ButtonKind::quiet, .small = true, .flush = true}, number)) {
                ui_.act(app::RemoveInstance{instances[i]});
            }
            ui_.width = whole;
            ImGui::Unindent(ui_.em(0.9F));
            const float end = ImGui::GetCursorScreenPos().y - ui_.em(0.5F);
            ImGui::GetWindowDrawList()->AddRectFilled(from, {from.x + ui_.em(0.25F), end}, colour::accent, 3);
        }
        if (free && button(ui_, ui_.t("interview.add", {{"label", label}})))
            ui_.act(app::AddInstance{repeat});
    }

    Ui& ui_;
    const OpenInterview& open_;
    NodeId keyboard_ = schema::no_node;
    std::map<NodeId, float> tops_;
    float focused_bottom_ = 0;
};

void draw_hand(Ui& ui, const Step& step) {
    const bool over = step.key.kind == StepKind::hand_over;
    gap(ui, 2.0F);
    heading(ui, ui.t(over ? "handover.title" : "handback.title"));
    {
        const Card card(ui, Card::Kind::tinted);
        paragraph(ui, ui.t(over ? "handover.interviewer" : "handback.respondent"));
        paragraph(ui, ui.t(over ? "handover.respondent" : "handback.interviewer"));
    }
    gap(ui, 0.5F);
    const std::string label = ui.t(over ? "handover.begin" : "handback.begin");
    if (button(ui, label, {.kind = ButtonKind::primary, .width = ui.width})) ui.act(app::NextStep{});
}

// Scrolls as little as shows the whole question, or its beginning when it is higher than the page; false when
// it is shown already.
bool reveal(UiScratch& scratch, float top, float bottom, float margin) {
    const float height = ImGui::GetWindowHeight();
    const float scroll = ImGui::GetScrollY();
    float wanted = scroll;
    if (bottom + margin > scroll + height) wanted = bottom + margin - height;
    if (top - margin < wanted) wanted = top - margin;
    wanted = std::clamp(wanted, 0.0F, std::max(0.0F, ImGui::GetScrollMaxY()));
    if (wanted == scroll) return false;
    ImGui::SetScrollY(wanted);
    scratch.again = true;
    return true;
}

const Step* present(const OpenInterview& open) {
    const auto found = std::ranges::find(open.steps, open.step, &Step::key);
    return found == open.steps.end() ? nullptr : &*found;
}

// Keys that act on the focused question while nothing is being typed.
void keys(Ui& ui, const OpenInterview& open, const Widget* with_keyboard, bool is_elsewhere) {
    if (ImGui::GetIO().WantTextInput || open.sealing) return;
    const auto has_keyboard = [&](Role role) { return with_keyboard && with_keyboard->role == role; };
    if (open.focused != schema::no_node && !is_elsewhere) {
        for (int digit = 0; digit < 10; ++digit) {
            if (ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_0 + digit), false) ||
                ImGui::IsKeyPressed(static_cast<ImGuiKey>(ImGuiKey_Keypad0 + digit), false)) {
                ui.act(app::PickDigit{open.focused, static_cast<char>('0' + digit)});
            }
        }
        // Neither a file nor what was typed is thrown away by a slip of a finger.
        const schema::QuestionType type = open.interview.item(open.focused).type;
        const bool typed = app::taken(type) != app::Taken::never && type != schema::QuestionType::range;
        const bool clears = !schema::is_media(type) && !typed && !has_keyboard(Role::field);
        if (clears &&
            (ImGui::IsKeyPressed(ImGuiKey_Delete, false) || ImGui::IsKeyPressed(ImGuiKey_Backspace, false))) {
            ui.act(app::ClearAnswer{open.focused});
        }
    }
    if (has_keyboard(Role::button)) return;
    // Enter goes on; ImGui would press what has the focus. Space still does that.
    const ImGuiID owner = ImGui::GetID("go on");
    for (const ImGuiKey key : {ImGuiKey_Enter, ImGuiKey_KeypadEnter}) {
        ImGui::SetKeyOwner(key, owner);
        if (ImGui::IsKeyPressed(key, ImGuiInputFlags_None, owner)) {
            if (open.focused == schema::no_node) {
                ui.act(app::NextStep{});
            } else {
                ui.act(app::GoOn{open.focused});
            }
        }
    }
}

}  // namespace

void draw_interview(Ui& ui, const OpenInterview& open) {
    const Step* step = present(open);
    if (!step) {
        paragraph(ui, ui.t("interview.nothing"), Tone::muted);
        return;
    }
    UiScratch& scratch = ui.scratch;
    const bool asked = scratch.focus_seen != open.focus_request;
    if (asked) {
        scratch.focus_seen = open.focus_request;
        scratch.focus_pending = open.focused != schema::no_node;
        scratch.focus_patience = 3;
    }
    scratch.page_keyboard.reset();
    if (step->key.kind != StepKind::page) {
        scratch.focus_pending = false;
        draw_hand(ui, *step);
        scratch.page_widgets = std::ssize(scratch.tree);
        return;
    }
    const bool was_pending = scratch.focus_pending;
    if (was_pending && scratch.focus_patience-- == 0) scratch.focus_pending = false;
    Page page(ui, open);
    page.draw(*step);
    scratch.page_widgets = std::ssize(scratch.tree);
    // What was typed counts once its field is left; told once the mouse is up again, for the reason below.
    if (scratch.left_field != schema::no_node && !ImGui::GetIO().MouseDown[0]) {
        ui.act(app::LeaveField{std::exchange(scratch.left_field, schema::no_node)});
    }
    // The keyboard has moved by Tab, an arrow or a click. A focus that update asked for arrives a frame
    // later. While the mouse is down nothing is told: a message that then appears could move the target
    // away from under it.
    const bool settled =
        !was_pending && !asked && scratch.focus_settling == 0 && !ImGui::GetIO().MouseDown[0];
    // Only once ImGui has done its own scrolling, which is content with an edge.
    const auto focused_top = page.tops().find(open.focused);
    const bool revealed = !was_pending && scratch.focus_settling == 1 && focused_top != page.tops().end() &&
                          reveal(scratch, focused_top->second, page.focused_bottom(), ui.em(0.6F));
    // The bar has grown by a sentence: it must not hide the question that it speaks of.
    const float height = ImGui::GetWindowHeight();
    if (std::exchange(scratch.page_height, height) > height + 0.5F && focused_top != page.tops().end())
        scratch.focus_settling = std::max(scratch.focus_settling, 2);
    scratch.focus_settling = was_pending ? 2 : std::max(0, scratch.focus_settling - 1);
    if (scratch.focus_settling > 0) scratch.again = true;  // else the window might fall asleep before
    if (settled) scratch.page_keyboard = page.keyboard();
    // What has changed above the focused question must not push it away: scroll by as much.
    const auto now = page.tops().find(open.focused);
    const auto before = scratch.tops.find(open.focused);
    if (now != page.tops().end() && before != scratch.tops.end() && !was_pending && !revealed) {
        const float moved = now->second - before->second;
        if (moved > 0.5F || moved < -0.5F) {
            ImGui::SetScrollY(ImGui::GetScrollY() + moved);
            scratch.again = true;
        }
    }
    scratch.tops = page.tops();
}

void draw_interview_keys(Ui& ui, const OpenInterview& open) {
    // The list of languages has them while it is open, and the key that closes it was for it.
    const bool listed = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
    if (std::exchange(ui.scratch.list_was_open, listed) || listed) return;
    // Nobody's: a field would take it as "what stood here before", and what was typed would be gone.
    if (!open.alone)
        ImGui::SetKeyOwner(ImGuiKey_Escape, ImGui::GetID("stays"), ImGuiInputFlags_LockThisFrame);
    const WidgetTree& tree = ui.scratch.tree;
    const auto focused = std::ranges::find_if(tree, &Widget::focused);
    const Widget* const with_keyboard = focused == tree.end() ? nullptr : &*focused;
    const bool elsewhere = with_keyboard && focused - tree.begin() >= ui.scratch.page_widgets;
    const auto& on_page = ui.scratch.page_keyboard;
    const bool moved = on_page && with_keyboard && !elsewhere && *on_page != open.focused;
    // Before what was pressed there: a pressed button may send the keyboard on. Whoever only passes the bar
    // and the buttons at the top has not left the question.
    if (moved) ui.actions.insert(ui.actions.begin(), app::FocusQuestion{*on_page});
    keys(ui, open, with_keyboard, moved || elsewhere);
}

void draw_interview_bar(Ui& ui, const OpenInterview& open) {
    const ImVec2 corner = ImGui::GetWindowPos();
    ImGui::GetWindowDrawList()->AddLine(corner, {corner.x + ImGui::GetWindowWidth(), corner.y}, colour::line);
    gap(ui, 0.2F);
    if (open.blocked) paragraph(ui, ui.t("interview.blocked"), Tone::error, Role::alert);
    if (!open.save_failed.empty()) {
        paragraph(ui, ui.t(open.save_failed), Tone::error, Role::alert);
        if (button(ui, ui.t("interview.save_again"), {.small = true})) ui.act(app::SaveAgain{});
    }
    if (open.prompt) {
        if (open.prompt->unanswered > 0) {
            paragraph(
                ui, ui.t("interview.prompt_unanswered", {{"count", std::to_string(open.prompt->unanswered)}}),
                Tone::warn, Role::alert);
        }
        if (open.prompt->unfitting > 0) {
            paragraph(ui,
                      ui.t("interview.prompt_unfitting", {{"count", std::to_string(open.prompt->unfitting)}}),
                      Tone::warn, Role::alert);
        }
        if (button(ui, ui.t("interview.prompt_show"), {.small = true})) ui.act(app::ShowUnanswered{});
        ImGui::SameLine();
        if (button(ui, ui.t("interview.prompt_skip"), {.small = true})) ui.act(app::SkipAnyway{});
    }
    const auto here = std::ranges::find(open.steps, open.step, &Step::key);
    const bool first = here == open.steps.begin();
    const bool last = here == open.steps.end() || here + 1 == open.steps.end();
    std::size_t pages = 0;
    std::size_t number = 0;
    for (auto step = open.steps.begin(); step != open.steps.end(); ++step) {
        if (step->key.kind == StepKind::page) {
            ++pages;
            if (step <= here) ++number;
        }
    }
    const std::string next = ui.t(last ? "interview.to_review" : "interview.next");
    const float next_width = std::max(button_width(ui, next), ui.em(7));
    const float back_width = std::max(button_width(ui, ui.t("interview.back")), ui.em(6));
    const float x = ImGui::GetCursorPosX();
    const float y = ImGui::GetCursorPosY();
    if (button(ui, ui.t("interview.back"), {.enabled = !first, .width = back_width}, "bar")) {
        ui.act(app::PreviousStep{});
    }
    const float end = ImGui::GetCursorPosY();
    const float middle = ui.width - next_width - back_width - ui.em(2.4F);
    const float middle_x = x + back_width + ui.em(1.2F);
    const std::string part = ui.t(
        "interview.section",
        {{"number", std::to_string(std::max<std::size_t>(number, 1))}, {"count", std::to_string(pages)}});
    const bool saved = open.saved();
    const bool failed = !open.save_failed.empty();
    const std::string saving = ui.t(open.alone ? "kiosk.in_memory"
                                    : failed   ? "interview.not_saved"
                                    : saved    ? "interview.saved"
                                               : "interview.saving");
    const float small = ImGui::GetStyle().FontSizeBase * 0.86F;
    ImGui::SetCursorPos({middle_x, y + ui.em(0.3F)});
    small_text(ui, part);
    ImGui::PushFont(nullptr, small);
    const float saving_width = ImGui::CalcTextSize(saving.c_str()).x;
    ImGui::PopFont();
    ImGui::SetCursorPos({middle_x + middle - saving_width, y + ui.em(0.3F)});
    const float whole = ui.width;
    ui.width = saving_width + ui.em(1);
    small_text(ui, saving, failed ? Tone::error : saved && !open.alone ? Tone::good : Tone::muted);
    ui.width = whole;
    ImGui::SetCursorPos({middle_x, y + ui.em(1.6F)});
    progress_bar(ui, part, pages == 0 ? 1.0F : static_cast<float>(number) / static_cast<float>(pages),
                 middle);
    ImGui::SetCursorPos({x + ui.width - next_width, y});
    if (button(ui, next, {.kind = ButtonKind::primary, .width = next_width}, "bar")) ui.act(app::NextStep{});
    ImGui::SetCursorPos({x, end});
    gap(ui, 0.1F);
    ui.scratch.bottom_height = ImGui::GetCursorPosY();
}

}  // namespace fieldfare::gui
