#include "client/app/handing_over.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace fieldfare::app {
namespace {

constexpr std::int64_t minute_ms = 60'000;

bool has_profile(const AppState& state) {
    if (const auto* fatal = std::get_if<Fatal>(&state.stage)) return fatal->hands_over;
    return std::holds_alternative<Session>(state.stage) || std::holds_alternative<Locked>(state.stage);
}

bool by_itself(const AppState& state) {
    return state.preferences.handing_over == HandingOver::by_itself;
}

bool shows_sync(const AppState& state) {
    if (const auto* locked = std::get_if<Locked>(&state.stage)) return locked->sync_shown;
    if (const auto* fatal = std::get_if<Fatal>(&state.stage)) return fatal->sync_shown;
    const auto* session = std::get_if<Session>(&state.stage);
    return session && session->place == Place::sync;
}

void start(AppState& state, std::vector<StoreName> resting, Effects& effects) {
    const auto confirmed = state.sync.confirmed;
    state.sync = {};
    state.sync.running = state.sync.ever_ran = true;
    state.sync.confirmed = confirmed;
    effects.emplace_back(StartSync{std::move(resting)});
}

/// Of SyncDone or SyncFailed.
template <typename Ended>
void end(AppState& state, Ended& action, const Environment& environment) {
    state.sync.running = false;
    state.sync.files = std::move(action.files);
    state.sync.totals = action.totals;
    // What could not be counted is as it was, as far as anybody knows.
    const bool counted = action.news.counted;
    if (action.news.carried && counted) state.sync.confirmed = action.counts.confirmed;
    if (auto* session = std::get_if<Session>(&state.stage)) {
        if (counted) session->counts = action.counts;
        session->newest = std::move(action.newest);
    }
    // Whoever has stopped it has, whatever came of it.
    action.news.cancelled = action.news.cancelled || state.sync.stopped;
    plan_after(state.schedule, action.news, environment.tick_ms, environment.random);
    if (state.sync.sealed_since) plan_after_seal(state.schedule, environment.tick_ms, environment.random);
}

/// A respondent is alone with the machine: nothing must make it slow or speak, and the end of the interview
/// must not be seen on the network.
bool respondent_answers(const AppState& state) {
    const auto* session = std::get_if<Session>(&state.stage);
    return session && session->kiosk && session->open;
}

int minutes_until(std::int64_t then_ms, std::int64_t now_ms) {
    return static_cast<int>((std::max<std::int64_t>(then_ms - now_ms, 1) + minute_ms - 1) / minute_ms);
}

}  // namespace

void take(AppState& state, const ShowSync&, const Environment&, Effects&) {
    if (auto* locked = std::get_if<Locked>(&state.stage)) {
        locked->sync_shown = !locked->recovering;
    } else if (auto* fatal = std::get_if<Fatal>(&state.stage)) {
        fatal->sync_shown = fatal->hands_over;
    } else if (auto* session = std::get_if<Session>(&state.stage); session && session->place == Place::home) {
        leave_home(*session);
        session->place = Place::sync;
    }
}

void take(AppState& state, const BeginSync&, const Environment&, Effects& effects) {
    if (!has_profile(state) || state.sync.running) return;
    forget_failures(state.schedule);
    start(state, {}, effects);
}

void take(AppState& state, const CancelSync&, const Environment&, Effects& effects) {
    if (!state.sync.running) return;
    state.sync.stopped = true;
    effects.emplace_back(StopSync{});
}

void take(AppState& state, const ChooseHandingOver& action, const Environment& environment,
          Effects& effects) {
    if (!has_profile(state)) return;
    const bool on = action.handing_over == HandingOver::by_itself;
    // Whoever has the machine and not the passphrase must not make it send for good.
    if (on && !std::holds_alternative<Session>(state.stage)) return;
    if (!on && state.sync.by_itself) take(state, CancelSync{}, environment, effects);
    state.preferences.handing_over = action.handing_over;
    effects.emplace_back(SavePreferences{state.preferences});
    keep_plan(state, environment);
    if (const auto* session = std::get_if<Session>(&state.stage); session && session->counts.sealed > 0)
        sealed_waits(state, environment);
}

void take(AppState& state, SyncProgress& action, const Environment&, Effects&) {
    if (!state.sync.running) return;
    state.sync.files = std::move(action.files);
    state.sync.totals = action.totals;
}

void take(AppState& state, SyncDone& action, const Environment& environment, Effects&) {
    if (!state.sync.running) return;
    end(state, action, environment);
    state.sync.result = std::move(action.result);
}

void take(AppState& state, SyncFailed& action, const Environment& environment, Effects&) {
    if (!state.sync.running) return;
    end(state, action, environment);
    state.sync.result = std::move(action.why);
    state.sync.failed = true;
}

void hand_over_by_itself(AppState& state, const Environment& environment, Effects& effects) {
    const std::int64_t now = environment.tick_ms;
    if (!by_itself(state) || !has_profile(state) || state.sync.running) return;
    if (!state.schedule.due_ms || *state.schedule.due_ms > now) return;
    if (respondent_answers(state) || now - *state.schedule.due_ms > overdue_ms)
        return put_off(state.schedule, now, environment.random);
    start(state, resting(state.schedule, now), effects);
    state.sync.by_itself = true;
}

void keep_plan(AppState& state, const Environment& environment) {
    if (!by_itself(state) || !has_profile(state))
        state.schedule.due_ms.reset();
    else if (!state.schedule.due_ms)
        plan_first(state.schedule, environment.tick_ms, environment.random);
}

void sealed_waits(AppState& state, const Environment& environment) {
    state.sync.sealed_since = state.sync.running;
    plan_after_seal(state.schedule, environment.tick_ms, environment.random);
}

void forget_handing_over(AppState& state, Effects& effects) {
    state.sync = {};
    state.schedule = {};
    if (!by_itself(state)) return;
    state.preferences.handing_over = HandingOver::when_asked;
    effects.emplace_back(SavePreferences{state.preferences});
}

std::optional<std::int64_t> handing_over_wakes_in(const AppState& state, std::int64_t tick_ms) {
    if (!by_itself(state) || !has_profile(state) || state.sync.running || !state.schedule.due_ms)
        return std::nullopt;
    std::int64_t then = *state.schedule.due_ms;
    if (shows_sync(state)) then = std::min(then, state.now_ms + minute_ms - state.now_ms % minute_ms);
    return std::max<std::int64_t>(then - tick_ms, 0);
}

std::optional<int> minutes_of_rest(const AppState& state, const FailedStore& store) {
    if (!by_itself(state)) return std::nullopt;
    const auto then = asked_again_ms(state.schedule, store);
    return then ? std::optional(minutes_until(*then, state.now_ms)) : std::nullopt;
}

std::optional<int> minutes_to_next(const AppState& state) {
    if (!by_itself(state) || !state.schedule.due_ms) return std::nullopt;
    return minutes_until(*state.schedule.due_ms, state.now_ms);
}

}  // namespace fieldfare::app
