#include "client/collector/preferences.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

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
    const std::filesystem::path target = profile / file_name;
    const std::filesystem::path temporary = profile / (std::string(file_name) + ".new");
    const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return false;
    const bool written =
        write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
    const bool closed = close(file) == 0;
    if (written && closed && std::rename(temporary.c_str(), target.c_str()) == 0) return true;
    unlink(temporary.c_str());
    return false;
}

}  // namespace fieldfare::collector
