#include <algorithm>

#include "client/app/typed_answer.h"
#include "client/gui/question_card.h"
#include "schema/answer_check.h"
#include "schema/number_range.h"

namespace fieldfare::gui {

using schema::QuestionType;

namespace {

constexpr std::size_t longest_character = 4;  // in UTF-8

std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

/// What stands in the empty field.
const char* hint_key(QuestionType type) {
    switch (type) {
        case QuestionType::integer:
        case QuestionType::decimal:
        case QuestionType::range:
            return "question.number_hint";
        case QuestionType::date:
            return "question.date_hint";
        case QuestionType::time:
            return "question.time_hint";
        case QuestionType::date_time:
            return "question.date_time_hint";
        case QuestionType::geopoint:
            return "question.place_hint";
        case QuestionType::barcode:
            return "question.barcode_hint";
        default:
            return nullptr;
    }
}

bool is_number(QuestionType type) {
    return type == QuestionType::integer || type == QuestionType::decimal || type == QuestionType::range;
}

// What was understood, so that day and month, or latitude and longitude, are not taken for each other.
std::string in_words(const QuestionCard& card) {
    const std::string value(card.interview.value(card.node));
    if (value.empty()) return {};
    switch (card.item.type) {
        case QuestionType::date:
            return day_in_words(card.ui, value);
        case QuestionType::date_time: {
            const std::string typed = app::typed_of_value(card.item, value);
            const std::size_t end = std::min(typed.find(' '), typed.size());
            return day_in_words(card.ui, typed.substr(0, end)) +
                   (end < typed.size() ? ", " + typed.substr(end + 1) : "");
        }
        case QuestionType::geopoint:
            return place_in_words(card.ui, value);
        default:
            return {};
    }
}

}  // namespace

void draw_typed(QuestionCard& card) {
    Ui& ui = card.ui;
    const schema::Item& item = card.item;
    const auto kept = card.open.typed.find(card.node);
    const std::string value = kept == card.open.typed.end()
                                  ? app::typed_of_value(item, card.interview.value(card.node))
                                  : kept->second.text;
    FieldLook look;
    look.label = card.label;
    look.invalid = !card.message.empty();
    look.enabled = card.editable;
    look.multiline =
        item.type == QuestionType::text && item.appearance.find("multiline") != std::string::npos;
    if (const char* key = hint_key(item.type)) look.hint = ui.t(key);
    if (is_number(item.type)) look.width = ui.em(10);
    if (item.max_length) look.max_characters = static_cast<std::size_t>(*item.max_length);
    look.max_bytes = schema::max_value_bytes;
    std::string text;
    const FieldResult result = field(ui, card.path, value, text, look, card.wants_focus);
    card.focus_taken = card.wants_focus;
    card.focused = card.focused || result.focused;
    if (result.edited) ui.act(app::TypeText{card.node, text});
    if (result.left) ui.scratch.left_field = card.node;
    if (result.entered) ui.act(app::GoOn{card.node});
    if (item.max_length) {
        small_text(
            ui,
            ui.t("question.length",
                 {{"used", std::to_string(code_points(text))}, {"limit", std::to_string(*item.max_length)}}),
            code_points(text) > static_cast<std::size_t>(*item.max_length) ? Tone::error : Tone::muted);
    }
    // So that who has pasted a book sees at once that it does not go in, and how much of it has.
    if (text.size() + longest_character > schema::max_value_bytes)
        paragraph(ui, ui.t("question.full"), Tone::error, Role::alert);
    if (item.type == QuestionType::date || item.type == QuestionType::date_time ||
        item.type == QuestionType::geopoint) {
        // Its line is always there; a message takes its place.
        const std::string words = in_words(card);
        if (!words.empty() || card.message.empty()) small_text(ui, words.empty() ? " " : words, Tone::accent);
    }
    app::wipe(text);
}

}  // namespace fieldfare::gui
