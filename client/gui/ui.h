#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/app/action.h"
#include "client/app/state.h"
#include "client/gui/scratch.h"
#include "imgui.h"

namespace fieldfare::gui {

/// What every drawing function gets: the state to show, the scratch, and where actions go.
struct Ui {
    const app::AppState& state;
    UiScratch& scratch;
    app::Actions& actions;
    app::InterfaceLanguage language;
    float width = 0;  ///< of the column in which things are drawn now

    template <typename T>
    void act(T action) {
        actions.emplace_back(std::move(action));
    }
    /// A sentence of the interface.
    std::string t(std::string_view key,
                  std::vector<std::pair<std::string, std::string>> arguments = {}) const {
        return scratch.texts.get(language, {std::string(key), std::move(arguments)});
    }
    std::string t(const app::Message& message) const { return scratch.texts.get(language, message); }
    /// Lengths grow with the text size.
    float em(float factor) const { return ImGui::GetFontSize() * factor; }
};

// --- text ---
enum class Tone { normal, muted, error, good, warn, accent };
void heading(Ui& ui, const std::string& text);
void subheading(Ui& ui, const std::string& text);
void paragraph(Ui& ui, const std::string& text, Tone tone = Tone::normal, Role role = Role::text);
void small_text(Ui& ui, const std::string& text, Tone tone = Tone::muted);
void gap(Ui& ui, float ems);
/// 30 digits in six groups of five, large enough to read aloud.
void digits(Ui& ui, const std::string& label, const std::string& thirty_digits);
void qr_code(Ui& ui, const std::string& label, const std::string& text);
void progress_bar(Ui& ui, const std::string& label, float fraction, float width);

// --- boxes ---
/// A rounded box around everything drawn while it lives; narrows ui.width meanwhile. May stand in another.
class Card {
  public:
    enum class Kind { plain, error, good, warn, tinted };
    explicit Card(Ui& ui, Kind kind = Kind::plain);
    ~Card();
    Card(const Card&) = delete;
    Card& operator=(const Card&) = delete;

  private:
    Ui& ui_;
    Kind kind_;
    ImDrawListSplitter splitter_;
    ImVec2 start_;
    float outer_width_, padding_;
};
/// One sentence in a coloured box; role alert.
void banner(Ui& ui, Card::Kind kind, const std::string& text);

// --- controls ---
enum class ButtonKind { primary, secondary, quiet, danger };
struct ButtonLook {
    ButtonKind kind = ButtonKind::secondary;
    bool enabled = true;
    bool small = false;
    bool chosen = false;         ///< one of a few side by side, the one in force
    bool flush = false;          ///< its text, not its edge, begins where it is drawn: for quiet ones
    float width = 0;             ///< 0: as wide as its text
    std::string_view name = {};  ///< what tests and screen readers call it, when the text alone is ambiguous
};
/// True in the frame in which it is pressed, by mouse, Space or Enter. `id` tells equal labels apart.
bool button(Ui& ui, const std::string& label, const ButtonLook& look = {}, std::string_view id = {});
float button_width(const Ui& ui, const std::string& label, bool small = false);

/// A row (or, in a scale, a square) that picks a choice.
struct OptionLook {
    bool several = false;  ///< of a select_multiple
    bool picked = false;
    bool enabled = true;
    char key = '\0';  ///< the digit that picks it, shown at its right
    float width = 0;  ///< 0: the whole column
    bool centred = false;
    bool tab_stop = true;
    bool link = false;           ///< leads to a question instead of picking anything
    std::string tag = {};        ///< of a link: how the question stands, at its right
    std::string_view name = {};  ///< as in ButtonLook
    bool tag_is_fault = false;
};
struct OptionResult {
    bool pressed = false, focused = false;
};
OptionResult option(Ui& ui, std::string_view id, const std::string& label, const std::string& question,
                    const OptionLook& look, bool take_focus);

struct FieldLook {
    std::string label;
    std::string hint;
    bool multiline = false;
    bool password = false;
    bool invalid = false;
    bool enabled = true;
    float width = 0;
    // No more can be typed or pasted.
    std::size_t max_characters = std::string::npos;
    std::size_t max_bytes = std::string::npos;
};
struct FieldResult {
    bool edited = false;   ///< the text differs from the frame before
    bool entered = false;  ///< Enter (in a multi-line field with Ctrl)
    bool focused = false;
    bool left = false;  ///< it was typed in until this frame
};
/// A field whose text is `value` unless it is being typed in; read the text from `text` when edited.
FieldResult field(Ui& ui, const std::string& id, const std::string& value, std::string& text,
                  const FieldLook& look, bool take_focus);
/// A passphrase goes from ImGui into the scratch's fixed buffer and from there into a Passphrase.
/// It takes the keyboard when it appears and again after each try (UiScratch::passphrase_tried).
FieldResult passphrase_field(Ui& ui, const std::string& label);

/// The edge of the field drawn while it lives: stronger while it is typed in, red when what stands there does
/// not fit.
class FieldEdge {
  public:
    FieldEdge(ImGuiID field, bool invalid);
    ~FieldEdge();
    FieldEdge(const FieldEdge&) = delete;
    FieldEdge& operator=(const FieldEdge&) = delete;
};

/// Before the keyboard is given to another widget: ImGui drops the request as soon as it meets the widget
/// that has it in another region of the window.
void let_go_of_keyboard();
/// Focus for a control that has just been drawn: keyboard navigation stands on it and shows its ring.
void take_focus_on_last_item();
/// When the widget that had the keyboard is gone (or always), the next Tab begins with the screen's first:
/// ImGui itself would look for the lost one and stand still.
void rescue_keyboard(bool always);

/// Adds what was drawn last to the widget tree.
void note_widget(Ui& ui, Role role, std::string label, std::string value, const Rect& rect,
                 bool enabled = true, bool checked = false, bool focused = false, bool invalid = false,
                 bool clipped = false);

/// As texts are compared in a search, in any script: capitals and accents play no part.
std::string folded(const std::string& text);

/// "5 March 2024" from "2024-03-05"; the text itself when it is no date.
std::string day_in_words(const Ui& ui, const std::string& iso);

/// What becomes of a device whose passphrase is forgotten, and who can read it then.
std::string who_recovers(const Ui& ui, const std::optional<app::NamedKey>& supervisor);

/// "700 KB", "2.1 MB"
std::string size_in_words(const Ui& ui, std::uint64_t bytes);

/// "55.75° N, 37.62° E" from "55.75 37.62"; the text itself when it is no place.
std::string place_in_words(const Ui& ui, const std::string& place);

}  // namespace fieldfare::gui
