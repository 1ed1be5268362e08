#include "client/app/passphrase.h"
#include "client/gui/screens.h"
#include "client/gui/theme.h"

// A respondent takes an interview back with the code that was shown for it.
namespace fieldfare::gui {

void draw_take_back(Ui& ui, const app::TakingBack& taking_back) {
    heading(ui, ui.t("take_back.title"));
    paragraph(ui, ui.t("take_back.intro"));
    small_text(ui, ui.t("take_back.unknown"));
    gap(ui, 0.4F);
    if (!taking_back.why.empty()) {
        banner(ui, Card::Kind::error, ui.t(taking_back.why));
        gap(ui, 0.2F);
    }
    {
        const Card card(ui);
        subheading(ui, ui.t("take_back.code"));
        const bool take_focus = ui.scratch.focused_screen != ui.scratch.screen;
        ui.scratch.focused_screen = ui.scratch.screen;
        std::string& kept = ui.scratch.fields["take_back.code.kept"];
        std::string code;
        const FieldResult typed = field(ui, "take_back.code", kept, code,
                                        {.label = ui.t("take_back.code"),
                                         .hint = ui.t("take_back.hint"),
                                         .invalid = !taking_back.why.empty(),
                                         .enabled = !taking_back.busy,
                                         .max_characters = 64},
                                        take_focus);
        if (typed.edited) kept = code;
        const bool pressed =
            button(ui, ui.t("take_back.seal"), {.kind = ButtonKind::primary, .enabled = !taking_back.busy});
        if (pressed || (typed.entered && !taking_back.busy)) ui.act(app::TakeBack{code});
        app::wipe(code);
        if (taking_back.busy) small_text(ui, ui.t("take_back.sealing"));
    }
    gap(ui, 0.3F);
    if (button(ui, ui.t("interview.back"), {.enabled = !taking_back.busy})) ui.act(app::ShowHome{});
}

}  // namespace fieldfare::gui
