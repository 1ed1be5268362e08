#pragma once

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Locking and closing while the vault does not have the last answers. The lock never waits; whoever finds it
// reads what became of them. The window waits for the vault, and where that refuses them whoever closes it is
// asked once. An interview that is being sealed goes with its last answers, whatever became of their saves.

/// Whether the person is asked.
bool asks_to_close(const Session& session);
/// The window is to be closed. True: now. Else what is here is saved or sealed first, and
/// OpenInterview::closing says what comes then; what was typed in a field that nobody has left is an answer,
/// too.
bool may_close(AppState& state, Session& session, Effects& effects);
/// The vault has answered a save. True: the window has waited for that. Where it was refused, whoever closes
/// the window is asked from now on.
bool closes_after_save(OpenInterview& open);
/// The same of the seal. Where that has failed the window stays: people read first that it has.
bool closes_after_seal(const Session& session, const Finalised& action);
void take(Session& session, const StayOpen& action);

/// Of a vault that is being locked over this interview.
void remember_last_save(Locked& locked, const OpenInterview& open);
/// Whether the lock screen says that answers were lost.
bool tells_of_unsaved(const Locked& locked);
/// What the vault says of that last save, or of the seal; anything else is not about it.
void take(Locked& locked, const AnswerSaved& action);
/// False: a later save repeats what this one was to bring.
bool take(Locked& locked, const SaveFailed& action);
void take(Locked& locked, const Finalised& action);
void take(Locked& locked, const FinaliseFailed& action);

}  // namespace fieldfare::app
