#include "client/app/token_choice.h"

#include <utility>

#include "client/app/passphrase.h"

namespace fieldfare::app {

void read_tokens(FilePicker& picker, const std::string& path, Effects& effects) {
    read_folder(picker, path, {"fftoken"}, effects);
}

void forget_token(AppState& state) {
    wipe(state.token_path);
}

void take(AppState&, Locked& locked, const ChooseToken&, Effects& effects) {
    if (locked.busy || locked.recovering || locked.token_picker) return;
    locked.token_picker.emplace();
    read_tokens(*locked.token_picker, {}, effects);
}

void take(AppState& state, Locked& locked, const DropToken&, Effects&) {
    if (!locked.busy) forget_token(state);
}

void take(AppState&, Locked& locked, const OpenFolder& action, Effects& effects) {
    if (locked.token_picker) read_tokens(*locked.token_picker, action.path, effects);
}

void take(AppState& state, Locked& locked, const PickFile& action, Effects&) {
    std::string path = locked.token_picker ? path_of(*locked.token_picker, action) : std::string();
    if (path.empty()) return;
    forget_token(state);
    state.token_path = std::move(path);
    locked.token_picker.reset();
}

void take(AppState&, Locked& locked, const LeavePicker&, Effects&) {
    locked.token_picker.reset();
}

void take(AppState&, Locked& locked, FolderListed& action, Effects&) {
    if (locked.token_picker) take(*locked.token_picker, action);
}

void take(AppState&, Locked& locked, FolderRefused& action, Effects&) {
    if (locked.token_picker) take(*locked.token_picker, action);
}

bool drop_token(AppState& state, const Locked& locked, std::string& path) {
    if (!path.ends_with(".fftoken") || locked.busy || locked.recovering) return false;
    forget_token(state);
    state.token_path = std::move(path);
    return true;
}

}  // namespace fieldfare::app
