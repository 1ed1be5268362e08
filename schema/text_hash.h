#pragma once

#include <functional>
#include <string_view>

namespace fieldfare::schema {

/// For unordered maps whose keys are strings and are looked up by views: beside std::equal_to<>.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

}  // namespace fieldfare::schema
