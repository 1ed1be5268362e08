#include "client/collector/preferences.h"

#include <fstream>
#include <string>
#include <system_error>

#include "client/collector/small_file.h"

namespace fieldfare::collector {
namespace {

constexpr const char* file_name = "preferences";

}  // namespace

app::Preferences read_preferences(const std::filesystem::path& profile) {
    app::Preferences preferences;
    std::ifstream file(profile / file_name);
    std::string line;
    while (std::getline(file, line)) {
        if (line == "language=russian") preferences.language = app::InterfaceLanguage::russian;
        if (line == "text_size=large") preferences.text_size = app::TextSize::large;
        if (line == "text_size=larger") preferences.text_size = app::TextSize::larger;
        if (line == "handing_over=by_itself") preferences.handing_over = app::HandingOver::by_itself;
    }
    return preferences;
}

bool write_preferences(const std::filesystem::path& profile, const app::Preferences& preferences) {
    std::string text =
        preferences.language == app::InterfaceLanguage::russian ? "language=russian\n" : "language=english\n";
    switch (preferences.text_size) {
        case app::TextSize::normal:
            text += "text_size=normal\n";
            break;
        case app::TextSize::large:
            text += "text_size=large\n";
            break;
        case app::TextSize::larger:
            text += "text_size=larger\n";
            break;
    }
    if (preferences.handing_over == app::HandingOver::by_itself) text += "handing_over=by_itself\n";
    if (write_small_file(profile / file_name, text)) return true;
    // Off must be off, also on a full disk: what is not there counts as off.
    std::error_code ignored;
    if (preferences.handing_over == app::HandingOver::when_asked)
        std::filesystem::remove(profile / file_name, ignored);
    return false;
}

}  // namespace fieldfare::collector
