#include "crypto/label_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace fieldfare::crypto {

bool label_text_allowed(std::string_view text) {
    if (text.size() > max_label_text) return false;
    // The shortest form is the only one: what each length may hold at least.
    constexpr std::array<std::uint32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        const std::size_t length = lead < 0x80       ? 1
                                   : lead >> 5 == 6  ? 2
                                   : lead >> 4 == 14 ? 3
                                   : lead >> 3 == 30 ? 4
                                                     : 0;
        if (length == 0 || length > text.size() - i) return false;
        std::uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<std::uint8_t>(text[i + k]);
            if (next >> 6 != 2) return false;
            point = point << 6 | (next & 0x3fU);
        }
        const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
        const bool surrogate = point >= 0xd800 && point < 0xe000;
        // Marks that turn the direction of what follows: a label could be made to read as another.
        const bool direction = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
        if (point < smallest[length] || point > 0x10ffff || control || surrogate || direction) return false;
        i += length;
    }
    return true;
}

}  // namespace fieldfare::crypto
