#include "client/app/half_typed.h"

#include <algorithm>

namespace fieldfare::app {
namespace {

Message forgotten() {
    return {"passphrase.forgotten", {}};
}

/// Of those that are typed more than once, whether one is kept for the next time.
bool keeps_one(const AppState& state) {
    if (const auto* run = std::get_if<FirstRun>(&state.stage)) return !run->first.empty();
    const auto* session = std::get_if<Session>(&state.stage);
    if (!session) return false;
    const auto keeps = [](const auto& typing) {
        return typing && !(typing->current.empty() && typing->chosen.empty());
    };
    return keeps(session->changing) || keeps(session->destroying);
}

/// Of a new passphrase or one that destroys.
template <typename Typing>
void begin_again(Typing& typing) {
    if (typing.busy || typing.step == Typing::Step::done) return;
    typing.current = {};
    typing.chosen = {};
    if constexpr (requires { typing.picker; }) typing.picker.reset();
    typing.step = Typing::Step::current;
    typing.why = forgotten();
}

void begin_again(FirstRun& run) {
    if (run.busy || run.step < FirstRunStep::choose_passphrase) return;
    run.first = {};
    run.step = FirstRunStep::choose_passphrase;
    run.why = forgotten();
}

void begin_again(Locked& locked) {
    if (locked.busy || locked.recovering) return;  // a recovery is given up as a whole
    (locked.rescuing ? locked.rescuing->why : locked.why) = forgotten();
}

}  // namespace

void take(AppState& state, const PassphraseTyped& action) {
    state.passphrase_typed = action.anything;
}

void forget_half_typed(AppState& state) {
    state.passphrase_typed = false;
    if (auto* run = std::get_if<FirstRun>(&state.stage)) begin_again(*run);
    if (auto* locked = std::get_if<Locked>(&state.stage)) begin_again(*locked);
    if (auto* session = std::get_if<Session>(&state.stage)) {
        if (session->changing) begin_again(*session->changing);
        if (session->destroying) begin_again(*session->destroying);
    }
}

std::optional<std::int64_t> half_typed_ends_in(const AppState& state, std::int64_t tick_ms) {
    if (!state.passphrase_typed && !keeps_one(state)) return std::nullopt;
    const std::int64_t due = std::max<std::int64_t>(state.last_input_ms + half_typed_ms - tick_ms, 0);
    return state.passphrase_typed ? std::min(due, look_again_ms) : due;
}

}  // namespace fieldfare::app
