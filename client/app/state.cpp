#include "client/app/state.h"

#include <algorithm>

namespace fieldfare::app {

void leave_home(Session& session) {
    session.just_finalised = false;
    session.news = {};
}

Openness openness(const AppState& state) {
    const auto* session = std::get_if<Session>(&state.stage);
    if (!session) return Openness::locked;
    return session->open ? Openness::interview : Openness::unlocked;
}

InterfaceLanguage interface_language(const AppState& state) {
    const auto* session = std::get_if<Session>(&state.stage);
    if (session && session->open &&
        (session->place == Place::interview || session->place == Place::review ||
         session->place == Place::withdrawal)) {
        const auto& languages = session->open->interview.form().form().languages;
        if (session->open->language < languages.size()) {
            const std::string& code = languages[session->open->language].code;
            if (code == "en") return InterfaceLanguage::english;
            if (code == "ru") return InterfaceLanguage::russian;
        }
    }
    if (session && !session->open && session->place == Place::withdrawal) return session->spoken;
    return state.preferences.language;
}

int seconds_to_wait(const Locked& locked, std::int64_t tick_ms) {
    return static_cast<int>((std::max<std::int64_t>(locked.waits_until_ms - tick_ms, 0) + 999) / 1000);
}

}  // namespace fieldfare::app
