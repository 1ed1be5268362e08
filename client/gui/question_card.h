#pragma once

#include <string>

#include "client/gui/ui.h"

// The parts of a question's card, one .cpp each; draw_question.cpp puts them together.
namespace fieldfare::gui {

/// One question while it is drawn: what all parts need, and what they tell the card.
struct QuestionCard {
    Ui& ui;
    const app::OpenInterview& open;
    const schema::Interview& interview;
    schema::NodeId node;
    const schema::Item& item;
    std::string path, label, message;
    bool editable;
    bool wants_focus;  ///< the keyboard shall go to one of its controls

    bool focus_taken = false;  ///< it has gone there
    bool focused = false;      ///< one of its controls has the keyboard
};

/// Choices of a select, the OK of an acknowledge; over a long list a search field. Of a very long one only
/// some are drawn.
void draw_pickables(QuestionCard& card);

/// A range whose numbers lie in a row, with their words below; where these have no room, below each other.
void draw_range(QuestionCard& card);
/// Whether it is one: a longer range is typed.
bool lies_in_a_row(const QuestionCard& card);
/// "0 – None · 100 – All", "" for a range without words.
std::string words_for_numbers(const QuestionCard& card);

/// A field, and below it what a date or place means in words.
void draw_typed(QuestionCard& card);

/// A rank: its choices in order, each with arrows, and the tick that the order is right.
void draw_rank(QuestionCard& card);

/// A photo, a recording or a file: chosen, on its way, or there.
void draw_file(QuestionCard& card);

}  // namespace fieldfare::gui
