#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/app/message.h"

namespace fieldfare::gui {

/// The program's own sentences, in the languages that it speaks (assets/texts, compiled in). Made once, then
/// only read.
class Texts {
  public:
    Texts();

    /// The sentence with its {placeholders} filled in. An unknown key comes back as it is: a test holds that
    /// no key in the sources is unknown.
    std::string get(app::InterfaceLanguage language, const app::Message& message) const;

    using Sentences = std::map<std::string, std::string, std::less<>>;
    const Sentences& sentences(app::InterfaceLanguage language) const;

  private:
    Sentences english_, russian_;
};

}  // namespace fieldfare::gui
