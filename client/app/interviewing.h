#pragma once

#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// What a person's actions do to the open interview. Used by update only. Each leaves `steps` and the notes
// about single questions in step with the interview; none saves, collect_saves does.

/// The draft's wish to be stored: what differs from what was last sent, under a new ticket; nothing when
/// there is no difference. `forced`: also without one, since language and minutes go along. On an unattended
/// machine nothing ever is.
enum class Forced { no, yes };
Effects collect_saves(OpenInterview& open, std::uint64_t& next_ticket, Forced forced = Forced::no);

/// collect_saves of what is open, if anything is.
void save(AppState& state, Session& session, Effects& effects, Forced forced = Forced::no);

/// What is open, while this place shows it and it is not being sealed.
OpenInterview* editable(Session& session, Place place = Place::interview);

/// Recomputes steps and forgets notes about questions that are gone.
void refresh(OpenInterview& open);

void type_text(OpenInterview& open, schema::NodeId node, std::string text);
void pick(OpenInterview& open, schema::NodeId node, std::string_view choice);
/// The choice that shows this digit (digit_keys).
void pick_digit(OpenInterview& open, schema::NodeId node, char digit);
/// Of a rank: a choice goes to a place, the first being 0; the order becomes the answer if anything moved.
void move_ranked(OpenInterview& open, schema::NodeId node, std::string_view choice, std::size_t place);
/// Of a rank: the order is right as it stands.
void confirm_ranking(OpenInterview& open, schema::NodeId node);
/// One more at the end of a repeat; the keyboard goes to its first question.
void add_instance(OpenInterview& open, schema::NodeId repeat);
void clear_answer(OpenInterview& open, schema::NodeId node);
void say_missing(OpenInterview& open, schema::NodeId node, schema::Missing missing);

/// Makes answers of what is typed in fields that count once they are left (typed_answer.h). What can't be
/// read clears the answer and keeps the text with its error, so that the screen never shows one thing and the
/// record holds another.
void commit_typed(OpenInterview& open);
/// The field was left: commit_typed, and what stands there may be judged from now on.
void leave_field(OpenInterview& open, schema::NodeId node);

/// The keyboard is on this question now, and whoever had it before counts as left and seen.
void focus(OpenInterview& open, schema::NodeId node);
/// As focus, and drawing shall move the keyboard there.
void request_focus(OpenInterview& open, schema::NodeId node);

void enter_step(OpenInterview& open, const StepKey& key);
/// The same for whoever has the machine when the respondent has not: a part that the respondent fills in
/// alone is entered by the screen that hands the machine over. False where that stands there now.
bool enter_by_its_door(OpenInterview& open, const Step& wanted);

enum class Going { stays, moves, ends };
/// To the next step if nothing stands against it: a required question without an answer, or once for each
/// page the soft prompt. ends: there is no further step.
Going go_to_next(OpenInterview& open);
Going skip_anyway(OpenInterview& open);
void go_to_previous(OpenInterview& open);
/// From a question to the next one of its page, and from the last to the next step.
Going go_on_from(OpenInterview& open, schema::NodeId node);

/// Where a resumed draft goes on: the first page with a question that was neither seen nor answered, else the
/// last.
void enter_where_left(OpenInterview& open);

}  // namespace fieldfare::app
