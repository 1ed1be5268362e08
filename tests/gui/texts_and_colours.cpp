#include "client/gui/texts.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "client/gui/soft_wrap.h"
#include "tests/support/ui.h"

using namespace fieldfare;
using namespace fieldfare::gui;
using namespace fieldfare::gui::test;

namespace {

// What stands between `open` and `close`, wherever both are found on a line.
std::vector<std::string> between(const std::string& text, char open, char close) {
    std::vector<std::string> found;
    for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
        const std::size_t end = text.find(close, at + 1);
        if (end == std::string::npos) break;
        found.push_back(text.substr(at + 1, end - at - 1));
    }
    return found;
}

std::set<std::string> placeholders(const std::string& sentence) {
    const auto all = between(sentence, '{', '}');
    return {all.begin(), all.end()};
}

// Whether a string of the sources looks like a key: a known first word, a point, small letters.
bool is_key(const std::string& text) {
    static const std::set<std::string> subjects = {
        "app",       "settings", "first_run",  "passphrase", "unlock",     "home",
        "interview", "handover", "handback",   "question",   "review",     "sync",
        "draft",     "fatal",    "store",      "package",    "study_file", "withdrawal",
        "attach",    "picker",   "destroying", "recovery",   "take_back"};
    const std::size_t point = text.find('.');
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '.'; };
    return point != std::string::npos && subjects.contains(text.substr(0, point)) &&
           std::ranges::all_of(text, fits) && !text.ends_with('.') && !text.ends_with(".json") &&
           !text.ends_with(".kept");
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Relative luminance and contrast as in WCAG 2.2.
double luminance(ImU32 colour) {
    const auto part = [&](int shift) {
        const double value = (colour >> shift & 0xFFU) / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * part(IM_COL32_R_SHIFT) + 0.7152 * part(IM_COL32_G_SHIFT) +
           0.0722 * part(IM_COL32_B_SHIFT);
}

double contrast(ImU32 one, ImU32 other) {
    const double a = luminance(one);
    const double b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

// Breaks after eight bytes, as a font of fixed width would.
const char* every_eight(const char* from, const char* to) {
    return std::min(from + 8, to);
}

}  // namespace

TEST_CASE("every sentence stands in both languages with the same placeholders") {
    const Texts texts;
    const auto& english = texts.sentences(app::InterfaceLanguage::english);
    const auto& russian = texts.sentences(app::InterfaceLanguage::russian);
    CHECK(english.size() == russian.size());
    for (const auto& [key, sentence] : english) {
        CAPTURE(key);
        REQUIRE(russian.contains(key));
        CHECK(placeholders(sentence) == placeholders(russian.at(key)));
    }
}

TEST_CASE("every key that the sources use has a sentence") {
    const Texts texts;
    const auto& sentences = texts.sentences(app::InterfaceLanguage::english);
    int used = 0;
    for (const char* folder : {"app", "gui", "collector", "store"}) {
        const std::filesystem::path root = std::string(FIELDFARE_SOURCE_DIR "/client/") + folder;
        if (!std::filesystem::exists(root)) continue;
        for (const auto& file : std::filesystem::directory_iterator(root)) {
            for (const std::string& key : between(contents(file.path()), '"', '"')) {
                if (!is_key(key) || key == "first_run.path") continue;
                CAPTURE(file.path().filename().string());
                CAPTURE(key);
                ++used;
                CHECK(sentences.contains(key));
            }
        }
    }
    CHECK(used > 100);
}

TEST_CASE("where nobody knows whether a disk is encrypted, no warning says that it is not") {
    const Texts texts;
    const auto says = [&](app::InterfaceLanguage language, const char* key, std::string_view words) {
        return texts.get(language, {key, {}}).find(words) != std::string::npos;
    };
    for (const char* key : {"app.keys_may_be_swapped", "app.memory_may_be_hibernated"}) {
        CHECK(says(app::InterfaceLanguage::english, key, "not known to be encrypted"));
        CHECK(says(app::InterfaceLanguage::russian, key, "неизвестно, зашифрован ли"));
    }
}

TEST_CASE("what fills a placeholder is not read as a placeholder") {
    const Texts texts;
    CHECK(texts.get(app::InterfaceLanguage::english,
                    {"interview.instance", {{"label", "{count}"}, {"number", "1"}, {"count", "2"}}}) ==
          "{count} 1 of 2");
}

TEST_CASE("text and controls have the contrast that WCAG AA asks for") {
    struct Row {
        ImU32 front, back;
        double least;
    };
    const Row rows[] = {
        {colour::text, colour::card, 4.5},
        {colour::text, colour::ground, 4.5},
        {colour::text, colour::accent_tint, 4.5},
        {colour::text, colour::hover, 4.5},
        {colour::muted, colour::card, 4.5},
        {colour::muted, colour::ground, 4.5},
        {colour::muted, colour::hover, 4.5},
        {colour::muted, colour::accent_tint, 4.5},
        {colour::accent, colour::card, 4.5},
        {colour::accent, colour::ground, 4.5},
        {colour::accent, colour::accent_tint, 4.5},
        {colour::accent_dark, colour::accent_tint, 4.5},
        {colour::on_accent, colour::accent, 4.5},
        {colour::on_accent, colour::error, 4.5},
        {colour::error, colour::error_tint, 4.5},
        {colour::error, colour::card, 4.5},
        {colour::good, colour::good_tint, 4.5},
        {colour::good, colour::card, 4.5},
        {colour::warn, colour::warn_tint, 4.5},
        {colour::warn, colour::card, 4.5},
        {colour::on_disabled, colour::disabled, 4.5},
        {colour::edge, colour::card, 3.0},
        {colour::edge, colour::ground, 3.0},
    };
    for (const Row& row : rows) {
        CAPTURE(row.front);
        CAPTURE(row.back);
        CHECK(contrast(row.front, row.back) >= row.least);
    }
}

TEST_CASE("no button text is wider than its button, in either language and at every text size") {
    for (const auto language : {app::InterfaceLanguage::english, app::InterfaceLanguage::russian}) {
        for (const auto size : {app::TextSize::normal, app::TextSize::large, app::TextSize::larger}) {
            Screen ui(app::test::bundled_form());
            ui.state.preferences = {language, size};
            const auto fits = [&] {
                ui.show();
                for (const Widget& widget : ui.tree()) {
                    CAPTURE(widget.label);
                    CHECK_FALSE(widget.clipped);
                    CHECK(widget.rect.left >= 0);
                    if (widget.role == Role::button) CHECK(widget.rect.right <= 1024);
                }
            };
            ui.act(app::ProfileMissing{});
            fits();
            ui.act(app::ChoosePackage{"/media/usb/visit.ffstudy"});
            fits();
            ui.act(app::ConfirmPackage{});
            fits();
            ui.act(app::ChoosePassphrase{app::Passphrase(ui.worker.passphrase)});
            fits();
            ui.act(app::RepeatPassphrase{app::Passphrase(ui.worker.passphrase)});
            fits();
            ui.act(app::FinishFirstRun{});
            ui.act(app::StartInterview{});
            ui.act(app::SetFormLanguage{language == app::InterfaceLanguage::russian ? 1U : 0U});
            fits();
            ui.pick("consent_part", "yes");
            ui.act(app::NextStep{});
            fits();
            ui.act(app::ShowReview{});
            fits();
            ui.act(app::ShowHome{});
            fits();
            ui.act(app::AskDelete{ui.session().drafts.front().id});
            fits();
            ui.act(app::ShowSync{});
            fits();
            ui.act(app::ChooseHandingOver{app::HandingOver::by_itself});
            ui.worker.holds_passes = true;
            ui.act(app::BeginSync{});
            ui.act(app::SyncProgress{{{"0123456789abcdef", 700'000, 300'000, app::FileState::sending, {}}},
                                     {.files = 120, .done = 17, .taken = 16, .bytes = 9, .bytes_sent = 3}});
            fits();
            ui.act(app::ShowHome{});
            fits();
            ui.act(app::ShowSync{});
            ui.act(app::CancelSync{});
            fits();
            ui.act(app::ShowSettings{});
            fits();
            ui.act(app::Lock{});
            fits();
        }
    }
}

TEST_CASE("soft line ends come and go without touching the text") {
    struct Row {
        const char *typed, *edited;
    };
    const Row rows[] = {
        {"", ""},
        {"short", "short"},
        {"one two three", "one two \nthree"},
        {"a\nb", "a\xE2\x80\x8B\nb"},
        {"\n\n", "\xE2\x80\x8B\n\xE2\x80\x8B\n"},
        {"abcdefghijklm", "abcdefgh\nijklm"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.typed);
        CHECK(soft_wrap::wrapped(row.typed, every_eight) == row.edited);
        CHECK(soft_wrap::unwrapped(row.edited) == row.typed);
    }
}

TEST_CASE("every letter of the languages of the field has a glyph") {
    Screen ui;
    ui.act(app::ProfileMissing{});
    ui.show();
    const ImWchar letters[] = {0x0416, 0x0451, 0x04D8, 0x04A3, 0x04B1, 0x0493, 0x049B,
                               0x04E9,                                          // Russian, Kazakh
                               0x10E5, 0x10D0, 0x1C90, 0x0540, 0x0561, 0x0587,  // Georgian, Armenian
                               0x0161, 0x0111, 0x02BB, 0x00FC, 0x20AC, 0x2026, 0x200B};
    for (ImFont* font : {ui.scratch().fonts.regular, ui.scratch().fonts.bold}) {
        for (const ImWchar letter : letters) {
            CAPTURE(static_cast<unsigned>(letter));
            CHECK(font->GetFontBaked(19)->FindGlyphNoFallback(letter) != nullptr);
        }
    }
}

TEST_CASE(
    "of an edit that makes a text too long its last characters go, and nothing of what stood there before") {
    using soft_wrap::shortened;
    using soft_wrap::Text;
    CHECK(shortened({"abcdef", 6}, "abc", 4) == Text{"abcd", 4});
    CHECK(shortened({"abXYc", 4}, "abc", 4) == Text{"abXc", 3});
    CHECK(shortened({"abXYc", 4}, "abc", 5) == Text{"abXYc", 4});
    CHECK(shortened({"abcdeX", 6}, "abcde", 3) == Text{"abcde", 5});  // it was too long before
    CHECK(shortened({"abcd", 4}, "abcde", 3) == Text{"abcd", 4});
    CHECK(shortened({"ab \ncd", 6}, "ab ", 4) == Text{"ab c", 4});  // a soft line end is no character
    CHECK(shortened({"ж\u200B\nжж", 10}, "ж", 3) == Text{"ж\u200Bж", 7});
    // In bytes of the answer, a typed line end being one and no letter cut in two.
    CHECK(shortened({"жжж", 6}, "", 9, 5) == Text{"жж", 4});
    CHECK(shortened({"ж\u200B\nж", 8}, "", 9, 5) == Text{"ж\u200Bж", 7});
    CHECK(shortened({"ж\u200B\nж", 8}, "", 9, 4) == Text{"ж\u200B", 5});
    CHECK(shortened({"aжb", 3}, "ab", 9, 2) == Text{"ab", 1});
    CHECK(shortened({"abcdX", 5}, "abcd", 9, 2) == Text{"abcd", 4});  // it was too long before
}
