#pragma once

#include <string>
#include <vector>

namespace fieldfare::gui {

/// list_item: a choice of a rank, which has a place.
enum class Role { text, heading, button, radio, checkbox, field, password, progress, alert, list_item };

/// In pixels of the window, the upper left corner first.
struct Rect {
    float left = 0, top = 0, right = 0, bottom = 0;

    bool operator==(const Rect&) const = default;
};

/// What one widget was in the frame drawn last: enough for a test to find and press it, and for a screen
/// reader to speak of it.
struct Widget {
    Role role = Role::text;
    std::string label;  ///< what a person would call it: its text, or the question it belongs to
    std::string value;  ///< of a field: its text (never of a password); of an option: the question's label;
                        ///< of a list item: its place, "1" the first
    bool enabled = true;
    bool checked = false;
    bool focused = false;
    bool typing = false;  ///< of a field: what is typed goes into it; it may have the focus without that
    bool invalid = false;
    bool clipped = false;  ///< its text is wider than it is
    Rect rect;
    Rect view;  ///< the part of the window in which it can be seen; outside of it one has to scroll
};

/// All widgets of a frame in drawing order, those scrolled out of sight included.
using WidgetTree = std::vector<Widget>;

}  // namespace fieldfare::gui
