#include "client/app/closing.h"

namespace fieldfare::app {

namespace {

bool unsaved(const Session& session) {
    return session.open && !session.open->save_failed.empty();
}

}  // namespace

bool asks_to_close(const Session& session) {
    return session.closing && unsaved(session);
}

bool ask_about_unsaved(Session& session) {
    const bool asks = unsaved(session) && !session.closing;
    session.closing = asks;
    return asks;
}

void take(Session& session, const StayOpen&) {
    session.closing = false;
}

void remember_last_save(Locked& locked, const OpenInterview& open) {
    locked.unsaved = !open.save_failed.empty();
    locked.saving = open.draft;
    locked.ticket = open.last_ticket;
}

void take(Locked& locked, const AnswerSaved& action) {
    if (action.draft == locked.saving && action.ticket >= locked.ticket) locked.unsaved = false;
}

void take(Locked& locked, const SaveFailed& action) {
    if (action.draft != locked.saving) return;
    locked.unsaved = true;
    locked.saving.clear();  // a later one that succeeds does not bring this one's answers
}

}  // namespace fieldfare::app
