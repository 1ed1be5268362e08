#include <utf8proc.h>

#include <cstdlib>
#include <qrcodegen.hpp>

#include "client/gui/theme.h"
#include "client/gui/ui.h"

namespace fieldfare::gui {

namespace {

ImU32 colour_of(Tone tone) {
    switch (tone) {
        case Tone::normal:
            return colour::text;
        case Tone::muted:
            return colour::muted;
        case Tone::error:
            return colour::error;
        case Tone::good:
            return colour::good;
        case Tone::warn:
            return colour::warn;
        case Tone::accent:
            return colour::accent;
    }
    return colour::text;
}

void wrapped(Ui& ui, const std::string& text, ImFont* font, float size, ImU32 text_colour, Role role) {
    if (text.empty()) {
        return;
    }
    ImGui::PushFont(font, size);
    ImGui::PushStyleColor(ImGuiCol_Text, text_colour);
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + ui.width);
    const ImVec2 start = ImGui::GetCursorScreenPos();
    ImGui::TextUnformatted(text.data(), text.data() + text.size());
    const ImVec2 end = ImGui::GetItemRectMax();
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    ImGui::PopFont();
    note_widget(ui, role, text, {}, {start.x, start.y, end.x, end.y});
}

}  // namespace

void note_widget(Ui& ui, Role role, std::string label, std::string value, const Rect& rect, bool enabled,
                 bool checked, bool focused, bool invalid, bool clipped) {
    const ImVec2 from = ImGui::GetWindowDrawList()->GetClipRectMin();
    const ImVec2 to = ImGui::GetWindowDrawList()->GetClipRectMax();
    ui.scratch.tree.push_back({.role = role,
                               .label = std::move(label),
                               .value = std::move(value),
                               .enabled = enabled,
                               .checked = checked,
                               .focused = focused,
                               .invalid = invalid,
                               .clipped = clipped,
                               .rect = rect,
                               .view = {from.x, from.y, to.x, to.y}});
}

void heading(Ui& ui, const std::string& text) {
    wrapped(ui, text, ui.scratch.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.5F, colour::text,
            Role::heading);
}

void subheading(Ui& ui, const std::string& text) {
    wrapped(ui, text, ui.scratch.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.1F, colour::text,
            Role::heading);
}

void paragraph(Ui& ui, const std::string& text, Tone tone, Role role) {
    wrapped(ui, text, nullptr, 0, colour_of(tone), role);
}

void small_text(Ui& ui, const std::string& text, Tone tone) {
    wrapped(ui, text, nullptr, ImGui::GetStyle().FontSizeBase * 0.86F, colour_of(tone),
            tone == Tone::error ? Role::alert : Role::text);
}

void gap(Ui& ui, float ems) {
    ImGui::Dummy({1, ui.em(ems)});
}

void digits(Ui& ui, const std::string& label, const std::string& thirty_digits) {
    std::string grouped;
    for (std::size_t i = 0; i < thirty_digits.size(); ++i) {
        if (i > 0 && i % 5 == 0) grouped += i % 15 == 0 ? "\n" : "   ";
        grouped += thirty_digits[i];
    }
    ImGui::PushFont(ui.scratch.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.6F);
    ImGui::TextUnformatted(grouped.c_str());
    ImGui::PopFont();
    const ImVec2 from = ImGui::GetItemRectMin();
    const ImVec2 to = ImGui::GetItemRectMax();
    note_widget(ui, Role::text, label, grouped, {from.x, from.y, to.x, to.y});
}

void qr_code(Ui& ui, const std::string& label, const std::string& text) {
    UiScratch::QrImage& image = ui.scratch.qr;
    if (image.text != text) {
        const auto code = qrcodegen::QrCode::encodeText(text.c_str(), qrcodegen::QrCode::Ecc::MEDIUM);
        image = {text, code.getSize(), {}};
        for (int y = 0; y < image.size; ++y) {
            for (int x = 0; x < image.size; ++x) {
                image.dark.push_back(code.getModule(x, y));
            }
        }
    }
    constexpr int quiet_zone = 4;  // modules, as ISO/IEC 18004 asks
    const float module = static_cast<float>(static_cast<int>(ui.em(0.3F)));
    const float side = module * static_cast<float>(image.size + 2 * quiet_zone);
    const ImVec2 start = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(start, {start.x + side, start.y + side}, IM_COL32_WHITE);
    for (int y = 0; y < image.size; ++y) {
        for (int x = 0; x < image.size; ++x) {
            if (image.dark[static_cast<std::size_t>(y * image.size + x)]) {
                const ImVec2 at{start.x + module * static_cast<float>(x + quiet_zone),
                                start.y + module * static_cast<float>(y + quiet_zone)};
                list->AddRectFilled(at, {at.x + module, at.y + module}, IM_COL32_BLACK);
            }
        }
    }
    ImGui::Dummy({side, side});
    note_widget(ui, Role::text, label, {}, {start.x, start.y, start.x + side, start.y + side});
}

