#include "client/app/first_run.h"

#include <utility>

#include "client/app/passphrase.h"

namespace fieldfare::app {
namespace {

bool asks(const FirstRun& run, FirstRunStep step) {
    return run.step == step && !run.busy;
}

void begin_again(FirstRun& run, Message why) {
    FirstRun begun;
    begun.unlocked = run.unlocked;
    begun.path = std::move(run.path);
    begun.why = std::move(why);
    run = std::move(begun);
}

}  // namespace

void take(FirstRun& run, ChoosePackage& action, Effects& effects) {
    if (!asks(run, FirstRunStep::choose_package)) return;
    run.path = std::move(action.path);
    if (run.path.empty()) {
        run.why = {"first_run.no_path", {}};
        return;
    }
    run.why = {};
    run.busy = true;
    effects.emplace_back(ReadPackage{run.path});
}

void take(FirstRun& run, PackageRead& action) {
    if (run.step != FirstRunStep::choose_package) return;
    run.busy = false;
    run.package = std::move(action.package);
    run.step = FirstRunStep::check_package;
}

void take(FirstRun& run, PackageRefused& action) {
    begin_again(run, std::move(action.why));
}

void take(FirstRun& run, const RejectPackage&) {
    if (asks(run, FirstRunStep::check_package)) begin_again(run, {});
}

void take(FirstRun& run, const ConfirmPackage&, Effects& effects) {
    if (!asks(run, FirstRunStep::check_package)) return;
    if (!run.unlocked) {
        run.step = FirstRunStep::choose_passphrase;
        return;
    }
    run.busy = true;
    effects.emplace_back(TakeFirstStudy{run.path});
}

void take(FirstRun& run, ChoosePassphrase& action) {
    if (!asks(run, FirstRunStep::choose_passphrase)) return;
    if (strength_of(action.passphrase.expose()) == Strength::too_short) {
        run.why = {"passphrase.too_short", {}};
        return;
    }
    run.why = {};
    run.first = std::move(action.passphrase);
    run.step = FirstRunStep::repeat_passphrase;
}

void take(FirstRun& run, RepeatPassphrase& action, Effects& effects) {
    if (!asks(run, FirstRunStep::repeat_passphrase)) return;
    if (!run.first.same_as(action.passphrase)) {
        run.why = {"passphrase.differs", {}};
        return;
    }
    run.why = {};
    run.busy = true;
    effects.emplace_back(CreateProfile{run.path, std::move(run.first), std::move(action.passphrase)});
}

void take(FirstRun& run, const BackToPassphrase&) {
    if (!asks(run, FirstRunStep::repeat_passphrase)) return;
    run.first = {};
    run.why = {};
    run.step = FirstRunStep::choose_passphrase;
}

void take(FirstRun& run, ProfileRefused& action) {
    begin_again(run, std::move(action.why));
}

}  // namespace fieldfare::app
