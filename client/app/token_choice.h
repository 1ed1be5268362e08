#pragma once

#include <concepts>
#include <string>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/picking.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Choosing a token file: at the lock screen, to open a vault that wants one. The choice is kept until the
// program ends, so that a stick that stays plugged in need not be chosen again, and is never written down: it
// would tell where to look for it.

template <typename Action>
concept TokenAction = std::same_as<Action, ChooseToken> || std::same_as<Action, DropToken>;

/// Has a folder read, for token files.
void read_tokens(FilePicker& picker, const std::string& path, Effects& effects);

void take(AppState& state, Locked& locked, const ChooseToken& action, Effects& effects);
void take(AppState& state, Locked& locked, const DropToken& action, Effects& effects);
// The picker, while a token is chosen.
void take(AppState& state, Locked& locked, const OpenFolder& action, Effects& effects);
void take(AppState& state, Locked& locked, const PickFile& action, Effects& effects);
void take(AppState& state, Locked& locked, const LeavePicker& action, Effects& effects);
void take(AppState& state, Locked& locked, FolderListed& action, Effects& effects);
void take(AppState& state, Locked& locked, FolderRefused& action, Effects& effects);

bool is_token_file(const std::string& path);  ///< by its name

/// Whether a file that was dropped on the lock screen is one; it is chosen then.
bool drop_token(AppState& state, Locked& locked, std::string& path);

/// Forgets the choice.
void forget_token(AppState& state);

}  // namespace fieldfare::app
