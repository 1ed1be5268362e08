#include "client/app/finalising.h"

#include <utility>

#include "client/app/attaching.h"
#include "client/app/handing_over.h"
#include "client/app/interviewing.h"
#include "client/app/kiosk.h"
#include "client/app/passphrase.h"
#include "client/app/review.h"
#include "client/app/uuid.h"
#include "schema/withdrawal.h"

namespace fieldfare::app {
namespace {

constexpr std::int64_t minute_ms = 60'000;

/// Nobody but the respondent is there.
bool alone(const Session& session) {
    return unattended(session.study);
}

void draw_code(AppState& state, Session& session, OpenInterview& open, Effects& effects) {
    save(state, session, effects);
    open.code.step = WithdrawalCode::Step::asked;
    effects.emplace_back(DrawCode{open.draft});
}

void seal(AppState& state, Session& session, OpenInterview& open, const Environment& environment,
          Effects& effects) {
    if (open.submission_id.empty()) open.submission_id = random_uuid(environment.random);
    open.sealing = true;
    save(state, session, effects);
    const schema::Finalising how{open.submission_id, open.language, environment.utc_day,
                                 static_cast<int>(open.milliseconds / minute_ms), media_of(open)};
    effects.emplace_back(SealInterview{open.draft, schema::finalise(open.interview, how), open.form});
}

}  // namespace

void take(AppState& state, Session& session, const FinaliseInterview&, const Environment& environment,
          Effects& effects) {
    OpenInterview* open = editable(session, Place::review);
    if (!open || blocks_finalising(*open) != schema::no_node) return;
    open->seal_failed = {};
    if (open->copying) {
        open->seal_failed = {"attach.still_copying", {}};
        return;
    }
    if (!schema::offers_withdrawal(open->form->form()) || open->code.step == WithdrawalCode::Step::noted)
        return seal(state, session, *open, environment, effects);
    session.place = Place::withdrawal;
    if (alone(session))
        draw_code(state, session, *open, effects);
    else
        open->code.step = WithdrawalCode::Step::hand_over;
}

void take(AppState& state, Session& session, const ShowCode&, const Environment&, Effects& effects) {
    OpenInterview* open = editable(session, Place::withdrawal);
    if (open && open->code.step == WithdrawalCode::Step::hand_over) draw_code(state, session, *open, effects);
}

void take(AppState&, Session& session, CodeDrawn& action, const Environment&, Effects&) {
    OpenInterview* open = editable(session, Place::withdrawal);
    if (open && open->draft == action.draft && open->code.step == WithdrawalCode::Step::asked) {
        open->code.text = std::move(action.code);
        open->code.step = WithdrawalCode::Step::shown;
    }
    wipe(action.code);
}

void take(AppState& state, Session& session, const CodeStands& action, const Environment& environment,
          Effects& effects) {
    OpenInterview* open = editable(session, Place::withdrawal);
    if (!open || open->draft != action.draft || open->code.step != WithdrawalCode::Step::asked) return;
    open->code.step = WithdrawalCode::Step::noted;
    session.code_of_before = true;
    seal(state, session, *open, environment, effects);
}

void take(AppState&, Session& session, CodeFailed& action, const Environment&, Effects&) {
    OpenInterview* open = editable(session, Place::withdrawal);
    if (!open || open->draft != action.draft) return;
    forget_code(*open);
    open->seal_failed = std::move(action.why);
    session.place = Place::review;
}

void take(AppState& state, Session& session, const CodeNoted&, const Environment& environment,
          Effects& effects) {
    OpenInterview* open = editable(session, Place::withdrawal);
    if (!open || open->code.step != WithdrawalCode::Step::shown) return;
    forget_code(*open);
    open->code.step = WithdrawalCode::Step::noted;
    seal(state, session, *open, environment, effects);
}

void take(AppState& state, Session& session, Finalised& action, const Environment& environment, Effects&) {
    const bool shown = session.open && session.open->draft == action.draft;
    if (shown && session.kiosk) {
        show_sealed(state, session);
    } else if (shown) {
        const bool to_hand_back = session.place == Place::withdrawal && !alone(session);
        session.spoken = interface_language(state);
        session.open.reset();
        session.place = to_hand_back ? Place::withdrawal : Place::home;
        session.just_finalised = true;
    }
    session.drafts = std::move(action.drafts);
    session.counts = action.counts;
    sealed_waits(state, environment);
}

void take(AppState& state, Session& session, FinaliseFailed& action, const Environment&, Effects&) {
    if (!session.open || session.open->draft != action.draft) return;
    session.open->sealing = false;
    session.open->closing = OpenInterview::Closing::no;  // it waited for the seal, which is not there
    session.open->seal_failed = std::move(action.why);
    state.last_input_ms = state.now_ms;  // whoever waited for it has the whole time to read it
    if (session.place == Place::withdrawal) session.place = Place::review;
}

bool back_from_code(Session& session) {
    OpenInterview* open = editable(session, Place::withdrawal);
    if (!open || open->code.step != WithdrawalCode::Step::hand_over) return false;
    forget_code(*open);
    session.place = Place::review;
    return true;
}

void forget_code(OpenInterview& open) {
    wipe(open.code.text);
    open.code = {};
}

}  // namespace fieldfare::app
