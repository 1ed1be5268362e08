#pragma once

#include <concepts>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// A newer file of the open study, from the path to what it changes: the part of update() that is about it.

template <typename Action>
concept StudyUpdateAction = std::same_as<Action, ShowStudyFile> || std::same_as<Action, UpdateRead> ||
    std::same_as<Action, UpdateRefused> || std::same_as<Action, StudyUpdated>;

void take(Session& session, const ShowStudyFile& action, Effects& effects);
void take(Session& session, UpdateRead& action, Effects& effects);
void take(Session& session, UpdateRefused& action, Effects& effects);
void take(Session& session, StudyUpdated& action, Effects& effects);

/// ChoosePackage with an open vault: at home, and on the screen of the study file.
void choose_update(Session& session, ChoosePackage& action, Effects& effects);
/// ConfirmPackage with an open vault: what was shown is taken in.
void confirm_update(Session& session, Effects& effects);

}  // namespace fieldfare::app
