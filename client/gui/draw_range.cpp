#include <algorithm>
#include <optional>
#include <string_view>

#include "client/gui/question_card.h"
#include "client/gui/theme.h"

namespace fieldfare::gui {

using app::Pickable;
using app::TickLabel;

namespace {

constexpr float most_lines = 3;  // of the words under a number

// The squares of the numbers, and the words under some of them.
struct Row {
    float square = 0, step = 0;  ///< how wide one is, and from one to the next
    struct Words {
        std::string text;
        float left = 0, room = 0;
        float aligned = 0;  ///< 0: at the left of its room, 1: at the right
    };
    std::vector<Words> words;
    float words_height = 0;
};

float words_size() {
    return ImGui::GetStyle().FontSizeBase * 0.86F;
}

const TickLabel* tick_of(const ShownChoices& shown, const std::string& number) {
    const auto found = std::ranges::find(shown.ticks, number, &TickLabel::number);
    return found == shown.ticks.end() ? nullptr : &*found;
}

// What a number is called, by screen readers and where it has a line of its own.
std::string name_of(const ShownChoices& shown, const std::string& number) {
    const TickLabel* tick = tick_of(shown, number);
    return tick ? number + " – " + tick->words : number;
}

bool fits(const std::string& text, float room) {
    if (ImGui::CalcTextSize(text.c_str(), nullptr, false, room).y >
        ImGui::GetTextLineHeight() * (most_lines + 0.5F))
        return false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (ImGui::CalcTextSize(text.data() + at, text.data() + end).x > room) return false;
        at = end + 1;
    }
    return true;
}

// Words begin at the left end of the row, end at its right end, and else stand centred under their number,
// each as far as half the way to the next.
void place_words(Row& row, const ShownChoices& shown, float gap) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < shown.all.size(); ++i)
        if (tick_of(shown, shown.all[i].name)) places.push_back(i);
    const auto middle = [&](std::size_t place) {
        return static_cast<float>(place) * row.step + row.square / 2;
    };
    const float end = static_cast<float>(shown.all.size()) * row.step - (row.step - row.square);
    for (std::size_t k = 0; k < places.size(); ++k) {
        const std::size_t place = places[k];
        const float from = k == 0 ? 0 : (middle(places[k - 1]) + middle(place) + gap) / 2;
        const float to = k + 1 == places.size() ? end : (middle(place) + middle(places[k + 1]) - gap) / 2;
        Row::Words words{tick_of(shown, shown.all[place].name)->words, from, to - from, 0};
        if (place > 0 && place + 1 == shown.all.size()) {
            words.aligned = 1;
        } else if (place > 0) {
            const float reach = std::min(middle(place) - from, to - middle(place));
            words.left = middle(place) - reach;
            words.room = 2 * reach;
            words.aligned = 0.5F;
        }
        row.words.push_back(std::move(words));
    }
}

// Nothing: the numbers and their words have no room beside each other.
std::optional<Row> row_of(const Ui& ui, const ShownChoices& shown) {
    const float gap = ui.em(0.4F);
    const auto count = static_cast<float>(shown.all.size());
    const float even = (ui.width - (count - 1) * gap) / count;
    float widest = 0;
    for (const Pickable& each : shown.all)
        widest = std::max(widest, ImGui::CalcTextSize(each.name.c_str()).x);
    Row row;
    const float comfortable = std::max(ui.em(shown.ticks.empty() ? 2.7F : 8.0F), widest + ui.em(0.9F));
    row.square = std::min(comfortable, even);
    row.step = row.square + gap;
    if (row.square < widest + ui.em(0.5F)) return std::nullopt;
    place_words(row, shown, gap);
    ImGui::PushFont(nullptr, words_size());
    const bool all_fit =
        std::ranges::all_of(row.words, [](const Row::Words& words) { return fits(words.text, words.room); });
    for (const Row::Words& words : row.words)
        row.words_height =
            std::max(row.words_height, ImGui::CalcTextSize(words.text.c_str(), nullptr, false, words.room).y);
    ImGui::PopFont();
    return all_fit ? std::optional(std::move(row)) : std::nullopt;
}

void draw_words(Ui& ui, const Row& row) {
    const ImVec2 start = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (const Row::Words& words : row.words) {
        const char* at = words.text.data();
        const char* const end = at + words.text.size();
        float y = start.y;
        while (at < end) {
            const char* line =
                ImGui::GetFont()->CalcWordWrapPosition(ImGui::GetFontSize(), at, end, words.room);
            if (line == at) break;
            const float width = ImGui::CalcTextSize(at, line).x;
            list->AddText({start.x + words.left + (words.room - width) * words.aligned, y}, colour::muted, at,
                          line);
            y += ImGui::GetTextLineHeight();
            for (at = line; at < end && *at == ' ';) ++at;
        }
        const float left = start.x + words.left;
        note_widget(ui, Role::text, words.text, {}, {left, start.y, left + words.room, y});
    }
    ImGui::Dummy({ui.width, row.words_height});
}

}  // namespace

bool lies_in_a_row(const QuestionCard& card) {
    return card.item.type == schema::QuestionType::range &&
           !card.ui.scratch.choices.of(card.open, card.node).all.empty();
}

std::string words_for_numbers(const QuestionCard& card) {
    std::string all;
    for (const TickLabel& tick : card.ui.scratch.choices.of(card.open, card.node).ticks)
        (all += all.empty() ? "" : " · ") += tick.number + " – " + tick.words;
    return all;
}

void draw_range(QuestionCard& card) {
    Ui& ui = card.ui;
    const ShownChoices& shown = ui.scratch.choices.of(card.open, card.node);
    const std::optional<Row> row = row_of(ui, shown);
    const std::size_t stop = shown.first_picked < shown.all.size() ? shown.first_picked : 0;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {ui.em(0.4F), ui.em(0.4F)});
    for (std::size_t i = 0; i < shown.all.size(); ++i) {
        const std::string& number = shown.all[i].name;
        const std::string name = name_of(shown, number);
        OptionLook look;
        look.picked = shown.picked[i];
        look.enabled = card.editable;
        look.tab_stop = i == stop;
        look.centred = row.has_value();
        look.name = name;
        if (row) {
            look.width = row->square;
            if (i > 0) ImGui::SameLine();
        } else {
            look.key = shown.keys[i];
        }
        const bool focus_here = card.wants_focus && !card.focus_taken && i == stop;
        const OptionResult result =
            option(ui, card.path + '/' + number, row ? number : name, card.label, look, focus_here);
        card.focus_taken = card.focus_taken || focus_here;
        card.focused = card.focused || result.focused;
        if (result.pressed) ui.act(app::PickChoice{card.node, number});
    }
    if (row && !row->words.empty()) {
        ImGui::PushFont(nullptr, words_size());
        draw_words(ui, *row);
        ImGui::PopFont();
    }
    ImGui::PopStyleVar();
}

}  // namespace fieldfare::gui
