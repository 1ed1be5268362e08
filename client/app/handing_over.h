#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"
#include "client/app/update.h"

namespace fieldfare::app {

// Handing sealed files over, with an open vault, a locked one, or one that can't be opened at all: the part
// of update() that is about it.

template <typename Action>
concept HandingOverAction = std::same_as<Action, ShowSync> || std::same_as<Action, BeginSync> ||
    std::same_as<Action, CancelSync> || std::same_as<Action, ChooseHandingOver> ||
    std::same_as<Action, SyncProgress> || std::same_as<Action, SyncDone> || std::same_as<Action, SyncFailed>;

void take(AppState& state, const ShowSync& action, const Environment& environment, Effects& effects);
void take(AppState& state, const BeginSync& action, const Environment& environment, Effects& effects);
void take(AppState& state, const CancelSync& action, const Environment& environment, Effects& effects);
void take(AppState& state, const ChooseHandingOver& action, const Environment& environment, Effects& effects);
void take(AppState& state, SyncProgress& action, const Environment& environment, Effects& effects);
void take(AppState& state, SyncDone& action, const Environment& environment, Effects& effects);
void take(AppState& state, SyncFailed& action, const Environment& environment, Effects& effects);

/// Where the machine hands over by itself: begins the pass that is due. Not while a respondent fills in an
/// interview alone, and not at once after that either.
void hand_over_by_itself(AppState& state, const Environment& environment, Effects& effects);
/// After each action: a pass is planned where there should be one, and none where there should not.
void keep_plan(AppState& state, const Environment& environment);
/// An interview or a respondent's code was sealed, or there are sealed ones in the vault just opened.
void sealed_waits(AppState& state, const Environment& environment);
/// What was known of a pass and its stores goes with the vault that is gone; so does the switch, which was
/// set for the study that was there.
void forget_handing_over(AppState& state, Effects& effects);

/// In how many milliseconds a pass is due, or a minute that the screen counts down is over; nothing: never.
std::optional<std::int64_t> handing_over_wakes_in(const AppState& state, std::int64_t tick_ms);
/// Whole minutes, rounded up, until a store that rests is asked again; nothing: only when a person asks.
std::optional<int> minutes_of_rest(const AppState& state, const FailedStore& store);
/// The same until the next pass by itself.
std::optional<int> minutes_to_next(const AppState& state);

}  // namespace fieldfare::app
