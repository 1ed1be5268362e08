#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldfare::app {

/// A sentence for the person, not yet in a language: a key of assets/texts/*.txt and what stands in its
/// {placeholders}. Never carries an answer or a secret. The empty key means: nothing to say.
struct Message {
    std::string key;
    std::vector<std::pair<std::string, std::string>> arguments;

    bool empty() const { return key.empty(); }
    bool operator==(const Message&) const = default;
};

/// Languages that the program itself speaks. The form's own languages are another matter.
enum class InterfaceLanguage { english, russian };

}  // namespace fieldfare::app
