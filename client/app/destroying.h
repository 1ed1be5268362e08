#pragma once

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Setting a passphrase that destroys, or doing away with it: the part of update() that is about it. Three
// steps: the passphrase that opens, the one that destroys, and that again. Nothing here knows whether one is
// set.

void take(Session& session, const ShowDestroyPassphrase& action);
void take(Session& session, TryPassphrase& action);     ///< the one that opens
void take(Session& session, ChoosePassphrase& action);  ///< the one that destroys
void take(Session& session, RepeatPassphrase& action, Effects& effects);
void take(Session& session, const BackToPassphrase& action);
void take(Session& session, const RemoveDestroyPassphrase& action, Effects& effects);
void take(Session& session, const DestroyPassphraseSet& action);
/// Back to the step at which something else can be typed.
void take(Session& session, DestroyPassphraseRefused& action);

}  // namespace fieldfare::app
