#include "client/app/recovering.h"

#include <algorithm>
#include <utility>

#include "client/app/half_typed.h"
#include "client/app/passphrase.h"

namespace fieldfare::app {

namespace {

using Stage = Recovering::Step;

Recovering* at(Locked& locked, Stage step) {
    auto& recovering = locked.recovering;
    return recovering && recovering->step == step && !recovering->busy ? &*recovering : nullptr;
}

FilePicker* picker_of(Locked& locked) {
    return locked.recovering && locked.recovering->picker ? &*locked.recovering->picker : nullptr;
}

void read_answers(FilePicker& picker, const std::string& path, Effects& effects) {
    read_folder(picker, path, {"ffanswer"}, effects);
}

void read_answer(Recovering& recovering, std::string path, Effects& effects) {
    recovering.picker.reset();
    recovering.why = {};
    recovering.busy = true;
    effects.emplace_back(ReadAnswer{std::move(path)});
}

}  // namespace

void take(Locked& locked, const ShowRecovery&, Effects&) {
    if (!locked.busy && !locked.recovering) locked.recovering.emplace();
}

void take(Locked& locked, const AskSupervisor&, Effects& effects) {
    Recovering* recovering = at(locked, Stage::ask);
    if (!recovering) return;
    recovering->why = {};
    recovering->busy = true;
    effects.emplace_back(WriteRequest{});
}

void take(Locked& locked, const RequestWritten& action, Effects&) {
    if (!locked.recovering || locked.recovering->step != Stage::ask) return;
    locked.recovering->busy = false;
    locked.recovering->step = Stage::wait;
    locked.recovering->file = action.file;
    locked.recovering->digits = action.digits;
}

void take(Locked& locked, const ChooseAnswer&, Effects& effects) {
    Recovering* recovering = at(locked, Stage::wait);
    if (!recovering || recovering->picker) return;
    recovering->why = {};
    recovering->picker.emplace();
    read_answers(*recovering->picker, {}, effects);
}

void take(Locked& locked, const OpenFolder& action, Effects& effects) {
    if (FilePicker* picker = picker_of(locked)) read_answers(*picker, action.path, effects);
}

void take(Locked& locked, const PickFile& action, Effects& effects) {
    FilePicker* picker = picker_of(locked);
    std::string path = picker ? path_of(*picker, action) : std::string();
    if (!path.empty()) read_answer(*locked.recovering, std::move(path), effects);
}

void take(Locked& locked, const LeavePicker&, Effects&) {
    if (locked.recovering) locked.recovering->picker.reset();
}

void take(Locked& locked, FolderListed& action, Effects&) {
    if (FilePicker* picker = picker_of(locked)) take(*picker, action);
}

void take(Locked& locked, FolderRefused& action, Effects&) {
    if (FilePicker* picker = picker_of(locked)) take(*picker, action);
}

void drop_answer(Locked& locked, const std::string& path, Effects& effects) {
    if (Recovering* recovering = at(locked, Stage::wait)) read_answer(*recovering, path, effects);
}

void take(Locked& locked, const AnswerFits&, Effects&) {
    if (!locked.recovering || locked.recovering->step != Stage::wait) return;
    locked.recovering->busy = false;
    locked.recovering->step = Stage::chosen;
}

void take(Locked& locked, ChoosePassphrase& action) {
    Recovering* recovering = at(locked, Stage::chosen);
    if (!recovering) return;
    if (strength_of(action.passphrase.expose()) == Strength::too_short) {
        recovering->why = {"passphrase.too_short", {}};
        return;
    }
    recovering->why = {};
    recovering->chosen = std::move(action.passphrase);
    recovering->step = Stage::repeated;
}

void take(Locked& locked, RepeatPassphrase& action, Effects& effects) {
    Recovering* recovering = at(locked, Stage::repeated);
    if (!recovering) return;
    if (!recovering->chosen.same_as(action.passphrase)) {
        recovering->why = {"passphrase.differs", {}};
        return;
    }
    recovering->why = {};
    recovering->busy = true;
    recovering->chosen = {};
    effects.emplace_back(Recover{std::move(action.passphrase)});
}

void take(Locked& locked, const BackToPassphrase&) {
    Recovering* recovering = at(locked, Stage::repeated);
    if (!recovering) return;
    recovering->why = {};
    recovering->chosen = {};
    recovering->step = Stage::chosen;
}

void take(Locked& locked, RecoveryRefused& action, Effects&) {
    if (!locked.recovering || !locked.recovering->busy) return;
    locked.recovering->busy = false;
    locked.recovering->why = std::move(action.why);
    if (locked.recovering->step == Stage::repeated) locked.recovering->step = Stage::chosen;
}

void take(Locked& locked, const LeaveRecovery&, Effects& effects) {
    if (!locked.recovering || locked.recovering->busy) return;
    if (locked.recovering->step != Stage::ask) effects.emplace_back(DropRequest{});
    locked.recovering.reset();
}

std::optional<std::int64_t> recovery_ends_in(const Locked& locked, std::int64_t last_input_ms,
                                             std::int64_t tick_ms) {
    const auto& recovering = locked.recovering;
    if (!recovering || recovering->busy || recovering->step < Stage::chosen) return std::nullopt;
    return std::max<std::int64_t>(last_input_ms + half_typed_ms - tick_ms, 0);
}

}  // namespace fieldfare::app
