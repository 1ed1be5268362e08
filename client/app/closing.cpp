#include "client/app/closing.h"

#include <limits>

#include "client/app/interviewing.h"

namespace fieldfare::app {

namespace {

using enum OpenInterview::Closing;

}  // namespace

bool asks_to_close(const Session& session) {
    return session.open && session.open->closing == asked;
}

bool may_close(AppState& state, Session& session, Effects& effects) {
    if (!session.open || asks_to_close(session)) return true;
    OpenInterview& open = *session.open;
    open.closing = saves;
    if (open.sealing) return false;
    commit_typed(open);
    save(state, session, effects);
    return open.saved();
}

bool closes_after_save(OpenInterview& open) {
    const bool refused = !open.save_failed.empty() && open.whole_ticket == 0;
    if (open.closing == asked && open.save_failed.empty()) open.closing = no;
    if (open.closing != saves || open.sealing) return false;
    if (refused) open.closing = asked;
    return open.saved();
}

bool closes_after_seal(const Session& session, const Finalised& action) {
    return session.open && session.open->draft == action.draft && session.open->closing == saves;
}

void take(Session& session, const StayOpen&) {
    if (session.open) session.open->closing = no;
}

void remember_last_save(Locked& locked, const OpenInterview& open) {
    locked.unsaved = !open.save_failed.empty();
    locked.sealing = open.sealing;
    locked.saving = open.draft;
    locked.ticket = open.last_ticket;
    locked.whole_ticket = open.whole_ticket;
}

bool tells_of_unsaved(const Locked& locked) {
    return locked.unsaved && !locked.sealing;
}

void take(Locked& locked, const AnswerSaved& action) {
    if (action.draft == locked.saving && action.ticket >= locked.ticket) locked.unsaved = false;
}

bool take(Locked& locked, const SaveFailed& action) {
    if (action.draft != locked.saving) return true;
    if (action.ticket < locked.whole_ticket) return false;
    locked.unsaved = true;
    // A later one that succeeds does not bring this one's answers.
    locked.ticket = std::numeric_limits<std::uint64_t>::max();
    return true;
}

void take(Locked& locked, const Finalised& action) {
    if (action.draft == locked.saving) locked.unsaved = locked.sealing = false;
}

void take(Locked& locked, const FinaliseFailed& action) {
    if (action.draft == locked.saving) locked.sealing = false;
}

}  // namespace fieldfare::app
