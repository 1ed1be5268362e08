#include <algorithm>

#include "client/gui/question_card.h"

namespace fieldfare::gui {

using app::Pickable;
using schema::QuestionType;

namespace {

constexpr std::size_t long_list = 12;       // more choices than this get a search field
constexpr std::size_t looked_through = 40;  // more than this are searched rather than looked through
constexpr std::size_t most_rows = 300;      // more than this nobody scrolls through: only some are drawn
constexpr std::size_t few_rows = 20;        // so many of those
constexpr std::size_t scale_label = 3;  // a list whose labels are hardly longer than this lies on one line

std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

bool several(const QuestionCard& card) {
    return card.item.type != QuestionType::select_one;
}

std::string draw_filter(QuestionCard& card, const ShownChoices& shown) {
    Ui& ui = card.ui;
    const auto kept = card.open.filter.find(card.node);
    const bool here =
        card.wants_focus && shown.all.size() > looked_through && shown.first_picked == shown.all.size();
    const bool again = ui.scratch.search_again == card.node;
    if (again) ui.scratch.search_again = schema::no_node;
    std::string text;
    const FieldResult result =
        field(ui, card.path + "/filter", kept == card.open.filter.end() ? std::string() : kept->second, text,
              {.label = ui.t("question.filter") + ": " + card.label,
               .hint = ui.t("question.filter"),
               .enabled = card.editable,
               .max_characters = 256},
              here || again);
    card.focus_taken = card.focus_taken || here;
    card.focused = card.focused || result.focused;
    if (result.edited) ui.act(app::FilterChoices{card.node, text});
    if (!result.entered) return text;
    if (!text.empty()) {
        const auto& found = ui.scratch.choices.matching(card.node, text);
        if (found.empty()) return text;  // it stays, to be mended
        ui.act(app::PickChoice{card.node, shown.all[found.front()].name});
        ui.act(app::FilterChoices{card.node, {}});
        if (several(card)) {
            ui.scratch.search_again = card.node;
            return text;
        }
    }
    ui.act(app::GoOn{card.node});
    return text;
}

// How wide the squares of a scale are; 0: the list lies below each other. A scale (0 … 10) lies on a line;
// what is no step of it stands below.
float square_width(const QuestionCard& card, const std::vector<Pickable>& all) {
    if (card.item.type != QuestionType::select_one || all.size() > most_rows) return 0;
    const auto squares = static_cast<std::size_t>(std::ranges::count_if(
        all, [](const Pickable& each) { return code_points(each.label) <= scale_label; }));
    return squares >= 4 && squares + 3 >= all.size() ? card.ui.em(2.7F) : 0;
}

std::size_t rows_at_most(const ShownChoices& shown) {
    return shown.all.size() > most_rows ? few_rows : shown.all.size();
}

// The choices to draw while nothing is searched. Of a very long list the first ones, with the answer before
// them where it would not be in sight.
std::vector<std::size_t> rows_of(const ShownChoices& shown) {
    const std::size_t first = rows_at_most(shown);
    std::vector<std::size_t> rows;
    for (std::size_t i = first; i < shown.all.size(); ++i)
        if (shown.picked[i]) rows.push_back(i);
    for (std::size_t i = 0; i < first; ++i) rows.push_back(i);
    return rows;
}

}  // namespace

void draw_pickables(QuestionCard& card) {
    Ui& ui = card.ui;
    const ShownChoices& shown = ui.scratch.choices.of(card.open, card.node);
    const std::vector<Pickable>& all = shown.all;
    const float square = square_width(card, all);
    const std::string filter =
        all.size() > long_list && square == 0 ? draw_filter(card, shown) : std::string();
    std::vector<std::size_t> rows;
    std::size_t in_all = all.size();
    if (filter.empty()) {
        rows = rows_of(shown);
    } else {
        rows = ui.scratch.choices.matching(card.node, filter);
        in_all = rows.size();
        rows.resize(std::min(rows.size(), rows_at_most(shown)));
    }
    // Tab goes from question to question: it stops once at a select_one or a long list, at what is picked or
    // else the first.
    const auto picked = std::ranges::find_if(rows, [&](std::size_t row) { return shown.picked[row]; });
    const std::size_t stop = rows.empty() ? 0 : picked == rows.end() ? rows.front() : *picked;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.em(0.4F), ui.em(0.4F)});
    bool on_line = false;
    float used = 0;
    for (const std::size_t i : rows) {
        OptionLook look;
        look.several = several(card);
        look.picked = shown.picked[i];
        look.enabled = card.editable;
        look.key = shown.keys[i];
        look.tab_stop = i == stop || (look.several && all.size() <= long_list);
        if (square > 0 && code_points(all[i].label) <= scale_label) {
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
        const bool focus_here = card.wants_focus && !card.focus_taken && i == stop;
        const std::string ok =
            card.item.type == QuestionType::acknowledge ? ui.t("question.acknowledge") : std::string();
        const OptionResult result = option(ui, card.path + '/' + all[i].name, ok.empty() ? all[i].label : ok,
                                           card.label, look, focus_here);
        card.focus_taken = card.focus_taken || focus_here;
        card.focused = card.focused || result.focused;
        if (result.pressed) ui.act(app::PickChoice{card.node, all[i].name});
    }
    ImGui::PopStyleVar();
    if (rows.empty()) small_text(ui, ui.t("question.no_match"));
    if (in_all > rows.size())
        small_text(ui, ui.t("question.more_choices", {{"count", std::to_string(in_all - rows.size())}}));
}

}  // namespace fieldfare::gui
