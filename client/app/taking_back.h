#pragma once

#include <concepts>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Taking an interview back with the code that its respondent has kept: the part of update() that is about it.
// The code may be of any device; only the researchers find out whose it is.

/// Whether the study's interviews have codes.
bool offers_taking_back(const Session& session);

template <typename Action>
concept TakingBackAction = std::same_as<Action, ShowTakeBack> || std::same_as<Action, TakeBack> ||
    std::same_as<Action, TakenBack> || std::same_as<Action, TakeBackRefused>;

void take(Session& session, const ShowTakeBack& action, Effects& effects);
/// Wipes the code that the action has, once the effect has it.
void take(Session& session, TakeBack& action, Effects& effects);
void take(Session& session, const TakenBack& action, Effects& effects);
void take(Session& session, TakeBackRefused& action, Effects& effects);

}  // namespace fieldfare::app
