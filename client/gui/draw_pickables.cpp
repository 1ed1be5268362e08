#include <algorithm>

#include "client/app/choices.h"
#include "client/gui/question_card.h"

namespace fieldfare::gui {

using app::Pickable;
using schema::QuestionType;

namespace {

constexpr std::size_t long_list = 12;   // more choices than this get a search field
constexpr std::size_t scale_label = 3;  // a list whose labels are hardly longer than this lies on one line

std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::string draw_filter(QuestionCard& card, const std::vector<Pickable>& all) {
    Ui& ui = card.ui;
    const auto kept = card.open.filter.find(card.node);
    std::string text;
    const FieldResult result =
        field(ui, card.path + "/filter", kept == card.open.filter.end() ? std::string() : kept->second, text,
              {.label = ui.t("question.filter") + ": " + card.label,
               .hint = ui.t("question.filter"),
               .enabled = card.editable,
               .max_bytes = 256},
              false);
    card.focused = card.focused || result.focused;
    if (result.edited) ui.act(app::FilterChoices{card.node, text});
    if (result.entered && !text.empty()) {
        for (const Pickable& each : all) {
            if (matches(each.label, text)) {
                ui.act(app::PickChoice{card.node, each.name});
                break;
            }
        }
        ui.act(app::FilterChoices{card.node, {}});
        ui.act(app::GoOn{card.node});
    }
    return text;
}

// How wide the squares of a scale are; 0: the list lies below each other. A scale (0 … 10) lies on a line;
// what is no step of it stands below.
float square_width(const QuestionCard& card, const std::vector<Pickable>& all) {
    if (card.item.type == QuestionType::range) {
        float widest = 0;
        for (const Pickable& each : all) widest = std::max(widest, ImGui::CalcTextSize(each.label.c_str()).x);
        return std::max(card.ui.em(2.7F), widest + card.ui.em(0.9F));
    }
    const auto squares = static_cast<std::size_t>(std::ranges::count_if(
        all, [](const Pickable& each) { return code_points(each.label) <= scale_label; }));
    const bool scale =
        squares >= 4 && squares + 3 >= all.size() && card.item.type == QuestionType::select_one;
    return scale ? card.ui.em(2.7F) : 0;
}

}  // namespace

bool has_pickables(const QuestionCard& card) {
    switch (card.item.type) {
        case QuestionType::select_one:
        case QuestionType::select_multiple:
        case QuestionType::acknowledge:
            return true;
        case QuestionType::range:
            return !app::pickables(card.interview, card.node, card.open.language).empty();
        default:
            return false;
    }
}

void draw_pickables(QuestionCard& card) {
    Ui& ui = card.ui;
    auto all = app::pickables(card.interview, card.node, card.open.language);
    const auto keys = app::digit_keys(all);
    if (card.item.type == QuestionType::acknowledge)
        for (Pickable& each : all) each.label = ui.t("question.acknowledge");
    const float square = square_width(card, all);
    const bool range = card.item.type == QuestionType::range;
    const std::string filter = all.size() > long_list && square == 0 ? draw_filter(card, all) : std::string();
    // Tab goes from question to question: it stops once at a select_one, at what is picked or else the first.
    std::size_t stop = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (app::chosen(card.interview, card.node, all[i].name)) {
            stop = i;
            break;
        }
    }
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.em(0.4F), ui.em(0.4F)});
    bool any = false;
    bool on_line = false;
    float used = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!filter.empty() && !matches(all[i].label, filter)) continue;
        any = true;
        OptionLook look;
        look.several =
            card.item.type == QuestionType::select_multiple || card.item.type == QuestionType::acknowledge;
        look.picked = app::chosen(card.interview, card.node, all[i].name);
        look.enabled = card.editable;
        look.key = keys[i];
        look.tab_stop = look.several || i == stop || !filter.empty();
        if (square > 0 && (range || code_points(all[i].label) <= scale_label)) {
            look.centred = true;
            look.width = square;
            if (on_line && used + look.width + ui.em(0.4F) <= ui.width) {
                ImGui::SameLine();
                used += look.width + ui.em(0.4F);
            } else {
                used = look.width;
            }
            on_line = true;
        } else {
            on_line = false;
        }
        const bool focus_here = card.wants_focus && !card.focus_taken && (filter.empty() ? i == stop : true);
        const OptionResult result =
            option(ui, card.path + '/' + all[i].name, all[i].label, card.label, look, focus_here);
        card.focus_taken = card.focus_taken || focus_here;
        card.focused = card.focused || result.focused;
        if (result.pressed) ui.act(app::PickChoice{card.node, all[i].name});
    }
    ImGui::PopStyleVar();
    if (!any) small_text(ui, ui.t("question.no_match"));
}

}  // namespace fieldfare::gui
