#include "client/app/changing.h"

#include <utility>

#include "client/app/token_choice.h"

namespace fieldfare::app {

namespace {

using Typing = NewPassphrase::Step;
using Token = ChangePassphrase::Token;

bool at(const NewPassphrase& change, Typing step) {
    return change.step == step && !change.busy && !change.picker;
}

void choose(NewPassphrase& change, std::string token_path) {
    wipe(change.token_path);
    change.token_path = std::move(token_path);
    change.token = Token::of_file;
    change.why = {};
    change.picker.reset();
}

}  // namespace

void take(Session& session, const ShowNewPassphrase&) {
    session.changing.emplace();
    if (session.needs_token) session.changing->token = Token::same;
}

void take(NewPassphrase& change, TryPassphrase& action) {
    if (!at(change, Typing::current)) return;
    if (action.passphrase.empty()) {
        change.why = {"unlock.empty", {}};
        return;
    }
    change.why = {};
    change.current = std::move(action.passphrase);
    change.step = Typing::chosen;
}

void take(NewPassphrase& change, ChoosePassphrase& action) {
    if (!at(change, Typing::chosen)) return;
    if (strength_of(action.passphrase.expose()) == Strength::too_short) {
        change.why = {"passphrase.too_short", {}};
        return;
    }
    change.why = {};
    change.chosen = std::move(action.passphrase);
    change.step = Typing::repeated;
}

void take(NewPassphrase& change, RepeatPassphrase& action, Effects& effects) {
    if (!at(change, Typing::repeated)) return;
    if (!change.chosen.same_as(action.passphrase)) {
        change.why = {"passphrase.differs", {}};
        return;
    }
    change.why = {};
    change.busy = true;
    change.chosen = {};
    effects.emplace_back(ChangePassphrase{std::move(change.current), std::move(action.passphrase),
                                          change.token, change.token_path});
}

void take(NewPassphrase& change, const BackToPassphrase&) {
    if (!at(change, Typing::repeated)) return;
    change.why = {};
    change.chosen = {};
    change.step = Typing::chosen;
}

void take(NewPassphrase& change, const ChooseToken&, Effects& effects) {
    if (!at(change, Typing::chosen)) return;
    change.picker.emplace();
    read_tokens(*change.picker, {}, effects);
}

void take(NewPassphrase& change, const DropToken&, Effects&) {
    if (!at(change, Typing::chosen)) return;
    change.token = Token::none;
    wipe(change.token_path);
}

void take(NewPassphrase& change, const OpenFolder& action, Effects& effects) {
    if (change.picker) read_tokens(*change.picker, action.path, effects);
}

void take(NewPassphrase& change, const PickFile& action, Effects&) {
    std::string path = change.picker ? path_of(*change.picker, action) : std::string();
    if (!path.empty()) choose(change, std::move(path));
}

void take(NewPassphrase& change, DropFile& action) {
    if (at(change, Typing::chosen) && is_token_file(action.path)) choose(change, std::move(action.path));
}

void take(NewPassphrase& change, const LeavePicker&, Effects&) {
    change.picker.reset();
}

void take(NewPassphrase& change, FolderListed& action, Effects&) {
    if (change.picker) take(*change.picker, action);
}

void take(NewPassphrase& change, FolderRefused& action, Effects&) {
    if (change.picker) take(*change.picker, action);
}

void take(NewPassphrase& change, PassphraseRefused& action) {
    change.busy = false;
    change.step = Typing::current;
    change.why = std::move(action.why);
}

void keep_choice(AppState& state, const PassphraseChanged& change) {
    if (!change.needs_token || !change.token_path.empty()) forget_token(state);
    if (change.needs_token && !change.token_path.empty()) state.token_path = change.token_path;
}

bool is_changing(const Session& session) {
    return session.changing && session.changing->busy;
}

void take(AppState& state, const PassphraseChanged& action) {
    keep_choice(state, action);
    auto* session = std::get_if<Session>(&state.stage);
    if (!session) return;  // the window was closed meanwhile
    session->needs_token = action.needs_token;
    if (!session->changing) return;
    session->changing->busy = false;
    session->changing->step = Typing::done;
}

}  // namespace fieldfare::app
