#pragma once

#include "client/app/action.h"
#include "client/app/state.h"
#include "client/gui/scratch.h"

namespace fieldfare::gui {

/// again: something above the focused question has changed its height, and the scroll position that keeps the
/// question in place takes effect in the next frame; draw that one before showing anything.
enum class Frame { show, again };

/// Draws the whole window from the state and appends what the person did, between ImGui::NewFrame and
/// ImGui::Render. Afterwards the caller applies the actions with app::update and, if there were any or again
/// came back, draws once more. Changes nothing but the scratch; reads no clock, no file.
Frame draw(const app::AppState& state, UiScratch& scratch, app::Actions& actions);

}  // namespace fieldfare::gui
