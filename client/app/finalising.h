#pragma once

#include <concepts>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"
#include "client/app/update.h"

namespace fieldfare::app {

// From the review to a sealed interview: the code by which it can be taken back, where the study has one, and
// the seal. The part of update() that is about it.

template <typename Action>
concept FinalisingAction = std::same_as<Action, FinaliseInterview> || std::same_as<Action, ShowCode> ||
    std::same_as<Action, CodeDrawn> || std::same_as<Action, CodeStands> || std::same_as<Action, CodeFailed> ||
    std::same_as<Action, CodeNoted> || std::same_as<Action, Finalised> ||
    std::same_as<Action, FinaliseFailed>;

void take(AppState& state, Session& session, const FinaliseInterview& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, const ShowCode& action, const Environment& environment,
          Effects& effects);
/// Wipes the code that the action has.
void take(AppState& state, Session& session, CodeDrawn& action, const Environment& environment,
          Effects& effects);
/// Seals at once: nothing is to be shown.
void take(AppState& state, Session& session, const CodeStands& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, CodeFailed& action, const Environment& environment,
          Effects& effects);
/// Seals at once: the code counts for nothing before.
void take(AppState& state, Session& session, const CodeNoted& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, Finalised& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, FinaliseFailed& action, const Environment& environment,
          Effects& effects);

/// PreviousStep on the screen of the code, before it is shown: back to the review. False: it is not there.
bool back_from_code(Session& session);
/// Wipes the code; the next try draws another.
void forget_code(OpenInterview& open);

}  // namespace fieldfare::app
