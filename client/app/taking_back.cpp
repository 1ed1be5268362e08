#include "client/app/taking_back.h"

#include "client/app/passphrase.h"
#include "schema/withdrawal.h"

namespace fieldfare::app {

bool offers_taking_back(const Session& session) {
    return session.form && schema::offers_withdrawal(session.form->form());
}

void take(Session& session, const ShowTakeBack&, Effects&) {
    if (session.place != Place::home || session.loading || !offers_taking_back(session)) return;
    leave_home(session);
    session.taking_back = TakingBack{};
    session.place = Place::take_back;
}

void take(Session& session, TakeBack& action, Effects& effects) {
    if (session.taking_back && !session.taking_back->busy) {
        session.taking_back->why = {};
        session.taking_back->busy = true;
        effects.emplace_back(SealWithdrawal{action.code});
    }
    wipe(action.code);
}

void take(Session& session, const TakenBack& action, Effects&) {
    session.counts = action.counts;
    if (!session.taking_back) return;
    session.taking_back.reset();
    if (session.place == Place::take_back) session.place = Place::home;
    session.news = {"home.taken_back", {}};
}

void take(Session& session, TakeBackRefused& action, Effects&) {
    if (!session.taking_back) return;
    session.taking_back->busy = false;
    session.taking_back->why = std::move(action.why);
}

}  // namespace fieldfare::app
