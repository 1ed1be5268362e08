#include <algorithm>

#include "client/app/choices.h"
#include "client/app/review.h"
#include "client/app/typed_answer.h"
#include "client/gui/question_card.h"
#include "client/gui/screens.h"
#include "schema/media_file.h"
#include "schema/number_range.h"

namespace fieldfare::gui {

using app::OpenInterview;
using schema::NodeId;
using schema::QuestionType;

namespace {

// Between which numbers, and in which steps.
std::vector<std::pair<std::string, std::string>> bounds(const schema::NumberRange& range) {
    return {{"low", range.low()}, {"high", range.high()}, {"step", range.step()}};
}

// Why what was typed is no answer.
std::string sentence_for(const Ui& ui, const schema::Item& item, schema::AnswerError error) {
    switch (error) {
        case schema::AnswerError::not_a_number:
            return ui.t("question.error.not_a_number");
        case schema::AnswerError::out_of_range:
            if (const auto range = schema::NumberRange::of(item); range && item.type == QuestionType::range)
                return ui.t(range->whole() ? "question.error.not_in_range" : "question.error.not_in_steps",
                            bounds(*range));
            return ui.t("question.error.out_of_range");
        case schema::AnswerError::not_a_date:
            return ui.t(item.type == QuestionType::time        ? "question.error.not_a_time"
                        : item.type == QuestionType::date_time ? "question.error.not_a_date_time"
                                                               : "question.error.not_a_date");
        case schema::AnswerError::not_a_place:
            return ui.t("question.error.not_a_place");
        case schema::AnswerError::too_long:
            return ui.t("question.error.too_long");
        case schema::AnswerError::not_text:
            return ui.t("question.error.not_text");
        case schema::AnswerError::not_a_question:
        case schema::AnswerError::not_a_choice:
            return ui.t("question.constraint");
    }
    return ui.t("question.constraint");
}

const char* key_of(schema::Missing missing) {
    switch (missing) {
        case schema::Missing::refused:
            return "question.refused";
        case schema::Missing::dont_know:
            return "question.dont_know";
        default:
            return "question.not_applicable";
    }
}

// Where the button is drawn that clears the answer.
struct Corner {
    float x, y, clear_width;
};

// What the author tells whoever asks the question; folded away until it is wanted.
bool draw_guidance(Ui& ui, const OpenInterview& open, NodeId node, const std::string& label) {
    const std::string guidance = open.interview.guidance_hint(node, open.language);
    if (guidance.empty()) return false;
    const bool shown = open.guidance_shown.contains(node);
    const std::string name = ui.t(shown ? "question.less" : "question.more");
    const std::string full_name = name + ": " + label;
    if (button(ui, name, {.kind = ButtonKind::quiet, .small = true, .flush = true, .name = full_name},
               open.interview.path_of(node) + "/guidance"))
        ui.act(app::ToggleGuidance{node});
    const bool focused = ImGui::IsItemFocused();
    if (shown) small_text(ui, guidance);
    return focused;
}

Corner draw_head(QuestionCard& card) {
    Ui& ui = card.ui;
    const float whole = ui.width;
    const Corner corner{ImGui::GetCursorPosX(), ImGui::GetCursorPosY(),
                        button_width(ui, ui.t("question.clear"), true)};
    ui.width = whole - corner.clear_width - ui.em(0.6F);
    ImGui::PushFont(ui.scratch.fonts.bold, 0);
    paragraph(ui, card.label);
    ImGui::PopFont();
    small_text(ui, card.interview.hint(card.node, card.open.language));
    if (card.item.type == QuestionType::select_multiple) small_text(ui, ui.t("question.several"));
    if (card.item.type == QuestionType::rank) small_text(ui, ui.t("question.rank"));
    if (const auto range = schema::NumberRange::of(card.item);
        range && card.item.type == QuestionType::range && !lies_in_a_row(card)) {
        small_text(ui, ui.t(range->whole() ? "question.range" : "question.range_steps", bounds(*range)));
        small_text(ui, words_for_numbers(card));
    }
    if (draw_guidance(ui, card.open, card.node, card.label)) card.focused = true;
    // Stays when it is answered, so that nothing jumps. Red where nothing was given; what does not fit has a
    // message of its own.
    const bool nothing = app::standing_of(card.open, card.node) == app::Standing::required_open;
    if (card.interview.required(card.node))
        small_text(ui, ui.t("question.needed"), nothing && !card.message.empty() ? Tone::error : Tone::muted);
    ui.width = whole;
    return corner;
}

// True when there is something to answer.
bool draw_answer(QuestionCard& card) {
    switch (card.item.type) {
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::acknowledge:
            draw_pickables(card);
            return true;
        case QuestionType::range:
            lies_in_a_row(card) ? draw_range(card) : draw_typed(card);
            return true;
        case QuestionType::text:
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::date:
        case QuestionType::time:
        case QuestionType::date_time:
        case QuestionType::geopoint:
        case QuestionType::barcode:
            draw_typed(card);
            return true;
        case QuestionType::rank:
            draw_rank(card);
            return true;
        case QuestionType::image:
        case QuestionType::audio:
        case QuestionType::video:
        case QuestionType::file:
            draw_file(card);
            return true;
        case QuestionType::note:
        case QuestionType::calculate:
        // No study is built with these.
        case QuestionType::geotrace:
        case QuestionType::geoshape:
            return false;
    }
    return false;
}

// "Refused" and the like.
void draw_missing(QuestionCard& card) {
    Ui& ui = card.ui;
    const auto& offered = ui.scratch.choices.of(card.open, card.node).missing;
    if (offered.empty() || !card.editable) return;
    const auto said = card.interview.missing(card.node);
    const bool unfolded = said.has_value() || card.open.missing_shown.contains(card.node);
    if (!unfolded) {
        if (button(ui, ui.t("question.no_answer"), {.kind = ButtonKind::quiet, .small = true, .flush = true},
                   card.path))
            ui.act(app::ToggleMissing{card.node});
        card.focused = card.focused || ImGui::IsItemFocused();
        return;
    }
    for (const schema::Missing missing : offered) {
        if (button(ui, ui.t(key_of(missing)), {.small = true, .chosen = said == missing}, card.path))
            ui.act(app::SayMissing{card.node, missing});
        card.focused = card.focused || ImGui::IsItemFocused();
        ImGui::SameLine();
    }
    ImGui::NewLine();
}

// At the upper right, where it takes no room from what follows.
void draw_clear(QuestionCard& card, const Corner& corner) {
    Ui& ui = card.ui;
    if (!card.editable || (!card.interview.answered(card.node) && !card.open.typed.contains(card.node)))
        return;
    const ImVec2 end = ImGui::GetCursorPos();
    // Its text ends where the field ends, and stands on the label's line.
    ImGui::SetCursorPos({corner.x + ui.width - corner.clear_width + ui.em(0.75F), corner.y - ui.em(0.5F)});
    ImGui::PushItemFlag(ImGuiItemFlags_NoTabStop, true);  // Delete does the same
    if (button(ui, ui.t("question.clear"), {.kind = ButtonKind::quiet, .small = true}, card.path))
        ui.act(app::ClearAnswer{card.node});
    card.focused = card.focused || ImGui::IsItemFocused();
    ImGui::PopItemFlag();
    ImGui::SetCursorPos(end);
}

}  // namespace

std::string message_for(const Ui& ui, const OpenInterview& open, NodeId node) {
    const schema::Item& item = open.interview.item(node);
    const bool left = open.left.contains(node);
    // A text would have been the answer with the key just pressed.
    if (const auto typed = open.typed.find(node); typed != open.typed.end() && typed->second.error &&
                                                  (left || app::taken(item.type) == app::Taken::at_once)) {
        return sentence_for(ui, item, *typed->second.error);
    }
    if (!left) return {};
    std::string own;
    switch (open.interview.violation(node)) {
        case schema::Violation::none:
            return app::standing_of(open, node) == app::Standing::unfitting ? ui.t("question.rank_changed")
                                                                            : std::string();
        case schema::Violation::constraint:
            own = open.interview.constraint_message(node, open.language);
            return own.empty() ? ui.t("question.constraint") : own;
        case schema::Violation::required:
            own = open.interview.required_message(node, open.language);
            return own.empty() ? ui.t("question.required") : own;
    }
    return {};
}

bool draw_question(Ui& ui, const OpenInterview& open, NodeId node) {
    const schema::Item& item = open.interview.item(node);
    const bool note = item.type == QuestionType::note;
    const Card box(ui, note ? Card::Kind::tinted : Card::Kind::plain);
    std::string label = open.interview.label(node, open.language);
    if (note) {
        paragraph(ui, label);
        small_text(ui, open.interview.hint(node, open.language));
        draw_guidance(ui, open, node, label);
        return false;
    }
    QuestionCard card{.ui = ui,
                      .open = open,
                      .interview = open.interview,
                      .node = node,
                      .item = item,
                      .path = open.interview.path_of(node),
                      .label = std::move(label),
                      .message = message_for(ui, open, node),
                      .editable = !open.sealing && !open.interview.read_only(node),
                      .wants_focus = ui.scratch.focus_pending && open.focused == node};
    const Corner corner = draw_head(card);
    if (!draw_answer(card)) return false;
    if (!card.message.empty()) paragraph(ui, card.message, Tone::error, Role::alert);
    draw_missing(card);
    if (!schema::is_media(item.type)) draw_clear(card, corner);  // it has a button of its own
    if (card.wants_focus && card.focus_taken) ui.scratch.focus_pending = false;
    return card.focused;
}

}  // namespace fieldfare::gui
