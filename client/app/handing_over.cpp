#include "client/app/handing_over.h"

#include <utility>
#include <variant>

namespace fieldfare::app {

void take(AppState& state, const ShowSync&, Effects&) {
    if (auto* locked = std::get_if<Locked>(&state.stage)) {
        locked->sync_shown = !locked->recovering;
    } else if (auto* session = std::get_if<Session>(&state.stage); session && session->place == Place::home) {
        leave_home(*session);
        session->place = Place::sync;
    }
}

void take(AppState& state, const BeginSync&, Effects& effects) {
    const bool possible =
        std::holds_alternative<Session>(state.stage) || std::holds_alternative<Locked>(state.stage);
    if (!possible || state.sync.running) return;
    state.sync = {true, true, {}, {}, false};
    effects.emplace_back(StartSync{});
}

void take(AppState& state, const CancelSync&, Effects& effects) {
    if (state.sync.running) effects.emplace_back(StopSync{});
}

void take(AppState& state, SyncProgress& action, Effects&) {
    if (state.sync.running) state.sync.files = std::move(action.files);
}

void take(AppState& state, SyncDone& action, Effects&) {
    state.sync = {false, true, std::move(action.files), std::move(action.result), false};
    if (auto* session = std::get_if<Session>(&state.stage)) session->counts = action.counts;
}

void take(AppState& state, SyncFailed& action, Effects&) {
    state.sync = {false, true, std::move(action.files), std::move(action.why), true};
    if (auto* session = std::get_if<Session>(&state.stage)) session->counts = action.counts;
}

}  // namespace fieldfare::app
