#pragma once

#include "client/app/action.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Locking and closing while the vault does not have the last answers. The lock never waits; whoever finds it
// reads what became of them. Whoever closes the window is asked once.

/// Whether the person is asked.
bool asks_to_close(const Session& session);
/// The window is to be closed: true when the person must be asked first, and now is.
bool ask_about_unsaved(Session& session);
void take(Session& session, const StayOpen& action);

/// Of a vault that is being locked over this interview.
void remember_last_save(Locked& locked, const OpenInterview& open);
/// What the vault says of that last save; anything else is not about it.
void take(Locked& locked, const AnswerSaved& action);
void take(Locked& locked, const SaveFailed& action);

}  // namespace fieldfare::app
