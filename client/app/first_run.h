#pragma once

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// The first start: a study file, what it says, a passphrase twice. Also the start after a destruction, with
// an open vault that has no study. The part of update() that is about it; while the worker is at something,
// only its answer changes anything.

void take(FirstRun& run, ChoosePackage& action, Effects& effects);
void take(FirstRun& run, PackageRead& action);
/// Back to the first step, with the path that was typed.
void take(FirstRun& run, PackageRefused& action);
void take(FirstRun& run, const RejectPackage& action);
void take(FirstRun& run, const ConfirmPackage& action, Effects& effects);
void take(FirstRun& run, ChoosePassphrase& action);
void take(FirstRun& run, RepeatPassphrase& action, Effects& effects);
void take(FirstRun& run, const BackToPassphrase& action);
void take(FirstRun& run, ProfileRefused& action);

}  // namespace fieldfare::app
