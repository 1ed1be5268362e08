#pragma once

#include <concepts>
#include <vector>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"
#include "client/app/update.h"

namespace fieldfare::app {

// The list of drafts at home, and how an interview is begun, taken up again, left and thrown away: the part
// of update() that is about it.

template <typename Action>
concept DraftAction = std::same_as<Action, StartInterview> || std::same_as<Action, ResumeDraft> ||
    std::same_as<Action, DraftLoaded> || std::same_as<Action, AskDelete> ||
    std::same_as<Action, CancelDelete> || std::same_as<Action, ConfirmDelete> ||
    std::same_as<Action, DraftsChanged>;

void take(AppState& state, Session& session, const StartInterview& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, ResumeDraft& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, DraftLoaded& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, AskDelete& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, const CancelDelete& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, const ConfirmDelete& action, const Environment& environment,
          Effects& effects);
void take(AppState& state, Session& session, DraftsChanged& action, const Environment& environment,
          Effects& effects);

/// After the vault's answer to a save: what waits for it (Session::loading) comes, or the interview that was
/// refused is shown again.
void take_next(AppState& state, Session& session, const Environment& environment, Effects& effects);

/// The list knows of the open draft at once, without asking the vault. There is one.
void list_open_draft(Session& session);

}  // namespace fieldfare::app
