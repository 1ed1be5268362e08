#pragma once

#include <cstdint>
#include <optional>

#include "client/app/action.h"
#include "client/app/state.h"

namespace fieldfare::app {

// A passphrase that somebody has begun to type, or has typed for the first of its times, and then left: the
// part of update() that forgets it. What stands in the field itself drawing holds, and wipes.

/// Nobody has touched the machine for so long: it is forgotten.
inline constexpr std::int64_t half_typed_ms = 5 * 60'000;

/// While a passphrase or an answer may be readable the clock is looked at so often: while the machine sleeps
/// no timer runs.
inline constexpr std::int64_t look_again_ms = 10'000;

/// Something stands in the field for a passphrase, or nothing does any more.
void take(AppState& state, const PassphraseTyped& action);

/// Back to where it was begun, with a sentence that says so.
void forget_half_typed(AppState& state);

/// In how many milliseconds it is to be forgotten; nothing: there is none.
std::optional<std::int64_t> half_typed_ends_in(const AppState& state, std::int64_t tick_ms);

}  // namespace fieldfare::app
