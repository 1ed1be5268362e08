#pragma once

#include <concepts>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Handing sealed files over, with an open vault or without: the part of update() that is about it.

template <typename Action>
concept HandingOverAction = std::same_as<Action, ShowSync> || std::same_as<Action, BeginSync> ||
    std::same_as<Action, CancelSync> || std::same_as<Action, SyncProgress> ||
    std::same_as<Action, SyncDone> || std::same_as<Action, SyncFailed>;

void take(AppState& state, const ShowSync& action, Effects& effects);
void take(AppState& state, const BeginSync& action, Effects& effects);
void take(AppState& state, const CancelSync& action, Effects& effects);
void take(AppState& state, SyncProgress& action, Effects& effects);
void take(AppState& state, SyncDone& action, Effects& effects);
void take(AppState& state, SyncFailed& action, Effects& effects);

}  // namespace fieldfare::app
