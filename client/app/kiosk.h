#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"
#include "client/app/update.h"

namespace fieldfare::app {

// An unattended machine: the part of update() that is about it. Staff open it with the passphrase at the
// start of the day; from then on it shows the respondent's side: a start screen, the interview, an end
// screen, and the start screen for the next. Nothing of an interview is ever saved before it is sealed, and
// only the passphrase leads to the staff's side, where the machine hands over, takes in a study file or is
// closed.

/// Nobody has touched anything for so long: the answers are covered. A page of information for respondents
/// takes a minute and a half to read; who has walked away should not leave answers readable for much longer.
inline constexpr std::int64_t idle_before_cover_ms = 120'000;
/// What is covered is erased after so long. Three times what WCAG 2.2.1 asks for a warning of this kind,
/// since half an hour's answers go with it.
inline constexpr std::int64_t cover_ms = 60'000;
/// For the two sentences of the end screen; who needs longer reads on, for any key or move begins it anew, up
/// to a minute from the seal: who comes next may begin to move the mouse.
inline constexpr std::int64_t end_screen_ms = 20'000;
inline constexpr std::int64_t longest_end_screen_ms = 60'000;
/// The tick at which the end screen goes.
std::int64_t end_screen_until(const AppState& state, const Kiosk& kiosk);
/// The question for the passphrase goes away when nobody types it.
inline constexpr std::int64_t staff_door_ms = 60'000;

/// The only notice that is meant for respondents; any other on their side waits until staff are there.
inline constexpr std::string_view respondents_notice = "kiosk.complaint";

/// Whether the study is one for unattended machines.
bool unattended(const StudySummary& study);

/// The respondent's side, while it is what this machine shows.
const Kiosk* respondents_side(const AppState& state);

/// Whether this may do anything now. On the respondent's side only what is named there: whatever is invented
/// later is the staff's until somebody decides otherwise.
bool let_through(const AppState& state, const Action& action);

template <typename Action>
concept KioskAction = std::same_as<Action, OpenToRespondents> || std::same_as<Action, HideAnswers> ||
    std::same_as<Action, ShowAnswers> || std::same_as<Action, EraseAnswers> ||
    std::same_as<Action, NextRespondent> || std::same_as<Action, AskForStaff> ||
    std::same_as<Action, LeaveStaffDoor>;

void take(AppState& state, Session& session, const OpenToRespondents& action);
void take(AppState& state, Session& session, const HideAnswers& action);
void take(AppState& state, Session& session, const ShowAnswers& action);
void take(AppState& state, Session& session, const EraseAnswers& action);
void take(AppState& state, Session& session, const NextRespondent& action);
void take(AppState& state, Session& session, const AskForStaff& action);
void take(AppState& state, Session& session, const LeaveStaffDoor& action);

/// From the start screen; false: this study is no unattended machine's, and its interviews begin at home.
bool begin_alone(Session& session, const Environment& environment);
/// The language chosen on the start screen, for the questions and, where the program speaks it, the buttons.
void choose_language(Session& session, std::size_t language);
/// The interview on the screen has been sealed.
void show_sealed(AppState& state, Session& session);

/// Closing the window leaves the respondent's side, too; false: it does not stand there.
bool ask_before_closing(Session& session);
/// The passphrase, typed at the door.
void try_door(AppState& state, Session& session, TryPassphrase& action, Effects& effects);
bool tried_at_door(const Session& session);
void door_refused(AppState& state, Session& session, UnlockFailed& action);
/// The passphrase was right: whatever was open is erased, and staff are at home.
enum class Passed { nobody, to_work, to_close };
Passed pass_door(Session& session);

/// What time brings: the cover, the erasing, the start screen. On the staff's side, after the minutes of the
/// idle lock, the respondent's.
void pass_time(AppState& state, Session& session);
/// In how many milliseconds pass_time() has something to do, or a second of a countdown has passed.
std::optional<std::int64_t> kiosk_wakes_in(const AppState& state, const Session& session,
                                           std::int64_t tick_ms);

}  // namespace fieldfare::app
