#include "client/app/review.h"

#include <algorithm>

#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

namespace {

const char* word_for(app::Standing standing) {
    switch (standing) {
        case app::Standing::answered:
            return "review.all_answered";
        case app::Standing::unanswered:
            return "review.unanswered";
        case app::Standing::unfitting:
            return "review.unfitting";
        case app::Standing::required_open:
            return "review.required_open";
    }
    return "";
}

// "Stay 2 of 3: Where?": in a repeat the label alone would not say which.
std::string full_label(const Ui& ui, const app::OpenInterview& open, schema::NodeId question) {
    const schema::Interview& interview = open.interview;
    std::string label = interview.label(question, open.language);
    for (schema::NodeId at = question; at != schema::no_node; at = interview.parent(at)) {
        if (interview.kind(at) != schema::NodeKind::instance) continue;
        const schema::NodeId repeat = interview.parent(at);
        const auto instances = interview.children(repeat);
        const auto place = std::ranges::find(instances, at) - instances.begin();
        label = ui.t("interview.instance", {{"label", interview.label(repeat, open.language)},
                                            {"number", std::to_string(place + 1)},
                                            {"count", std::to_string(instances.size())}}) +
                ": " + label;
    }
    return label;
}

void draw_section(Ui& ui, const app::OpenInterview& open, const app::ReviewSection& section) {
    const Card card(ui);
    subheading(ui, section.heading == schema::no_node ? ui.t("review.other_questions")
                                                      : open.interview.label(section.heading, open.language));
    small_text(ui, ui.t("review.section_counts", {{"answered", std::to_string(section.answered)},
                                                  {"questions", std::to_string(section.questions)}}));
    for (const app::ReviewItem& item : section.open) {
        const std::string standing = ui.t(word_for(item.standing));
        OptionLook look;
        look.enabled = !open.sealing;
        look.link = true;
        look.tag = standing;
        look.tag_is_fault = item.standing != app::Standing::unanswered;
        if (option(ui, open.interview.path_of(item.question), full_label(ui, open, item.question), standing,
                   look, false)
                .pressed) {
            ui.act(app::JumpTo{item.question});
        }
    }
}

}  // namespace

void draw_review(Ui& ui, const app::OpenInterview& open) {
    heading(ui, ui.t("review.title"));
    for (const app::ReviewSection& section : app::review_of(open)) {
        if (section.questions > 0) draw_section(ui, open, section);
    }
    gap(ui, 0.4F);
    if (!open.save_failed.empty()) banner(ui, Card::Kind::error, ui.t(open.save_failed));
    if (!open.seal_failed.empty()) banner(ui, Card::Kind::error, ui.t(open.seal_failed));
    if (!open.seal_failed.empty() && open.alone)
        paragraph(ui, ui.t("kiosk.not_sealed"), Tone::error, Role::alert);
    const schema::NodeId blocking = app::blocks_finalising(open);
    if (blocking != schema::no_node) {
        const Card card(ui, Card::Kind::error);
        paragraph(ui, ui.t("review.blocked"), Tone::error, Role::alert);
        if (button(ui, ui.t("review.show_blocked"), {.enabled = !open.sealing}))
            ui.act(app::JumpTo{blocking});
    }
    paragraph(ui, ui.t(open.alone ? "kiosk.review" : "review.intro"), Tone::muted);
    gap(ui, 0.2F);
    const bool ready = blocking == schema::no_node && !open.sealing;
    const std::string finalise = ui.t(open.sealing ? "review.sealing" : "review.finalise");
    if (button(ui, finalise, {.kind = ButtonKind::primary, .enabled = ready}))
        ui.act(app::FinaliseInterview{});
    ImGui::SameLine();
    if (button(ui, ui.t("review.back"), {.enabled = !open.sealing})) ui.act(app::ShowQuestions{});
    if (open.alone) return;
    ImGui::SameLine();
    if (button(ui, ui.t("review.later"), {.kind = ButtonKind::quiet, .enabled = !open.sealing})) {
        ui.act(app::ShowHome{});
    }
}

}  // namespace fieldfare::gui
