#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "client/app/action.h"
#include "client/app/effect.h"
#include "client/app/picking.h"
#include "client/app/state.h"

namespace fieldfare::app {

// Getting a vault's key back from the supervisor of its study when the passphrase is forgotten: the part of
// update() that is about it. A request is written and taken there, its answer chosen, a new passphrase typed
// twice. From the answer that fits to the new passphrase whoever sits there could open the vault, so that
// after five minutes without anybody it is all given up.

template <typename Action>
concept RecoveryAction = std::same_as<Action, ShowRecovery> || std::same_as<Action, AskSupervisor> ||
    std::same_as<Action, ChooseAnswer> || std::same_as<Action, LeaveRecovery> ||
    std::same_as<Action, RequestWritten> || std::same_as<Action, AnswerFits> ||
    std::same_as<Action, RecoveryRefused> || PickerAction<Action>;

void take(Locked& locked, const ShowRecovery& action, Effects& effects);
void take(Locked& locked, const AskSupervisor& action, Effects& effects);
void take(Locked& locked, const ChooseAnswer& action, Effects& effects);
void take(Locked& locked, const LeaveRecovery& action, Effects& effects);
void take(Locked& locked, const RequestWritten& action, Effects& effects);
void take(Locked& locked, const AnswerFits& action, Effects& effects);
void take(Locked& locked, RecoveryRefused& action, Effects& effects);

// The picker, while an answer is chosen.
void take(Locked& locked, const OpenFolder& action, Effects& effects);
void take(Locked& locked, const PickFile& action, Effects& effects);
void take(Locked& locked, const LeavePicker& action, Effects& effects);
void take(Locked& locked, FolderListed& action, Effects& effects);
void take(Locked& locked, FolderRefused& action, Effects& effects);
/// A file dropped on the window, while an answer is waited for.
void drop_answer(Locked& locked, const std::string& path, Effects& effects);

// The new passphrase.
void take(Locked& locked, ChoosePassphrase& action);
void take(Locked& locked, RepeatPassphrase& action, Effects& effects);
void take(Locked& locked, const BackToPassphrase& action);

/// When nobody has done anything since `last_input_ms`: milliseconds until it is given up; nothing: never.
std::optional<std::int64_t> recovery_ends_in(const Locked& locked, std::int64_t last_input_ms,
                                             std::int64_t tick_ms);

}  // namespace fieldfare::app
