#include <algorithm>

#include "client/app/choices.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

using app::OpenInterview;
using schema::Interview;
using schema::NodeId;
using schema::QuestionType;

namespace {

constexpr std::size_t long_list = 12;   // more choices than this get a search field
constexpr std::size_t scale_label = 3;  // a list whose labels are hardly longer than this lies on one line

const char* key_of(schema::AnswerError error) {
    switch (error) {
        case schema::AnswerError::not_a_number:
            return "question.error.not_a_number";
        case schema::AnswerError::out_of_range:
            return "question.error.out_of_range";
        case schema::AnswerError::not_a_date:
            return "question.error.not_a_date";
        case schema::AnswerError::too_long:
            return "question.error.too_long";
        case schema::AnswerError::not_text:
            return "question.error.not_text";
        case schema::AnswerError::not_a_question:
        case schema::AnswerError::not_a_choice:
        case schema::AnswerError::not_a_place:
            return "question.constraint";
    }
    return "question.constraint";
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

std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

// Draws one question; its members are what all parts of the card need.
class QuestionCard {
  public:
    QuestionCard(Ui& ui, const OpenInterview& open, NodeId node)
        : ui_(ui),
          open_(open),
          interview_(open.interview),
          node_(node),
          item_(open.interview.item(node)),
          path_(open.interview.path_of(node)),
          label_(open.interview.label(node, open.language)),
          editable_(!open.sealing && !open.interview.read_only(node)),
          wants_focus_(ui.scratch.focus_pending && open.focused == node) {}

    bool draw() {
        message_ = message_for(ui_, open_, node_);
        head();
        switch (item_.type) {
            case QuestionType::select_one:
            case QuestionType::select_multiple:
                choices();
                break;
            case QuestionType::text:
            case QuestionType::integer:
            case QuestionType::decimal:
            case QuestionType::date:
                typed();
                break;
            case QuestionType::note:
            case QuestionType::calculate:
                return false;
            // No study is built with these yet (form_support.h).
            case QuestionType::time:
            case QuestionType::date_time:
            case QuestionType::rank:
            case QuestionType::range:
            case QuestionType::acknowledge:
            case QuestionType::geopoint:
            case QuestionType::geotrace:
            case QuestionType::geoshape:
            case QuestionType::image:
            case QuestionType::audio:
            case QuestionType::video:
            case QuestionType::file:
            case QuestionType::barcode:
                return false;
        }
        if (!message_.empty()) paragraph(ui_, message_, Tone::error, Role::alert);
        missing();
        clear_button();
        if (wants_focus_ && focus_taken_) ui_.scratch.focus_pending = false;
        return focused_;
    }

  private:
    void head() {
        const float whole = ui_.width;
        head_x_ = ImGui::GetCursorPosX();
        head_y_ = ImGui::GetCursorPosY();
        clear_width_ = button_width(ui_, ui_.t("question.clear"), true);
        ui_.width = whole - clear_width_ - ui_.em(0.6F);
        ImGui::PushFont(ui_.scratch.fonts.bold, 0);
        paragraph(ui_, label_);
        ImGui::PopFont();
        small_text(ui_, interview_.hint(node_, open_.language));
        if (item_.type == QuestionType::select_multiple) small_text(ui_, ui_.t("question.several"));
        // Stays when it is answered, so that nothing jumps.
        if (interview_.required(node_)) {
            small_text(ui_, ui_.t("question.needed"), message_.empty() ? Tone::muted : Tone::error);
        }
        ui_.width = whole;
    }

    void choices() {
        const auto all = interview_.choices(node_);
        std::vector<std::string> labels;
        labels.reserve(all.size());
        std::size_t squares = 0;
        for (const schema::Choice* choice : all) {
            labels.push_back(interview_.choice_label(node_, *choice, open_.language));
            squares += code_points(labels.back()) <= scale_label ? 1U : 0U;
        }
        const auto keys = app::digit_keys(interview_, node_, open_.language);
        // A scale (0 … 10) lies on a line; what is no step of it stands below.
        const bool scale =
            squares >= 4 && squares + 3 >= all.size() && item_.type == QuestionType::select_one;
        const std::string filter =
            all.size() > long_list && !scale ? draw_filter(all, labels) : std::string();
        // Tab goes from question to question: it stops once at a select_one, at what is picked or else the
        // first.
        std::size_t stop = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (app::chosen(interview_, node_, all[i]->name)) {
                stop = i;
                break;
            }
        }
        ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui_.em(0.4F), ui_.em(0.4F)});
        bool any = false;
        bool on_line = false;
        float used = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!filter.empty() && !matches(labels[i], filter)) continue;
            any = true;
            OptionLook look;
            look.several = item_.type == QuestionType::select_multiple;
            look.picked = app::chosen(interview_, node_, all[i]->name);
            look.enabled = editable_;
            look.key = keys[i];
            look.tab_stop = look.several || i == stop || !filter.empty();
            if (scale && code_points(labels[i]) <= scale_label) {
                look.centred = true;
                look.width = ui_.em(2.7F);
                if (on_line && used + look.width + ui_.em(0.4F) <= ui_.width) {
                    ImGui::SameLine();
                    used += look.width + ui_.em(0.4F);
                } else {
                    used = look.width;
                }
                on_line = true;
            } else {
                on_line = false;
            }
            const bool focus_here = wants_focus_ && !focus_taken_ && (filter.empty() ? i == stop : true);
            const OptionResult result =
                option(ui_, path_ + '/' + all[i]->name, labels[i], label_, look, focus_here);
            focus_taken_ = focus_taken_ || focus_here;
            focused_ = focused_ || result.focused;
            if (result.pressed) ui_.act(app::PickChoice{node_, all[i]->name});
        }
        ImGui::PopStyleVar();
        if (!any) small_text(ui_, ui_.t("question.no_match"));
    }

    std::string draw_filter(const std::vector<const schema::Choice*>& all,
                            const std::vector<std::string>& labels) {
        const auto kept = open_.filter.find(node_);
        std::string text;
        const FieldResult result =
            field(ui_, path_ + "/filter", kept == open_.filter.end() ? std::string() : kept->second, text,
                  {.label = ui_.t("question.filter") + ": " + label_,
                   .hint = ui_.t("question.filter"),
                   .enabled = editable_,
                   .max_bytes = 256},
                  false);
        focused_ = focused_ || result.focused;
        if (result.edited) ui_.act(app::FilterChoices{node_, text});
        if (result.entered && !text.empty()) {
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (matches(labels[i], text)) {
                    ui_.act(app::PickChoice{node_, all[i]->name});
                    break;
                }
            }
            ui_.act(app::FilterChoices{node_, {}});
            ui_.act(app::GoOn{node_});
        }
        return text;
    }

    void typed() {
        const auto kept = open_.typed.find(node_);
        const std::string value =
            kept == open_.typed.end() ? std::string(interview_.value(node_)) : kept->second.text;
        FieldLook look;
        look.label = label_;
        look.invalid = !message_.empty();
        look.enabled = editable_;
        look.multiline =
            item_.type == QuestionType::text && item_.appearance.find("multiline") != std::string::npos;
        if (item_.type == QuestionType::date) {
            look.hint = ui_.t("question.date_hint");
        } else if (item_.type != QuestionType::text) {
            look.hint = ui_.t("question.number_hint");
            look.width = ui_.em(10);
        }
        std::string text;
        const FieldResult result = field(ui_, path_, value, text, look, wants_focus_);
        focus_taken_ = wants_focus_;
        focused_ = focused_ || result.focused;
        if (result.edited) ui_.act(app::TypeText{node_, text});
        if (result.left) ui_.scratch.left_field = node_;
        if (result.entered) ui_.act(app::GoOn{node_});
        if (item_.max_length) {
            small_text(
                ui_,
                ui_.t("question.length", {{"used", std::to_string(code_points(text))},
                                          {"limit", std::to_string(*item_.max_length)}}),
                code_points(text) > static_cast<std::size_t>(*item_.max_length) ? Tone::error : Tone::muted);
        }
        if (item_.type == QuestionType::date) {
            // The date in words, so that day and month are not taken for each other. Its line is always
            // there.
            const std::string words = day_in_words(ui_, std::string(interview_.value(node_)));
            small_text(ui_, words.empty() ? " " : words, Tone::accent);
        }
        app::wipe(text);
    }

    void missing() {
        const auto offered = app::missing_offered(interview_, node_);
        if (offered.empty() || !editable_) return;
        const auto said = interview_.missing(node_);
        const bool unfolded = said.has_value() || open_.missing_shown.contains(node_);
        if (!unfolded) {
            if (button(ui_, ui_.t("question.no_answer"), {.kind = ButtonKind::quiet, .small = true}, path_)) {
                ui_.act(app::ToggleMissing{node_});
            }
            focused_ = focused_ || ImGui::IsItemFocused();
            return;
        }
        for (const schema::Missing missing : offered) {
            if (button(ui_, ui_.t(key_of(missing)), {.small = true, .chosen = said == missing}, path_)) {
                ui_.act(app::SayMissing{node_, missing});
            }
            focused_ = focused_ || ImGui::IsItemFocused();
            ImGui::SameLine();
        }
        ImGui::NewLine();
    }

    // At the upper right, where it takes no room from what follows.
    void clear_button() {
        if (!editable_ || (!interview_.answered(node_) && !open_.typed.contains(node_))) return;
        const ImVec2 end = ImGui::GetCursorPos();
        ImGui::SetCursorPos({head_x_ + ui_.width - clear_width_, head_y_ - ui_.em(0.3F)});
        ImGui::PushItemFlag(ImGuiItemFlags_NoTabStop, true);  // Delete does the same
        if (button(ui_, ui_.t("question.clear"), {.kind = ButtonKind::quiet, .small = true}, path_)) {
            ui_.act(app::ClearAnswer{node_});
        }
        focused_ = focused_ || ImGui::IsItemFocused();
        ImGui::PopItemFlag();
        ImGui::SetCursorPos(end);
    }

    Ui& ui_;
    const OpenInterview& open_;
    const Interview& interview_;
    NodeId node_;
    const schema::Item& item_;
    std::string path_, label_, message_;
    bool editable_, wants_focus_;
    bool focus_taken_ = false, focused_ = false;
    float head_x_ = 0, head_y_ = 0, clear_width_ = 0;
};

}  // namespace

std::string message_for(const Ui& ui, const OpenInterview& open, NodeId node) {
    if (!open.left.contains(node)) {
        return {};
    }
    if (const auto typed = open.typed.find(node); typed != open.typed.end() && typed->second.error) {
        return ui.t(key_of(*typed->second.error));
    }
    std::string own;
    switch (open.interview.violation(node)) {
        case schema::Violation::none:
            return {};
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
    const bool note = open.interview.item(node).type == QuestionType::note;
    const Card card(ui, note ? Card::Kind::tinted : Card::Kind::plain);
    if (note) {
        paragraph(ui, open.interview.label(node, open.language));
        small_text(ui, open.interview.hint(node, open.language));
        return false;
    }
    return QuestionCard(ui, open, node).draw();
}

}  // namespace fieldfare::gui