void progress_bar(Ui& ui, const std::string& label, float fraction, float width) {
    const float height = ui.em(0.36F);
    const ImVec2 start = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const bool in_sight = ImGui::IsRectVisible(start, {start.x + width, start.y + height});
    if (in_sight) list->AddRectFilled(start, {start.x + width, start.y + height}, colour::line, height / 2);
    if (in_sight && fraction > 0) {
        list->AddRectFilled(start, {start.x + std::max(height, width * fraction), start.y + height},
                            colour::accent, height / 2);
    }
    ImGui::Dummy({width, height});
    const int percent = static_cast<int>(fraction * 100);
    note_widget(ui, Role::progress, label, std::to_string(percent),
                {start.x, start.y, start.x + width, start.y + height});
}

Card::Card(Ui& ui, Kind kind)
    : ui_(ui),
      kind_(kind),
      start_(ImGui::GetCursorScreenPos()),
      outer_width_(ui.width),
      padding_(ui.em(1.0F)) {
    splitter_.Split(ImGui::GetWindowDrawList(), 2);
    splitter_.SetCurrentChannel(ImGui::GetWindowDrawList(), 1);
    ImGui::Dummy({1, padding_ - ImGui::GetStyle().ItemSpacing.y});
    ImGui::Indent(padding_);
    ui_.width = outer_width_ - 2 * padding_;
}

Card::~Card() {
    ui_.width = outer_width_;
    ImGui::Unindent(padding_);
    ImGui::Dummy({1, padding_ - ImGui::GetStyle().ItemSpacing.y});
    const ImVec2 end{start_.x + outer_width_, ImGui::GetItemRectMax().y};
    ImU32 fill = colour::card;
    ImU32 border = colour::line;
    switch (kind_) {
        case Kind::plain:
            break;
        case Kind::error:
            fill = colour::error_tint;
            border = colour::error;
            break;
        case Kind::good:
            fill = colour::good_tint;
            border = colour::good;
            break;
        case Kind::warn:
            fill = colour::warn_tint;
            border = colour::warn;
            break;
        case Kind::tinted:
            fill = colour::accent_tint;
            border = colour::accent_tint;
            break;
    }
    ImDrawList* list = ImGui::GetWindowDrawList();
    splitter_.SetCurrentChannel(list, 0);
    if (ImGui::IsRectVisible(start_, end)) {
        list->AddRectFilled(start_, end, fill, 10);
        list->AddRect(start_, end, border, 10, 0, 1);
    }
    splitter_.Merge(list);
}

void banner(Ui& ui, Card::Kind kind, const std::string& text) {
    const Card card(ui, kind);
    const Tone tone = kind == Card::Kind::error  ? Tone::error
                      : kind == Card::Kind::good ? Tone::good
                      : kind == Card::Kind::warn ? Tone::warn
                                                 : Tone::normal;
    paragraph(ui, text, tone, Role::alert);
}

std::string folded(const std::string& text) {
    utf8proc_uint8_t* out = nullptr;
    const auto options =
        static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
    const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), &out, options);
    if (length < 0) {
        return text;
    }
    std::string result(reinterpret_cast<const char*>(out), static_cast<std::size_t>(length));
    std::free(out);
    return result;
}

std::string day_in_words(const Ui& ui, const std::string& iso) {
    if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-') {
        return iso;
    }
    const int month = std::atoi(iso.substr(5, 2).c_str());
    if (month < 1 || month > 12) {
        return iso;
    }
    const int day = std::atoi(iso.substr(8, 2).c_str());
    return ui.t("question.date_read", {{"day", std::to_string(day)},
                                       {"month", ui.t("month." + std::to_string(month))},
                                       {"year", iso.substr(0, 4)}});
}

std::string place_in_words(const Ui& ui, const std::string& place) {
    const std::size_t end = place.find(' ');
    if (end == std::string::npos) return place;
    std::string latitude = place.substr(0, end);
    std::string longitude = place.substr(end + 1, place.find(' ', end + 1) - end - 1);
    const auto side = [](std::string& degrees, const char* positive, const char* negative) {
        if (!degrees.starts_with('-')) return positive;
        degrees.erase(0, 1);
        return negative;
    };
    const char* of_equator = side(latitude, "question.place_north", "question.place_south");
    const char* of_greenwich = side(longitude, "question.place_east", "question.place_west");
    return ui.t(of_equator, {{"degrees", latitude}}) + ", " + ui.t(of_greenwich, {{"degrees", longitude}});
}

}  // namespace fieldfare::gui
