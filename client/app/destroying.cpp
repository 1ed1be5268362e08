#include "client/app/destroying.h"

#include <utility>

namespace fieldfare::app {

namespace {

using Typing = DestroyPassphrase::Step;

DestroyPassphrase* at(Session& session, Typing step) {
    auto& destroying = session.destroying;
    return destroying && destroying->step == step && !destroying->busy ? &*destroying : nullptr;
}

}  // namespace

void take(Session& session, const ShowDestroyPassphrase&) {
    session.destroying.emplace();
}

void take(Session& session, TryPassphrase& action) {
    DestroyPassphrase* destroying = at(session, Typing::current);
    if (!destroying) return;
    if (action.passphrase.empty()) {
        destroying->why = {"unlock.empty", {}};
        return;
    }
    destroying->why = {};
    destroying->current = std::move(action.passphrase);
    destroying->step = Typing::chosen;
}

void take(Session& session, ChoosePassphrase& action) {
    DestroyPassphrase* destroying = at(session, Typing::chosen);
    if (!destroying) return;
    if (strength_of(action.passphrase.expose()) == Strength::too_short) {
        destroying->why = {"passphrase.too_short", {}};
    } else if (too_alike(destroying->current.expose(), action.passphrase.expose())) {
        destroying->why = {"destroying.too_alike", {}};
    } else {
        destroying->why = {};
        destroying->chosen = std::move(action.passphrase);
        destroying->step = Typing::repeated;
    }
}

void take(Session& session, RepeatPassphrase& action, Effects& effects) {
    DestroyPassphrase* destroying = at(session, Typing::repeated);
    if (!destroying) return;
    if (!destroying->chosen.same_as(action.passphrase)) {
        destroying->why = {"passphrase.differs", {}};
        return;
    }
    destroying->why = {};
    destroying->busy = true;
    destroying->told = {"destroying.set", {}};
    destroying->chosen = {};
    effects.emplace_back(SetDestroyPassphrase{std::move(destroying->current), std::move(action.passphrase)});
}

void take(Session& session, const BackToPassphrase&) {
    DestroyPassphrase* destroying = at(session, Typing::repeated);
    if (!destroying) return;
    destroying->why = {};
    destroying->chosen = {};
    destroying->step = Typing::chosen;
}

void take(Session& session, const RemoveDestroyPassphrase&, Effects& effects) {
    DestroyPassphrase* destroying = at(session, Typing::chosen);
    if (!destroying) return;
    destroying->why = {};
    destroying->busy = true;
    destroying->told = {"destroying.removed", {}};
    effects.emplace_back(DropDestroyPassphrase{std::move(destroying->current)});
}

void take(Session& session, const DestroyPassphraseSet&) {
    if (!session.destroying) return;
    session.destroying->busy = false;
    session.destroying->step = Typing::done;
}

void take(Session& session, DestroyPassphraseRefused& action) {
    if (!session.destroying) return;
    session.destroying.emplace();
    session.destroying->why = std::move(action.why);
}

}  // namespace fieldfare::app
