#pragma once

#include "imgui.h"

namespace fieldfare::gui {

/// Colours of the light theme. Text on its ground has a contrast of at least 4.5:1, edges of controls 3:1
/// (WCAG 2.2, 1.4.3 and 1.4.11); tests/gui holds that.
namespace colour {
inline constexpr ImU32 ground = IM_COL32(244, 246, 249, 255);
inline constexpr ImU32 card = IM_COL32(255, 255, 255, 255);
inline constexpr ImU32 bar = IM_COL32(255, 255, 255, 255);
inline constexpr ImU32 line = IM_COL32(221, 226, 233, 255);
inline constexpr ImU32 edge = IM_COL32(118, 130, 146, 255);
inline constexpr ImU32 text = IM_COL32(27, 36, 48, 255);
inline constexpr ImU32 muted = IM_COL32(82, 96, 109, 255);
inline constexpr ImU32 accent = IM_COL32(29, 92, 158, 255);
inline constexpr ImU32 accent_dark = IM_COL32(20, 70, 124, 255);
inline constexpr ImU32 accent_tint = IM_COL32(232, 240, 250, 255);
inline constexpr ImU32 hover = IM_COL32(240, 244, 249, 255);
inline constexpr ImU32 on_accent = IM_COL32(255, 255, 255, 255);
inline constexpr ImU32 error = IM_COL32(170, 32, 26, 255);
inline constexpr ImU32 error_tint = IM_COL32(253, 237, 235, 255);
inline constexpr ImU32 good = IM_COL32(24, 100, 56, 255);
inline constexpr ImU32 good_tint = IM_COL32(231, 245, 236, 255);
inline constexpr ImU32 warn = IM_COL32(104, 72, 0, 255);
inline constexpr ImU32 warn_tint = IM_COL32(255, 246, 224, 255);
inline constexpr ImU32 disabled = IM_COL32(214, 220, 227, 255);
inline constexpr ImU32 on_disabled = IM_COL32(84, 94, 106, 255);
}  // namespace colour

/// Sets style and behaviour of the current context once: colours, keyboard navigation, no ini file, no log.
void apply_theme();

/// Height of text at the normal size, in pixels at a scale of 1.
inline constexpr float text_height = 19.0F;

}  // namespace fieldfare::gui
