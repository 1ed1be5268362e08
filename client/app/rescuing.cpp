#include "client/app/rescuing.h"

#include <string>
#include <utility>

#include "client/app/kiosk.h"

namespace fieldfare::app {

namespace {

using Stage = Rescuing::Step;

Rescuing* at(Locked& locked, Stage step) {
    auto& rescuing = locked.rescuing;
    return rescuing && rescuing->step == step && !rescuing->busy ? &*rescuing : nullptr;
}

}  // namespace

void take(Locked& locked, const ShowRescue&, Effects&) {
    if (!locked.busy && !locked.recovering && !locked.damaged_in.empty()) locked.rescuing.emplace();
}

void take(Locked& locked, const LeaveRescue&, Effects&) {
    if (locked.rescuing && !locked.rescuing->busy) locked.rescuing.reset();
}

void take(Locked& locked, TryPassphrase& action, const std::string& token_path, Effects& effects) {
    Rescuing* rescuing = at(locked, Stage::ask);
    if (!rescuing) return;
    if (action.passphrase.empty()) {
        rescuing->why = {"unlock.empty", {}};
        return;
    }
    rescuing->why = {};
    rescuing->busy = true;
    effects.emplace_back(RescueVault{std::move(action.passphrase), rescuing->studies, token_path});
}

void take(Locked& locked, RescueRefused& action, Effects&) {
    if (!locked.rescuing) return;
    // Study files that were confirmed still count, unless one of them is not the right one.
    const bool one_more = action.why.key == "store.study_unreadable";
    if (action.study_wanted && !one_more) locked.rescuing->studies.clear();
    locked.rescuing->step = action.study_wanted ? Stage::study : Stage::ask;
    locked.rescuing->busy = false;
    locked.rescuing->why = std::move(action.why);
}

void take(Locked& locked, ChoosePackage& action, Effects& effects) {
    Rescuing* rescuing = at(locked, Stage::study);
    if (!rescuing) return;
    rescuing->path = std::move(action.path);
    if (rescuing->path.empty()) {
        rescuing->why = {"first_run.no_path", {}};
        return;
    }
    rescuing->why = {};
    rescuing->busy = true;
    effects.emplace_back(ReadPackage{rescuing->path, ReadPackage::For::rescue});
}

void take(Locked& locked, PackageRead& action) {
    if (!locked.rescuing || locked.rescuing->step != Stage::study) return;
    locked.rescuing->busy = false;
    locked.rescuing->package = std::move(action.package);
    locked.rescuing->step = Stage::check;
}

void take(Locked& locked, PackageRefused& action) {
    if (!locked.rescuing || locked.rescuing->step != Stage::study) return;
    locked.rescuing->busy = false;
    locked.rescuing->why = std::move(action.why);
}

void take(Locked& locked, const ConfirmPackage&) {
    Rescuing* rescuing = at(locked, Stage::check);
    if (!rescuing) return;
    rescuing->studies.push_back(std::move(rescuing->path));
    rescuing->path.clear();
    rescuing->step = Stage::ask;
}

void take(Locked& locked, const RejectPackage&) {
    if (Rescuing* rescuing = at(locked, Stage::check)) rescuing->step = Stage::study;
}

Message news_of(const Rescued& rescued) {
    if (unattended(rescued.opened.study))  // which has no unfinished ones
        return {rescued.enrolled_anew ? "kiosk.rescued_as_another" : "kiosk.rescued", {}};
    const auto interviews = std::to_string(rescued.opened.drafts.size());
    const bool another = rescued.enrolled_anew;
    if (rescued.files_lost > 0)
        return {another ? "rescue.done_without_files_as_another" : "rescue.done_without_files",
                {{"count", interviews}, {"files", std::to_string(rescued.files_lost)}}};
    if (!rescued.complete)
        return {another ? "rescue.done_in_part_as_another" : "rescue.done_in_part", {{"count", interviews}}};
    return {another ? "rescue.done_as_another" : "rescue.done", {{"count", interviews}}};
}

}  // namespace fieldfare::app
