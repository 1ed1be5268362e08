#include "client/app/state.h"

#include <algorithm>

namespace fieldfare::app {

void leave_home(Session& session) {
    session.just_finalised = session.code_of_before = false;
    session.news = session.found = {};
}

Openness openness(const AppState& state) {
    const auto* session = std::get_if<Session>(&state.stage);
    if (!session) return Openness::locked;
    return session->open ? Openness::interview : Openness::unlocked;
}

namespace {

/// The form's language, when the program speaks it.
std::optional<InterfaceLanguage> spoken(const schema::Form& form, std::size_t language) {
    if (language >= form.languages.size()) return std::nullopt;
    const std::string& code = form.languages[language].code;
    if (code == "en") return InterfaceLanguage::english;
    if (code == "ru") return InterfaceLanguage::russian;
    return std::nullopt;
}

}  // namespace

InterfaceLanguage interface_language(const AppState& state) {
    const auto* session = std::get_if<Session>(&state.stage);
    if (session && session->kiosk) {
        if (session->kiosk->door || !session->form) return state.preferences.language;  // staff read this
        const std::size_t language = session->open ? session->open->language : session->kiosk->language;
        return spoken(session->form->form(), language).value_or(state.preferences.language);
    }
    if (session && session->open &&
        (session->place == Place::interview || session->place == Place::review ||
         session->place == Place::withdrawal)) {
        if (const auto language = spoken(session->open->interview.form().form(), session->open->language))
            return *language;
    }
    if (session && !session->open && session->place == Place::withdrawal) return session->spoken;
    return state.preferences.language;
}

int seconds_until(std::int64_t then_ms, std::int64_t tick_ms) {
    return static_cast<int>((std::max<std::int64_t>(then_ms - tick_ms, 0) + 999) / 1000);
}

int seconds_to_wait(const Locked& locked, std::int64_t tick_ms) {
    return seconds_until(locked.waits_until_ms, tick_ms);
}

}  // namespace fieldfare::app
