#pragma once

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// A new passphrase for an open vault, with a token file or without: the part of update() that is about it.
// Three steps: the passphrase of now, the new one, and that again.

void take(Session& session, const ShowNewPassphrase& action);

// While it is shown:
void take(NewPassphrase& change, TryPassphrase& action);     ///< the one of now
void take(NewPassphrase& change, ChoosePassphrase& action);  ///< the new one
void take(NewPassphrase& change, RepeatPassphrase& action, Effects& effects);
void take(NewPassphrase& change, const BackToPassphrase& action);
void take(NewPassphrase& change, const ChooseToken& action, Effects& effects);
void take(NewPassphrase& change, const DropToken& action, Effects& effects);
void take(NewPassphrase& change, const OpenFolder& action, Effects& effects);
void take(NewPassphrase& change, const PickFile& action, Effects& effects);
void take(NewPassphrase& change, const LeavePicker& action, Effects& effects);
void take(NewPassphrase& change, FolderListed& action, Effects& effects);
void take(NewPassphrase& change, FolderRefused& action, Effects& effects);
/// Back to the step at which something else can be typed or chosen.
void take(NewPassphrase& change, PassphraseRefused& action);

void take(NewPassphrase& change, DropFile& action);  ///< a token file
void take(AppState& state, const PassphraseChanged& action);

/// What the lock screen goes on with: where the vault wants a token from now on, its file.
void keep_choice(AppState& state, const PassphraseChanged& change);

/// The worker writes the vault anew: it can't be locked now.
bool is_changing(const Session& session);

}  // namespace fieldfare::app
