#include <algorithm>

#include "client/app/attaching.h"
#include "client/gui/question_card.h"
#include "client/gui/screens.h"

// A photo, a recording or a file as an answer.
namespace fieldfare::gui {

namespace {

// A question for recordings takes files that elsewhere are films.
const char* word_for(schema::QuestionType type, app::FileKind kind) {
    if (type == schema::QuestionType::audio) return "attach.recording";
    switch (kind) {
        case app::FileKind::picture:
            return "attach.picture";
        case app::FileKind::recording:
            return "attach.recording";
        case app::FileKind::film:
            return "attach.film";
        case app::FileKind::other:
            return "attach.other";
    }
    return "attach.other";
}

std::string extension_of(const std::string& name) {
    return name.substr(name.rfind('.') + 1);
}

std::string capitals(std::string_view text) {
    std::string upper(text);
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return upper;
}

// "Pictures: JPG, PNG, WEBP", or nothing for a question that takes any file.
std::string kinds_in_words(const Ui& ui, schema::QuestionType type) {
    std::string kinds;
    for (const std::string_view kind : app::kinds_taken(type))
        kinds += (kinds.empty() ? "" : ", ") + capitals(kind);
    switch (type) {
        case schema::QuestionType::image:
            return ui.t("attach.takes_image", {{"kinds", kinds}});
        case schema::QuestionType::audio:
            return ui.t("attach.takes_audio", {{"kinds", kinds}});
        case schema::QuestionType::video:
            return ui.t("attach.takes_video", {{"kinds", kinds}});
        default:
            return ui.t("attach.takes_file");
    }
}

// One of the card's buttons; the first takes the keyboard when the question shall have it.
bool card_button(QuestionCard& card, const std::string& label, ButtonLook look, bool first) {
    look.small = true;
    const std::string name = label + ": " + card.label;
    look.name = name;
    const bool pressed = button(card.ui, label, look, card.path);
    if (first && card.wants_focus) {
        take_focus_on_last_item();
        card.focus_taken = true;
    }
    card.focused = card.focused || ImGui::IsItemFocused();
    return pressed;
}

void draw_copying(QuestionCard& card, const app::FileCopying& copying) {
    Ui& ui = card.ui;
    const std::string words = copying.size == 0
                                  ? ui.t("attach.copying")
                                  : ui.t("attach.copying_of", {{"done", size_in_words(ui, copying.done)},
                                                               {"size", size_in_words(ui, copying.size)}});
    paragraph(ui, words, Tone::accent);
    const float fraction =
        copying.size == 0
            ? 0.0F
            : static_cast<float>(static_cast<double>(copying.done) / static_cast<double>(copying.size));
    progress_bar(ui, words, fraction, ui.width);
    if (card_button(card, ui.t("attach.stop"), {.enabled = !copying.stopping}, true))
        ui.act(app::CancelCopying{});
}

void draw_attached(QuestionCard& card, const std::string& name) {
    Ui& ui = card.ui;
    const std::string extension = extension_of(name);
    const auto known = card.open.files.find(name);
    const std::uint64_t size = known == card.open.files.end() ? 0 : known->second;
    paragraph(ui, name, Tone::good);
    small_text(ui, ui.t(word_for(card.item.type, app::kind_of(extension))) + " · " + size_in_words(ui, size));
    small_text(ui, ui.t(app::drops_metadata(extension) ? "attach.dropped" : "attach.not_dropped"),
               app::drops_metadata(extension) ? Tone::muted : Tone::warn);
    small_text(ui, ui.t("attach.original"));
    if (!card.editable) return;
    if (card_button(card, ui.t("attach.replace"), {.enabled = !card.open.copying}, true))
        ui.act(app::ChooseFile{card.node});
    ImGui::SameLine();
    if (card_button(card, ui.t("attach.remove"), {.kind = ButtonKind::quiet}, false))
        ui.act(app::ClearAnswer{card.node});
}

}  // namespace

void draw_file(QuestionCard& card) {
    Ui& ui = card.ui;
    const std::string name(card.interview.value(card.node));
    if (card.open.copying && card.open.copying->node == card.node) {
        draw_copying(card, *card.open.copying);
    } else if (!name.empty()) {
        draw_attached(card, name);
    } else {
        small_text(ui, kinds_in_words(ui, card.item.type));
        const bool free = card.editable && !card.open.copying;
        if (card_button(card, ui.t("attach.choose"), {.enabled = free}, true))
            ui.act(app::ChooseFile{card.node});
        small_text(ui, ui.t(card.open.copying ? "attach.one_at_a_time" : "attach.or_drop"));
    }
    if (const auto refused = card.open.file_refused.find(card.node); refused != card.open.file_refused.end())
        paragraph(ui, ui.t(refused->second), Tone::error, Role::alert);
}

std::string size_in_words(const Ui& ui, std::uint64_t bytes) {
    if (bytes < 1024 * 1024)
        return ui.t("sync.kilobytes", {{"count", std::to_string((bytes + 1023) / 1024)}});
    const std::uint64_t tenths = (bytes * 10 + 1024 * 1024 / 2) / (1024 * 1024);
    return ui.t("attach.megabytes",
                {{"count", std::to_string(tenths / 10) + "." + std::to_string(tenths % 10)}});
}

}  // namespace fieldfare::gui
