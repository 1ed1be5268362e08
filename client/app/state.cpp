#include "client/app/state.h"

namespace fieldfare::app {

void leave_home(Session& session) {
    session.just_finalised = false;
    session.news = {};
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

}  // namespace fieldfare::app
