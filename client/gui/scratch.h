#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/app/passphrase.h"
#include "client/app/state.h"
#include "client/app/steps.h"
#include "client/gui/fonts.h"
#include "client/gui/shown_choices.h"
#include "client/gui/texts.h"
#include "client/gui/widget_tree.h"

namespace fieldfare::gui {

/// What drawing needs from one frame to the next and nobody else cares about: text on its way through an
/// input field, where the focused question stood. Holds answers and passphrases while they are on the screen.
struct UiScratch {
    UiScratch() { passphrase.fill('\0'); }
    UiScratch(const UiScratch&) = delete;
    UiScratch& operator=(const UiScratch&) = delete;
    ~UiScratch() { wipe(); }

    /// Overwrites everything that a person has typed or read, in here and inside ImGui's own text buffers.
    /// draw does it by itself when an interview is left or the vault locked; forget_passphrase after each
    /// passphrase.
    void wipe();
    void forget_passphrase();
    /// Overwrites ImGui's own copies of what was typed last: the field's text, what Escape would bring back,
    /// the history of undo, the keys. A field that has the keyboard loses it.
    void forget_typed();
    /// Of a passphrase that was shown while it was typed and is not any more, what was drawn. Between two
    /// frames.
    void forget_drawn_passphrase();

    Texts texts;
    Fonts fonts;

    // --- typed text ---
    std::array<char, app::Passphrase::max_bytes + 1> passphrase;
    bool show_passphrase = false;
    bool passphrase_drawn = false;  ///< its letters were, in a frame that is still in memory
    bool passphrase_shown = false,
         passphrase_shown_before = false;       ///< its field, in this frame and the last
    bool passphrase_tried = false;              ///< the field wants the keyboard back for the next try
    std::map<std::string, std::string> fields;  ///< by the path of their widgets

    ChoiceCache choices;                            ///< of the screen's questions
    schema::NodeId search_again = schema::no_node;  ///< its search field wants the keyboard back

    // --- where things were ---
    std::string screen;          ///< name of the screen drawn last; another one starts at its top
    std::string focused_screen;  ///< screen whose first field was given the keyboard
    std::uint64_t focus_seen = 0;
    bool focus_pending = false;
    int focus_patience = 0;  ///< frames until a focus request that found nothing is dropped
    schema::NodeId left_field = schema::no_node;  ///< question whose field was left while the mouse is down
    int focus_settling = 0;                       ///< frames until ImGui's focus has followed
    std::ptrdiff_t page_widgets = 0;  ///< of the tree, those of the page; the bar's and others follow
    std::optional<schema::NodeId> page_keyboard;  ///< question with the keyboard, or none, where that stands
    std::map<schema::NodeId, float> tops;  ///< of the questions in the last frame, from the top of the page
    bool again = false;                    ///< draw returns Frame::again
    bool list_was_open = false;            ///< of languages, in the last frame
    float bottom_height = 0;
    float page_height = 0;                           ///< what the bar at the bottom left of the window
    app::Openness openness = app::Openness::locked;  ///< in the last frame

    struct QrImage {
        std::string text;
        int size = 0;
        std::vector<bool> dark;
    } qr;

    WidgetTree tree;
};

/// Makes ImGui overwrite every block of memory that it frees. Call before the context is created, once.
void install_wiping_allocator();

}  // namespace fieldfare::gui
