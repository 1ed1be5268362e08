#include "client/app/token_choice.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "client/app/passphrase.h"

namespace fieldfare::app {

void read_tokens(FilePicker& picker, const std::string& path, Effects& effects) {
    read_folder(picker, path, {"fftoken"}, effects);
}

namespace {

/// What was said of the one before counts no more.
void choose(AppState& state, Locked& locked, std::string path) {
    forget_token(state);
    state.token_path = std::move(path);
    locked.token_picker.reset();
    locked.why = {};
    if (locked.rescuing) locked.rescuing->why = {};
}

}  // namespace

void forget_token(AppState& state) {
    wipe(state.token_path);
}

void take(AppState&, Locked& locked, const ChooseToken&, Effects& effects) {
    if (locked.busy || locked.recovering || locked.token_picker) return;
    locked.token_picker.emplace();
    read_tokens(*locked.token_picker, {}, effects);
}

void take(AppState& state, Locked& locked, const DropToken&, Effects&) {
    if (locked.busy) return;
    forget_token(state);
    locked.why = {};
}

void take(AppState&, Locked& locked, const OpenFolder& action, Effects& effects) {
    if (locked.token_picker) read_tokens(*locked.token_picker, action.path, effects);
}

void take(AppState& state, Locked& locked, const PickFile& action, Effects&) {
    std::string path = locked.token_picker ? path_of(*locked.token_picker, action) : std::string();
    if (!path.empty()) choose(state, locked, std::move(path));
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

bool is_token_file(const std::string& path) {
    constexpr std::string_view ending = ".fftoken";  // a stick may have it in capital letters
    return path.size() > ending.size() &&
           std::ranges::equal(std::string_view(path).substr(path.size() - ending.size()), ending,
                              [](char one, char other) { return (one | 0x20) == (other | 0x20); });
}

bool drop_token(AppState& state, Locked& locked, std::string& path) {
    const bool busy = locked.busy || locked.recovering || (locked.rescuing && locked.rescuing->busy);
    if (busy || !is_token_file(path)) return false;
    choose(state, locked, std::move(path));
    return true;
}

}  // namespace fieldfare::app
