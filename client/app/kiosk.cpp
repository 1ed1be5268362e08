#include "client/app/kiosk.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "client/app/beginning.h"

namespace fieldfare::app {

namespace {

constexpr std::int64_t minute_ms = 60'000;
// With an interview open, the clock is looked at so often: while the machine sleeps, no timer runs.
constexpr std::int64_t look_again_ms = 2'000;

template <typename... Named>
bool is_one_of(const Action& action) {
    return (std::holds_alternative<Named>(action) || ...);
}

/// Whatever was open is gone from memory; the start screen stands as it did for the first.
void show_start(AppState& state, Session& session) {
    Kiosk kiosk;
    if (session.form) kiosk.language = default_language(session.form->form());
    if (session.kiosk) {  // what staff are at is no respondent's
        kiosk.door = std::move(session.kiosk->door);
        kiosk.waits_until_ms = session.kiosk->waits_until_ms;
    } else {
        leave_home(session);  // staff were there and have read it
    }
    session.open.reset();
    session.kiosk = std::move(kiosk);
    session.place = Place::respondents;
    session.update.reset();
    session.taking_back.reset();
    session.destroying.reset();
    session.changing.reset();
    state.settings_shown = false;
    if (state.notice.key == respondents_notice) state.notice = {};  // any other waits for staff
}

/// The interview while its answers can be covered or erased.
OpenInterview* interview(Session& session) {
    return session.open && !session.open->sealing ? &*session.open : nullptr;
}

/// What staff are at that the worker has not answered yet: its answer must find them there.
bool awaits_answer(const Session& session) {
    return (session.update && session.update->busy) || (session.taking_back && session.taking_back->busy) ||
           (session.destroying && session.destroying->busy) || (session.changing && session.changing->busy);
}

/// A language that somebody chose on the start screen and left there.
bool left_language(const Session& session) {
    const Kiosk& kiosk = *session.kiosk;
    return session.form && !session.open && !kiosk.sealed &&
           kiosk.language != default_language(session.form->form());
}

std::optional<std::int64_t> sooner(std::optional<std::int64_t> one, std::int64_t other) {
    return one ? std::min(*one, other) : other;
}

}  // namespace

bool unattended(const StudySummary& study) {
    return study.mode == "self";
}

const Kiosk* respondents_side(const AppState& state) {
    const auto* session = std::get_if<Session>(&state.stage);
    return session && session->kiosk ? &*session->kiosk : nullptr;
}

bool let_through(const AppState& state, const Action& action) {
    const Kiosk* kiosk = respondents_side(state);
    if (!kiosk || source_of(action) != Source::person) return true;
    if (is_one_of<PersonActive, CloseWindow>(action)) return true;
    if (kiosk->door) return is_one_of<TryPassphrase, LeaveStaffDoor>(action);
    if (kiosk->cover) return is_one_of<ShowAnswers, EraseAnswers>(action);
    return is_one_of<DismissNotice, AskForStaff, StartInterview, NextRespondent, HideAnswers, SetFormLanguage,
                     TypeText, PickChoice, PickDigit, MoveRanked, ConfirmRanking, ClearAnswer, SayMissing,
                     ToggleMissing, ToggleGuidance, FilterChoices, AddInstance, RemoveInstance, FocusQuestion,
                     LeaveField, GoOn, NextStep, SkipAnyway, ShowUnanswered, PreviousStep, JumpTo, ShowReview,
                     ShowQuestions, FinaliseInterview, CodeNoted>(action);
}

void take(AppState& state, Session& session, const OpenToRespondents&) {
    if (unattended(session.study) && !session.kiosk && session.place == Place::home)
        show_start(state, session);
}

void take(AppState& state, Session& session, const HideAnswers&) {
    if (!session.kiosk || session.kiosk->cover || !session.open) return;
    session.kiosk->cover = Kiosk::Cover{Kiosk::Cover::Why::hidden, state.now_ms + cover_ms};
}

void take(AppState&, Session& session, const ShowAnswers&) {
    if (session.kiosk) session.kiosk->cover.reset();
}

void take(AppState& state, Session& session, const EraseAnswers&) {
    if (!session.kiosk || !session.kiosk->cover) return;
    if (interview(session))
        show_start(state, session);
    else  // the seal comes first; where it fails, there is nothing to wait for
        session.kiosk->cover->until_ms = state.now_ms;
}

void take(AppState& state, Session& session, const NextRespondent&) {
    if (session.kiosk && session.kiosk->sealed) show_start(state, session);
}

void take(AppState&, Session& session, const AskForStaff&) {
    if (session.kiosk && !session.kiosk->door) session.kiosk->door.emplace();
}

bool ask_before_closing(Session& session) {
    if (!session.kiosk) return false;
    if (!session.kiosk->door) session.kiosk->door.emplace();
    session.kiosk->door->closes = true;
    return true;
}

void take(AppState&, Session& session, const LeaveStaffDoor&) {
    if (session.kiosk && session.kiosk->door && !session.kiosk->door->busy) session.kiosk->door.reset();
}

bool begin_alone(Session& session, const Environment& environment) {
    if (!unattended(session.study)) return false;
    const bool ready = session.kiosk && !session.kiosk->sealed && !session.open && session.form;
    if (!ready) return true;
    const schema::Form& form = session.form->form();
    std::size_t language = session.kiosk->language;
    if (language >= form.languages.size()) language = default_language(form);  // staff took in another form
    session.open = begin_interview(session.study, session.form, language, environment);
    session.place = Place::interview;
    return true;
}

void choose_language(Session& session, std::size_t language) {
    const bool known = session.form && language < session.form->form().languages.size();
    if (session.kiosk && !session.open && !session.kiosk->sealed && known) session.kiosk->language = language;
}

void show_sealed(AppState& state, Session& session) {
    const std::size_t language = session.open ? session.open->language : 0;
    show_start(state, session);
    session.kiosk->language = language;
    session.kiosk->sealed = true;
    session.kiosk->sealed_at_ms = state.now_ms;
    state.last_input_ms = state.now_ms;  // however long it took, the thanks stand for their whole time
}

void try_door(AppState& state, Session& session, TryPassphrase& action, Effects& effects) {
    if (!session.kiosk || !session.kiosk->door) return;
    Kiosk::StaffDoor& door = *session.kiosk->door;
    if (door.busy || seconds_until(session.kiosk->waits_until_ms, state.now_ms) > 0) return;
    if (action.passphrase.empty()) {
        door.why = {"unlock.empty", {}};
        return;
    }
    door.why = {};
    door.busy = true;
    effects.emplace_back(CheckPassphrase{std::move(action.passphrase)});
}

void door_refused(AppState& state, Session& session, UnlockFailed& action) {
    if (!session.kiosk || !session.kiosk->door) return;
    session.kiosk->door->busy = false;
    session.kiosk->door->why = std::move(action.why);
    if (action.wait_seconds > 0)
        session.kiosk->waits_until_ms = state.now_ms + action.wait_seconds * std::int64_t{1000};
}

bool tried_at_door(const Session& session) {
    return session.kiosk && session.kiosk->door && session.kiosk->door->busy;
}

Passed pass_door(Session& session) {
    if (!tried_at_door(session)) return Passed::nobody;
    const bool closes = session.kiosk->door->closes;
    session.open.reset();
    session.kiosk.reset();
    session.place = Place::home;
    return closes ? Passed::to_close : Passed::to_work;
}

std::int64_t end_screen_until(const AppState& state, const Kiosk& kiosk) {
    return std::min(state.last_input_ms + end_screen_ms, kiosk.sealed_at_ms + longest_end_screen_ms);
}

void pass_time(AppState& state, Session& session) {
    const std::int64_t idle = state.now_ms - state.last_input_ms;
    if (!session.kiosk) {
        const int minutes = session.study.auto_lock_minutes;
        const bool over = minutes > 0 && idle >= minutes * minute_ms;
        if (over && !awaits_answer(session)) show_start(state, session);
        return;
    }
    Kiosk& kiosk = *session.kiosk;
    if (kiosk.door && !kiosk.door->busy && idle >= staff_door_ms) kiosk.door.reset();
    if (interview(session) && !kiosk.cover && idle >= idle_before_cover_ms) {
        kiosk.cover =
            Kiosk::Cover{Kiosk::Cover::Why::idle, state.last_input_ms + idle_before_cover_ms + cover_ms};
    }
    if (left_language(session) && idle >= idle_before_cover_ms)
        kiosk.language = default_language(session.form->form());
    const bool erases = interview(session) && kiosk.cover && state.now_ms >= kiosk.cover->until_ms;
    const bool ends = kiosk.sealed && state.now_ms >= end_screen_until(state, kiosk);
    if (erases || ends) show_start(state, session);
}

std::optional<std::int64_t> kiosk_wakes_in(const AppState& state, const Session& session,
                                           std::int64_t tick_ms) {
    const auto until = [&](std::int64_t then_ms) { return std::max<std::int64_t>(then_ms - tick_ms, 0); };
    if (!session.kiosk) {
        const int minutes = session.study.auto_lock_minutes;
        if (minutes <= 0) return std::nullopt;
        const std::int64_t left = until(state.last_input_ms + minutes * minute_ms);
        return awaits_answer(session) ? std::max<std::int64_t>(left, 1000) : left;
    }
    const Kiosk& kiosk = *session.kiosk;
    std::optional<std::int64_t> wakes;
    if (kiosk.door && !kiosk.door->busy) wakes = until(state.last_input_ms + staff_door_ms);
    if (session.open && session.open->sealing) return wakes ? sooner(wakes, 1000) : wakes;
    if (session.open)
        wakes = sooner(
            wakes, until(kiosk.cover ? kiosk.cover->until_ms : state.last_input_ms + idle_before_cover_ms));
    if (session.open) wakes = sooner(wakes, look_again_ms);
    if (left_language(session)) wakes = sooner(wakes, until(state.last_input_ms + idle_before_cover_ms));
    if (kiosk.sealed) wakes = sooner(wakes, until(end_screen_until(state, kiosk)));
    // Each second of what the screen counts down.
    const bool waits = kiosk.door && kiosk.waits_until_ms > state.now_ms;
    if (kiosk.cover || kiosk.sealed || waits) wakes = sooner(wakes, until(state.now_ms + 1000));
    return wakes;
}

}  // namespace fieldfare::app
