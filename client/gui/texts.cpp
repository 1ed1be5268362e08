#include "client/gui/texts.h"

#include <algorithm>

namespace fieldfare::gui {

extern const std::string_view texts_en;  // generated from assets/texts
extern const std::string_view texts_ru;

namespace {

Texts::Sentences parse(std::string_view file) {
    Texts::Sentences sentences;
    while (!file.empty()) {
        const std::size_t end = std::min(file.find('\n'), file.size());
        const std::string_view line = file.substr(0, end);
        file.remove_prefix(std::min(end + 1, file.size()));
        const std::size_t equals = line.find(" = ");
        if (!line.starts_with('#') && equals != std::string_view::npos) {
            sentences.emplace(line.substr(0, equals), line.substr(equals + 3));
        }
    }
    return sentences;
}

}  // namespace

Texts::Texts() : english_(parse(texts_en)), russian_(parse(texts_ru)) {}

const Texts::Sentences& Texts::sentences(app::InterfaceLanguage language) const {
    return language == app::InterfaceLanguage::russian ? russian_ : english_;
}

std::string Texts::get(app::InterfaceLanguage language, const app::Message& message) const {
    const Sentences& all = sentences(language);
    const auto found = all.find(message.key);
    if (found == all.end()) {
        return message.key;
    }
    // One pass over the sentence, so that what is filled in is never read as a placeholder itself.
    std::string filled;
    std::string_view rest = found->second;
    while (!rest.empty()) {
        const std::size_t open = rest.find('{');
        const std::size_t close = open == std::string_view::npos ? open : rest.find('}', open);
        if (close == std::string_view::npos) {
            filled += rest;
            break;
        }
        filled += rest.substr(0, open);
        const std::string_view name = rest.substr(open + 1, close - open - 1);
        const auto argument =
            std::ranges::find_if(message.arguments, [&](const auto& a) { return a.first == name; });
        filled += argument == message.arguments.end() ? rest.substr(open, close - open + 1)
                                                      : std::string_view(argument->second);
        rest.remove_prefix(close + 1);
    }
    return filled;
}

}  // namespace fieldfare::gui
