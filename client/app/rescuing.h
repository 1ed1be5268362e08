#pragma once

#include <concepts>
#include <string>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// A vault that is damaged: the part of update() that opens it with what can be read of it. The passphrase is
// asked for once more; where the study file stood on damaged places, then that, and its fingerprint is
// compared as at the first run, since what it was compared with before may be lost, too.

template <typename Action>
concept RescueAction = std::same_as<Action, ShowRescue> || std::same_as<Action, LeaveRescue> ||
    std::same_as<Action, RescueRefused>;

void take(Locked& locked, const ShowRescue& action, Effects& effects);
void take(Locked& locked, const LeaveRescue& action, Effects& effects);
void take(Locked& locked, RescueRefused& action, Effects& effects);

// While it is under way:
void take(Locked& locked, TryPassphrase& action, const std::string& token_path, Effects& effects);
void take(Locked& locked, ChoosePackage& action, Effects& effects);
void take(Locked& locked, PackageRead& action);
void take(Locked& locked, PackageRefused& action);
void take(Locked& locked, const ConfirmPackage& action);
void take(Locked& locked, const RejectPackage& action);

/// What home says afterwards.
Message news_of(const Rescued& rescued);

}  // namespace fieldfare::app
